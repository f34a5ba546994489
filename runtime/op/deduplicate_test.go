package op_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

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

// quietNode is dedupNode of the last row where nobody needs -U.
func quietNode(proctime bool) *plan.Deduplicate {
	n := dedupNode(true, proctime)
	n.UpdateBefore = false
	return n
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
	got, err := optest.Run(dedupNode(true, false), plan.Config{}, script, 1000)
	if want := "+I b, 4, 00:00:03\n+I a, 3, 00:00:05"; err != nil || lines(got.Out) != want {
		t.Errorf("merged: %v\n%s", err, got.Out)
	}
}

// withoutBefore leaves -U out of what an operator gave.
func withoutBefore(out string) string {
	var rest []string
	for line := range strings.Lines(out) {
		if !strings.HasPrefix(line, "-U") {
			rest = append(rest, line)
		}
	}
	return strings.Join(rest, "")
}

// TestLastRowWithoutBefore: where nobody needs -U, by processing time too, the other changes are the same in the same order, with and without a
// lifetime that ends, and after restores.
func TestLastRowWithoutBefore(t *testing.T) {
	for _, proctime := range []bool{false, true} {
		for _, ttl := range []time.Duration{0, 10 * time.Second} {
			t.Run(fmt.Sprintf("processing time %v, lifetime %v", proctime, ttl), func(t *testing.T) {
				for seed := range uint64(3) {
					script := lastRowScript(rand.New(rand.NewPCG(seed, 5)))
					for _, batch := range []int{1, 7, 1000} {
						for _, row := range []bool{false, true} {
							cfg := plan.Config{RowByRow: row, StateTTL: ttl}
							sameWithoutBefore(t, proctime, cfg, script, batch)
						}
					}
					resume(t, quietNode(proctime), plan.Config{StateTTL: ttl}, someBarriers(script))
				}
			})
		}
	}
}

// lastRowScript has few keys, values and times, so that rows tie and repeat, and a clock that moves by steps of four seconds, so that no row comes less than two before
// or after the end of a lifetime of ten.
func lastRowScript(r *rand.Rand) string {
	var script strings.Builder
	clock := 0
	for range 600 {
		fmt.Fprintf(&script, "k%d, %d, %s\n", r.IntN(9), r.IntN(2), optest.Moment(int64(1000*r.IntN(4))))
		if r.IntN(20) == 0 {
			clock += 4000 * (1 + r.IntN(3))
			fmt.Fprintf(&script, "clock %s\n", optest.Moment(int64(clock)))
		}
	}
	return script.String()
}

func sameWithoutBefore(t *testing.T, proctime bool, cfg plan.Config, script string, batch int) {
	t.Helper()
	all, err := optest.Run(dedupNode(true, proctime), cfg, script, batch)
	if err != nil {
		t.Fatal(err)
	}
	quiet, err := optest.Run(quietNode(proctime), cfg, script, batch)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := quiet.Out, withoutBefore(all.Out); got != want || !strings.Contains(got, "+U") || got == all.Out {
		t.Fatalf("batches of %d, %+v: got\n%s\nwant\n%s", batch, cfg, got, want)
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
