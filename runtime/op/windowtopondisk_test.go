package op_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/weirstream/weir/runtime/op/optest"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// TestWindowTopNOnDisk compares partitions of windows that are moved to disk with such in memory: rows come out of order, some late, in windows of which several are open.
func TestWindowTopNOnDisk(t *testing.T) {
	la, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	local := windowTopNode(1, 2, true, false)
	local.Window.Local = true
	for name, n := range map[string]*plan.WindowTopN{
		"ranks": windowTopNode(2, 3, true, false), "first": windowTopNode(1, 1, false, false), "newest": windowTopNode(1, 1, false, true), "local": local,
	} {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(2) {
				shift := int64(0)
				if n.Window.Local {
					shift = -8 * 3600 * second
				}
				want := compareOnDisk(t, windowTopSteps(rand.New(rand.NewPCG(seed, 5)), shift), func(memory int64, dir string) *windowJob {
					j := openWindows(t, n, false, memory, dir, la)
					j.out.end = 3
					j.out.clock = n.Window.Local // ends are not instants then
					return j
				})
				if want.late == 0 || len(want.rows) == 0 {
					t.Errorf("%d rows are late, %d come out", want.late, len(want.rows))
				}
			}
		})
	}
}

// windowTopSteps are rows of many keys in windows of 5 s that overlap, watermarks, the clock, and barriers. Window time is shifted from that of watermarks.
func windowTopSteps(r *rand.Rand, shift int64) []func(j *windowJob) error {
	bound := types.TimestampOf(3).WithoutNull()
	in := vec.Schema{{Name: "k", Type: types.String()}, {Name: "v", Type: bigint()}, {Name: "s", Type: bound}, {Name: "e", Type: bound}}
	steps := windowSteps{r: r}
	now := int64(30*86_400+20) * second
	for range 250 {
		b := vec.NewBatch(in)
		for range 1 + r.IntN(80) {
			key := r.IntN(1500)
			if r.IntN(4) == 0 {
				key = r.IntN(20)
			}
			end := (now-r.Int64N(9000))/1000*1000 + 1000*r.Int64N(6)
			b.Cols[0].AppendString(fmt.Sprint("key ", key))
			vec.Append(b.Cols[1], r.Int64N(50))
			vec.Append(b.Cols[2], end+shift-5000)
			vec.Append(b.Cols[3], end+shift)
			b.SetLen(b.Len() + 1)
		}
		now += r.Int64N(400)
		steps.batch(b, now, 3)
	}
	return steps.finish()
}

// TestWindowTopNResumesOnDisk restores partitions of windows on disk at other parallelisms.
func TestWindowTopNResumesOnDisk(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 9))
	var script strings.Builder
	now := int64(20_000)
	for v := range 600 {
		end := now/1000*1000 + 1000*r.Int64N(6)
		fmt.Fprintf(&script, "key %d, %d, %s, %s\n", r.IntN(200), v%40, optest.Moment(end-5000), optest.Moment(end))
		now += r.Int64N(60)
		if r.IntN(50) == 0 {
			fmt.Fprintf(&script, "watermark %s\n", optest.Moment(now-3000))
		}
	}
	for _, memory := range []int64{2, 16 << 10} {
		optest.ResumeBounded(t, windowTopNode(1, 2, true, false), plan.Config{}, someBarriers(script.String()), 20, []int{2, 3, 0}, memory)
	}
}
