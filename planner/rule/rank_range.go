package rule

import (
	"math"
	"slices"

	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/expr"
)

// filterRanks takes the conditions on a rank's number into it: WHERE rn <= 10 bounds what is
// kept. Only numbers that are compared with constants count.
func filterRanks(_ *Context, n logical.Node) (logical.Node, error) {
	f, ok := n.(*logical.Filter)
	if !ok {
		return nil, nil
	}
	r, ok := f.Input.(*logical.Rank)
	if !ok || !r.Number {
		return nil, nil
	}
	s := r.RankSpec
	number := len(r.Input.Schema())
	var rest []expr.Expr
	to := s.To
	if to == 0 {
		to = math.MaxInt64
	}
	conds := expr.Conjuncts(f.Cond)
	for _, c := range conds {
		lo, hi, ok := numberRange(c, number)
		if !ok {
			rest = append(rest, c)
			continue
		}
		s.From, to = max(s.From, lo), min(to, hi)
	}
	switch {
	case len(rest) == len(conds):
		return nil, nil
	case to < s.From:
		return logical.NewValues(plain(f.Schema()), nil), nil
	}
	if s.To = to; to == math.MaxInt64 {
		s.To = 0
	}
	return filter(logical.NewRank(r.Input, s), expr.And(rest)), nil
}

var mirrored = map[string]string{"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "="}

// numberRange reads a comparison of a column with a constant as the numbers for which it holds.
func numberRange(x expr.Expr, column int) (lo, hi int64, ok bool) {
	c, isCall := x.(*expr.Call)
	if !isCall || len(c.Args) != 2 {
		return 0, 0, false
	}
	op := c.Fn.Name
	if mirrored[op] == "" {
		return 0, 0, false
	}
	col, lit := c.Args[0], c.Args[1]
	if _, first := col.(*expr.Literal); first {
		col, lit, op = lit, col, mirrored[op]
	}
	ref, isColumn := col.(*expr.Column)
	l, isLiteral := lit.(*expr.Literal)
	if !isColumn || !isLiteral || ref.Index != column {
		return 0, 0, false
	}
	v, isInt := l.Value.(int64)
	if !isInt || v == math.MinInt64 || v == math.MaxInt64 {
		return 0, 0, false
	}
	switch op {
	case "<":
		return math.MinInt64, v - 1, true
	case "<=":
		return math.MinInt64, v, true
	case ">":
		return v + 1, math.MaxInt64, true
	case ">=":
		return v, math.MaxInt64, true
	}
	return v, v, true
}

// pushFilterThroughRank filters whole partitions before they are ranked: conditions on the partition's
// columns alone.
func pushFilterThroughRank(_ *Context, n logical.Node) (logical.Node, error) {
	f, ok := n.(*logical.Filter)
	if !ok {
		return nil, nil
	}
	r, ok := f.Input.(*logical.Rank)
	if !ok {
		return nil, nil
	}
	below, above := split(f.Cond, func(c int) bool { return slices.Contains(r.Partition, c) })
	if below == nil {
		return nil, nil
	}
	return filter(logical.NewRank(logical.NewFilter(r.Input, below), r.RankSpec), above), nil
}
