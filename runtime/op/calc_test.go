package op_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/runtime/op/optest"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/udf"
)

// TestCalc gives what a filter and a projection do, whether all rows of a batch pass, some or few.
func TestCalc(t *testing.T) {
	in := vec.Schema{{Name: "k", Type: types.String()}, {Name: "v", Type: bigint()}}
	v := &expr.Column{Index: 1, Name: "v", T: bigint()}
	call := func(name string, args ...expr.Expr) expr.Expr {
		e, err := expr.NewCall(udf.Builtins(), name, args, diag.Span{})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	number := func(n int64) expr.Expr { return expr.NewLiteral(n, bigint(), diag.Span{}) }
	double := call("*", v, number(2))
	for _, least := range []int64{-1, 30, 110, 1000} {
		cond := call(">", double, number(least))
		exprs := []expr.Expr{double, &expr.Column{Index: 0, Name: "k", T: types.String()}, call("+", double, number(1))}
		out := vec.Schema{{Name: "d", Type: bigint()}, in[0], {Name: "e", Type: bigint()}}

		filter := &plan.Filter{Props: plan.Props{Schema: in}, Input: optest.Input(in), Cond: cond}
		project := &plan.Project{Props: plan.Props{Schema: out}, Input: filter, Exprs: exprs}
		calc := &plan.Calc{Props: plan.Props{Schema: out}, Input: optest.Input(in), Cond: cond, Exprs: exprs}
		var script strings.Builder
		for i := range 60 {
			script.WriteString([]string{"+I", "-U", "+U", "-D"}[i%4] + " k" + strconv.Itoa(i) + ", " + strconv.Itoa(i) + "\n")
		}
		for _, batch := range []int{1, 7, 60} {
			passed, err := optest.Run(filter, plan.Config{}, script.String(), batch)
			if err != nil {
				t.Fatal(err)
			}
			want, err := optest.Run(project, plan.Config{}, passed.Out, batch)
			if err != nil {
				t.Fatal(err)
			}
			got, err := optest.Run(calc, plan.Config{}, script.String(), batch)
			if err != nil || got.Out != want.Out {
				t.Errorf("2v > %d, batches of %d: %v\n%s\nwant\n%s", least, batch, err, got.Out, want.Out)
			}
		}
	}
}
