package op_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/runtime/op/optest"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// median is a call of PERCENTILE.
func median(t testing.TB, in vec.Schema, arg int) agg.Call {
	t.Helper()
	fn, err := agg.Builtins().Lookup("PERCENTILE").With([]any{0.5})
	if err != nil {
		t.Fatal(err)
	}
	return callOf(t, in, fn, arg)
}

// valuesOf is changes, with values of a type.
func valuesOf(t types.Type) vec.Schema {
	in := changes()
	in[1].Type = t
	return in
}

// TestListsOnDiskRandom has groups with calls that keep all of their values come and go, some with very many values: they move to disk with all of these, beside values of DISTINCT
// that move by themselves, and all is as it is where everything is in memory.
func TestListsOnDiskRandom(t *testing.T) {
	numbers, texts, arrays := valuesOf(types.New(types.Double)), valuesOf(types.String()), valuesOf(types.ArrayOf(bigint()))
	many := []agg.Call{
		call(t, numbers, "COUNT"), call(t, numbers, "MAX", 1), filtered(call(t, numbers, "MIN", 1), 2), call(t, numbers, "ARRAY_AGG", 1),
		call(t, numbers, "COLLECT", 1), call(t, numbers, "LAST_VALUE", 1),
	}
	ranks := []agg.Call{median(t, numbers, 1), filtered(median(t, numbers, 1), 2)} // which mean nothing while more is taken back than was there
	for _, c := range []struct {
		name    string
		in      vec.Schema
		calls   []agg.Call
		retract bool
		strays  bool
		ttl     time.Duration
	}{
		{"inserts", numbers, many, false, false, 0},
		{"inserts with a lifetime", numbers, many, false, false, 10 * time.Second},
		{"changes", numbers, many, true, true, 0},
		{"changes with a lifetime", numbers, many, true, true, 10 * time.Second},
		{"changes, with DISTINCT", numbers, append(many[1:3:3], distinct(call(t, numbers, "COUNT", 1)), distinct(call(t, numbers, "ARRAY_AGG", 1))), true, true, 0},
		{"inserts with DISTINCT and a lifetime", numbers, append(ranks[:1:1], many[3], distinct(call(t, numbers, "SUM", 1))), false, false, 10 * time.Second},
		{"changes of ranks", numbers, ranks, true, false, 0},
		{"texts", texts, []agg.Call{call(t, texts, "LISTAGG", 1), call(t, texts, "MIN", 1)}, false, false, 0},
		{"changes of texts", texts, []agg.Call{call(t, texts, "LISTAGG", 1), call(t, texts, "MIN", 1)}, true, true, 0},
		{"arrays", arrays, []agg.Call{call(t, arrays, "ARRAY_AGG", 1), call(t, arrays, "FIRST_VALUE", 1)}, false, false, 0},
	} {
		for seed, memory := range []int64{2, 60_000} {
			t.Run(fmt.Sprintf("%s, %d bytes", c.name, memory), func(t *testing.T) {
				n := groupNode(c.in, []int{0}, c.calls...)
				n.InputRetract = c.retract
				optest.ResumeBounded(t, n, plan.Config{StateTTL: c.ttl, RowByRow: true}, distinctScript(uint64(seed), c.retract, c.strays), 16, []int{0}, memory)
			})
		}
	}
}
