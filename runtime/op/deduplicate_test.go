package op_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/weirstream/weir/runtime/op/optest"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

func dedupNode(last, proctime bool) *plan.Deduplicate {
	in := vec.Schema{{Name: "k", Type: types.String()}, {Name: "v", Type: bigint()}, {Name: "ts", Type: types.TimestampOf(3)}}
	return &plan.Deduplicate{
		Props: plan.Props{Schema: in}, Input: optest.Input(in), Keys: []int{0}, TimeCol: 2, Last: last, ProcTime: proctime, UpdateBefore: true,
	}
}

func TestFirstRow(t *testing.T) {
	check(t, dedupNode(false, false), plan.Config{}, `
		a, 1, 00:00:05
		a, 2, 00:00:04
		a, 3, 00:00:04
		b, 4, 00:00:03
		watermark 00:00:04
		# late, and too late for its key
		c, 5, 00:00:03
		a, 6, 00:00:01
		# at the watermark: in time
		c, 7, 00:00:04
		d, 8, 00:00:09
		d, 9, 00:00:08
		watermark 00:00:08
		d, 10, 00:00:09`, `
		+I b, 4, 00:00:03
		+I a, 2, 00:00:04
		watermark 00:00:04
		+I c, 7, 00:00:04
		+I d, 9, 00:00:08
		watermark 00:00:08`, 1)
}

func TestFirstArrival(t *testing.T) {
	check(t, dedupNode(false, true), plan.Config{}, "a, 1, 00:00:05\nb, 1, 00:00:01\na, 2, 00:00:04\nNULL, 3, 00:00:04\nb, 4, 00:00:09\nNULL, 5, 00:00:09",
		"+I a, 1, 00:00:05\n+I b, 1, 00:00:01\n+I NULL, 3, 00:00:04", 0)
}

func TestLastRow(t *testing.T) {
	script := `
		a, 1, 00:00:05
		a, 2, 00:00:04
		a, 3, 00:00:05
		b, 4, 00:00:03
		a, 3, 00:00:05`
	check(t, dedupNode(true, false), rowByRow(), script, `
		+I a, 1, 00:00:05
		-U a, 1, 00:00:05
		+U a, 3, 00:00:05
		+I b, 4, 00:00:03
		-U a, 3, 00:00:05
		+U a, 3, 00:00:05`, 0)
	check(t, dedupNode(true, true), rowByRow(), script, `
		+I a, 1, 00:00:05
		-U a, 1, 00:00:05
		+U a, 2, 00:00:04
		-U a, 2, 00:00:04
		+U a, 3, 00:00:05
		+I b, 4, 00:00:03`, 0)
	quiet := dedupNode(true, false)
	quiet.UpdateBefore = false
	check(t, quiet, rowByRow(), "a, 1, 00:00:05\na, 2, 00:00:06", "+I a, 1, 00:00:05\n+U a, 2, 00:00:06", 0)
	got, err := optest.Run(dedupNode(true, false), plan.Config{}, script, 1000)
	if want := "+I b, 4, 00:00:03\n+I a, 3, 00:00:05"; err != nil || lines(got.Out) != want {
		t.Errorf("merged: %v\n%s", err, got.Out)
	}
}

// TestDeduplicateRandom compares with keeping the best row in a map.
func TestDeduplicateRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var script strings.Builder
	first, last := map[string][2]int{}, map[string][2]int{}
	wm := 0
	for v := range 2000 {
		k, ts := string(rune('a'+r.IntN(20))), wm+r.IntN(40)
		fmt.Fprintf(&script, "%s, %d, %s\n", k, v, optest.Moment(int64(ts)))
		if x, ok := last[k]; !ok || ts >= x[1] {
			last[k] = [2]int{v, ts}
		}
		if x, ok := first[k]; !ok || ts < x[1] && x[1] > wm {
			first[k] = [2]int{v, ts}
		}
		if r.IntN(50) == 0 {
			wm += r.IntN(20) + 1
			fmt.Fprintf(&script, "watermark %s\n", optest.Moment(int64(wm)))
		}
	}
	for name, c := range map[string]struct {
		node *plan.Deduplicate
		want map[string][2]int
	}{"first": {dedupNode(false, false), first}, "last": {dedupNode(true, false), last}} {
		var want []string
		for k, x := range c.want {
			want = append(want, fmt.Sprintf("%s, %d, %s", k, x[0], optest.Moment(int64(x[1]))))
		}
		slices.Sort(want)
		resume(t, c.node, plan.Config{}, someBarriers(script.String()))
		for _, batch := range []int{1, 7, 1000} {
			for _, cfg := range []plan.Config{{}, rowByRow(), {BatchSize: 3}} {
				got, err := optest.Run(c.node, cfg, script.String(), batch)
				if err != nil {
					t.Fatal(err)
				}
				if f := foldRows(t, got.Out); f != strings.Join(want, "\n") || got.Late != 0 {
					t.Fatalf("%s, batches of %d: %d late, got\n%s\nwant\n%s", name, batch, got.Late, f, strings.Join(want, "\n"))
				}
			}
		}
	}
}
