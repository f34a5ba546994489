package rule

import (
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/expr"
)

// constantRank writes the number of a Rank that gives just one as a constant, so that no operator has
// to.
func constantRank(_ *Context, n logical.Node) (logical.Node, error) {
	r, ok := n.(*logical.Rank)
	if !ok || !r.Number || r.From != r.To {
		return nil, nil
	}
	s := r.RankSpec
	s.Number = false
	out := logical.NewRank(r.Input, s)
	number := len(out.Schema())
	xs := append(identity(out), expr.NewLiteral(r.From, r.Schema()[number].Type, r.At))
	return logical.NewProject(out, xs, r.Schema().Names()), nil
}
