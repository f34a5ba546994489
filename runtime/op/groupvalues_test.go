package op_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/runtime/op/optest"
	"github.com/weirstream/weir/runtime/plan"
)

// TestDistinctOnDiskRandom has a few groups with very many values, and many groups with a few, with memory for next to none and for some, so that rows wait for their groups,
// for their values, and behind others of their group: all is as it is where everything is in memory, over inserts and over changes, some of which take back what was never
// there, with and without a lifetime, and where groups stay in memory.
func TestDistinctOnDiskRandom(t *testing.T) {
	in := changes()
	calls := []agg.Call{
		call(t, in, "COUNT"), distinct(call(t, in, "COUNT", 1)), filtered(distinct(call(t, in, "SUM", 1)), 2), distinct(call(t, in, "COUNT", 1, 2)),
	}
	for _, c := range []struct {
		name    string
		keys    []int
		calls   []agg.Call
		retract bool
		ttl     time.Duration
	}{
		{"inserts", []int{0}, calls, false, 0},
		{"inserts with a lifetime", []int{0}, calls, false, 10 * time.Second},
		{"changes", []int{0}, calls, true, 0},
		{"changes with a lifetime", []int{0}, calls, true, 10 * time.Second},
		{"inserts of one group", nil, calls, false, 0},
		{"changes of one group", nil, calls, true, 0},
		{"changes, with MAX", []int{0}, append(calls[:2:2], call(t, in, "MAX", 1)), true, 0},
	} {
		for _, memory := range []int64{2, 60_000} {
			for seed := range uint64(2) {
				t.Run(fmt.Sprintf("%s, %d bytes, %d", c.name, memory, seed), func(t *testing.T) {
					n := groupNode(in, c.keys, c.calls...)
					n.InputRetract = c.retract
					optest.ResumeBounded(t, n, plan.Config{StateTTL: c.ttl, RowByRow: true}, distinctScript(seed, c.retract, c.retract), 16, c.keys, memory)
				})
			}
		}
	}
}

// TestPackedOnDiskRandom is TestDistinctOnDiskRandom without checkpoints, where values are packed: with so little memory that they always move to disk, so much that they do at times, and so much that they stay.
func TestPackedOnDiskRandom(t *testing.T) {
	in := changes()
	calls := []agg.Call{call(t, in, "COUNT"), distinct(call(t, in, "COUNT", 1)), filtered(distinct(call(t, in, "SUM", 1)), 2)}
	for _, c := range []struct {
		name  string
		keys  []int
		calls []agg.Call
		ttl   time.Duration
	}{
		{"many groups", []int{0}, calls, 0},
		{"a lifetime", []int{0}, calls, 10 * time.Second},
		{"one group", nil, calls, 0},
		{"a set that is not packed", []int{0}, append(calls[:3:3], distinct(call(t, in, "COUNT", 1, 2))), 0},
	} {
		for _, memory := range []int64{2, 30_000, 100_000, 1 << 20} {
			for seed := range uint64(3) {
				t.Run(fmt.Sprintf("%s, %d bytes, %d", c.name, memory, seed), func(t *testing.T) {
					n := groupNode(in, c.keys, c.calls...)
					n.InputRetract = false
					optest.Bounded(t, n, plan.Config{StateTTL: c.ttl}, distinctScript(seed, false, false), 16, c.keys, memory)
				})
			}
		}
	}
}

// distinctScript has rows of two groups with many values, and of many with few; strays take back what may never have been there. The clock moves by steps of four seconds, so that no row comes less than two before or after
// the end of a lifetime of ten.
func distinctScript(seed uint64, retract, strays bool) string {
	rnd := rand.New(rand.NewPCG(seed, 9))
	var script strings.Builder
	var live []string
	clock := int64(0)
	for range 1500 {
		key, values := 2+rnd.IntN(300), 4
		if rnd.IntN(2) == 0 {
			key, values = rnd.IntN(2), 400
		}
		value := fmt.Sprint(rnd.IntN(values))
		if rnd.IntN(20) == 0 {
			value = "NULL"
		}
		row := fmt.Sprintf("key %d, %s, %t", key, value, rnd.IntN(3) > 0)
		switch {
		case strays && rnd.IntN(20) == 0:
			fmt.Fprintf(&script, "-D %s\n", row)
		case retract && len(live) > 0 && rnd.IntN(5) < 2:
			i := rnd.IntN(len(live))
			fmt.Fprintf(&script, "-D %s\n", live[i])
			live[i] = live[len(live)-1]
			live = live[:len(live)-1]
		default:
			fmt.Fprintln(&script, row)
			live = append(live, row)
		}
		switch rnd.IntN(200) {
		case 0, 1, 2:
			script.WriteString("barrier\n")
		case 3:
			clock += 4000 * (1 + rnd.Int64N(3))
			fmt.Fprintf(&script, "clock %s\n", optest.Moment(clock))
		}
	}
	return script.String()
}
