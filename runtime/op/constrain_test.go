package op_test

import (
	"strings"
	"testing"

	"github.com/weirstream/weir/runtime/op/optest"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

func TestConstrain(t *testing.T) {
	schema := vec.Schema{{Name: "id", Type: types.New(types.Int)}, {Name: "name", Type: types.String()}, {Name: "n", Type: types.New(types.Int)}}
	node := func(drop, deletes bool) *plan.Constrain {
		return &plan.Constrain{
			Props: plan.Props{Schema: schema, Rowtime: -1}, Input: optest.Input(schema), Table: "t", NotNull: []int{0, 1}, DropNulls: drop,
			BeforeAsDelete: deletes,
		}
	}
	const script = "+I 1, a, 1\n+I NULL, b, 1\n-U 1, a, NULL\n+U 1, NULL, 2\n-D 1, a, 2\n"
	for _, batch := range []int{1, 7} {
		r, err := optest.Run(node(true, true), plan.Config{}, script, batch)
		if want := "+I 1, a, 1\n-D 1, a, NULL\n-D 1, a, 2\n"; err != nil || r.Out != want {
			t.Errorf("batch %d: got %q, %v, want %q", batch, r.Out, err, want)
		}
		_, err = optest.Run(node(false, false), plan.Config{}, script, batch)
		if err == nil || !strings.Contains(err.Error(), "column 'id' of table 't' is NOT NULL") {
			t.Errorf("batch %d: a NULL passed: %v", batch, err)
		}
	}
}
