package op_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/weirstream/weir/runtime/op/optest"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/sql/types"
)

// changesOfMany is a script over many keys: rows of all of them, then few of some between barriers, so that a restore leaves most in the
// database up to the next one. retract says that rows are taken back too, third gives the third column. The clock moves by steps of four seconds, so
// that no row comes less than two before or after the end of a lifetime of ten or fifteen.
func changesOfMany(r *rand.Rand, retract bool, third func(r *rand.Rand, wm int) string) string {
	const keys, rounds = 400, 8
	var script strings.Builder
	var live []string
	clock, wm := 0, 0
	row := func(key int) {
		s := fmt.Sprintf("k%d, %d, %s", key, r.IntN(9), third(r, wm))
		fmt.Fprintln(&script, s)
		live = append(live, s)
	}
	for range 3 {
		for k := range keys {
			if r.IntN(3) > 0 {
				row(k)
			}
		}
		clock, wm = clock+4000, wm+1000
		fmt.Fprintf(&script, "clock %s\nwatermark %s\n", optest.Moment(int64(clock)), optest.Moment(int64(wm)))
	}
	for range rounds {
		fmt.Fprintln(&script, "barrier")
		some := []int{r.IntN(keys + 50), r.IntN(keys), r.IntN(keys)}
		for range r.IntN(12) {
			if n := len(live); retract && r.IntN(3) > 0 {
				i := r.IntN(n)
				fmt.Fprintf(&script, "-D %s\n", live[i])
				live[i] = live[n-1]
				live = live[:n-1]
				continue
			}
			row(some[r.IntN(len(some))])
		}
		switch r.IntN(4) {
		case 0, 1:
			clock += 4000 * (1 + r.IntN(3))
			fmt.Fprintf(&script, "clock %s\n", optest.Moment(int64(clock)))
		case 2:
			wm += r.IntN(1500)
			fmt.Fprintf(&script, "watermark %s\n", optest.Moment(int64(wm)))
		}
	}
	return script.String()
}

// TestRestoredKeysChange has most keys lie in the database when the next barrier comes, when they expire, and when their rows are taken back.
func TestRestoredKeysChange(t *testing.T) {
	letter := func(r *rand.Rand, _ int) string { return string(rune('p' + r.IntN(3))) }
	truth := func(r *rand.Rand, _ int) string { return fmt.Sprint(r.IntN(3) > 0) }
	null := func(*rand.Rand, int) string { return "NULL" }
	soon := func(r *rand.Rand, wm int) string { return optest.Moment(int64(wm + r.IntN(3000))) }
	in := changes()
	inserted := groupNode(in, []int{0}, call(t, in, "COUNT"), call(t, in, "MAX", 1))
	inserted.InputRetract = false
	timed := events(types.TimestampOf(3))
	first, second := []int{0}, []int{0, 1}
	for name, c := range map[string]struct {
		node    plan.Node
		keys    []int
		retract bool
		third   func(r *rand.Rand, wm int) string
	}{
		"groups":                   {inserted, first, false, truth},
		"groups of changes":        {groupNode(in, first, call(t, in, "COUNT"), call(t, in, "SUM", 1)), first, true, truth},
		"groups with tables":       {groupNode(in, first, call(t, in, "COUNT"), call(t, in, "MAX", 1)), first, true, truth},
		"DISTINCT":                 {groupNode(in, second), second, true, truth},
		"top-N":                    {topNode(1, 2, true, false, largest), first, false, letter},
		"top-N of changes":         {topNode(1, 2, true, true, largest), first, true, letter},
		"materialize":              {materialize(nil), first, true, null},
		"materialize by a row key": {materialize([]int{1}), first, true, null},
		"normalize":                {normalize(), first, true, null},
		"first row":                {dedupNode(false, false), first, false, soon},
		"first row by its arrival": {dedupNode(false, true), first, false, soon},
		"last row":                 {dedupNode(true, false), first, false, soon},
		"last row by its arrival":  {dedupNode(true, true), first, false, soon},
		"last row, its time":       {quietNode(false), first, false, soon},
		"last row, its key":        {quietNode(true), first, false, soon},
		"INTERSECT":                {setOperation(plan.Intersect, false), second, true, truth},
		"EXCEPT ALL":               {setOperation(plan.Except, true), second, true, truth},
		"OVER":                     {overNode(timed, plan.Frame{Preceding: plan.Unbounded}, call(t, timed, "COUNT"), call(t, timed, "SUM", 1)), first, false, soon},
		"OVER by rows":             {overNode(timed, plan.Frame{Rows: true, Preceding: plan.Unbounded}, call(t, timed, "COUNT"), call(t, timed, "MAX", 1)), first, false, soon},
		"OVER two rows":            {overNode(timed, plan.Frame{Rows: true, Preceding: 2}, call(t, timed, "SUM", 1)), first, false, soon},
		"OVER a range":             {overNode(timed, plan.Frame{Preceding: 1000}, call(t, timed, "SUM", 1)), first, false, soon},
	} {
		for _, ttl := range []time.Duration{0, 10 * time.Second} {
			t.Run(fmt.Sprintf("%s, lifetime %v", name, ttl), func(t *testing.T) {
				script := changesOfMany(rand.New(rand.NewPCG(1, 7)), c.retract, c.third)
				optest.Resume(t, c.node, plan.Config{RowByRow: true, StateTTL: ttl}, script, 3, c.keys)
			})
		}
	}
}
