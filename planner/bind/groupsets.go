package bind

import (
	"cmp"
	"math/bits"
	"slices"

	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

// keySet is a grouping set: bit i stands for key i.
type keySet uint64

// Bounds on what GROUP BY may expand to.
const (
	maxGroupingKeys = 60
	maxGroupingSets = 1024
)

// groupingSets are the sets of GROUPING SETS, ROLLUP and CUBE. Keys that some set leaves out are
// NULL in its groups; the set's number goes with the keys, so that a NULL of the data is another group. Of a set
// that is there several times each has its own groups: GROUP_ID tells them apart.
type groupingSets struct {
	sets    []keySet // the largest first, as their rows come
	varying []int    // keys that some set leaves out
	copies  bool     // a set is there several times
}

// groupingFunctions tell the groups of one set from those of another.
var groupingFunctions = []string{"GROUPING", "GROUPING_ID", "GROUP_ID"}

// bindKeys binds GROUP BY. A legacy group window adds its window columns to the input.
func (g *grouping) bindKeys(by *ast.GroupBy, list []item, in logical.Node) (logical.Node, error) {
	if by == nil {
		return in, nil
	}
	sets := []keySet{0}
	for i := range by.Items {
		it := &by.Items[i]
		var more []keySet
		var err error
		if it.Kind == "" {
			more = make([]keySet, 1)
			for _, set := range it.Sets {
				var keys keySet
				if keys, in, err = g.plainKeys(flatten(set), list, in); err != nil {
					return nil, err
				}
				more[0] |= keys
			}
		} else if more, err = g.itemSets(it, list); err != nil {
			return nil, err
		}
		if len(sets)*len(more) > maxGroupingSets {
			return nil, diag.Errorf(by.Span(), "GROUP BY expands to more than %d grouping sets", maxGroupingSets)
		}
		sets = product(sets, more)
	}
	if len(sets) == 1 {
		return in, nil
	}
	return in, g.setSets(sets, by)
}

// setSets notes the sets in the order in which their rows come.
func (g *grouping) setSets(sets []keySet, by *ast.GroupBy) error {
	if len(g.keys) > maxGroupingKeys {
		return diag.Errorf(by.Span(), "grouping sets of more than %d keys", maxGroupingKeys)
	}
	slices.SortFunc(sets, func(a, b keySet) int {
		switch d := a ^ b; {
		case d == 0:
			return 0
		case a&(d&-d) != 0: // a has the first key that only one of them has
			return -1
		}
		return 1
	})
	distinct := slices.Compact(slices.Clone(sets))
	if by.Distinct {
		sets = distinct
	}
	all := ^keySet(0)
	for _, s := range sets {
		all &= s
	}
	g.sets = &groupingSets{sets: sets, copies: len(distinct) < len(sets)}
	for i := range g.keys {
		if all>>i&1 == 0 {
			g.sets.varying = append(g.sets.varying, i)
		}
	}
	return nil
}

// plainKeys binds keys that every set has.
func (g *grouping) plainKeys(items []ast.Expr, list []item, in logical.Node) (keySet, logical.Node, error) {
	var set keySet
	for _, x := range items {
		if c, ok := x.(*ast.Call); ok && isGroupWindow(c) {
			if g.window != nil {
				return 0, nil, diag.Errorf(c.Span(), "there are two windows in GROUP BY")
			}
			first := len(g.keys)
			var err error
			if in, err = g.groupWindow(c, in); err != nil {
				return 0, nil, err
			}
			for i := first; i < len(g.keys); i++ {
				set |= 1 << i
			}
			continue
		}
		key, err := g.bindKey(x, list)
		if err != nil {
			return 0, nil, err
		}
		set |= 1 << key
	}
	return set, in, nil
}

// bindKey gives the position of a key; one that is there already is used again.
func (g *grouping) bindKey(x ast.Expr, list []item) (int, error) {
	k, err := g.inner.bind(x)
	if err != nil {
		return 0, aliasHint(err, x, list)
	}
	for i, have := range g.keys {
		if expr.Equal(k, have) && expr.IsDeterministic(k) {
			return i, nil
		}
	}
	g.addKey(k, x)
	return len(g.keys) - 1, nil
}

// itemSets gives the sets that an item of GROUP BY stands for. Keys count in the order in which they are
// written, which decides about the order of the sets.
func (g *grouping) itemSets(it *ast.GroupItem, list []item) ([]keySet, error) {
	for _, x := range inOrder(it) {
		if c, ok := x.(*ast.Call); ok && isGroupWindow(c) {
			return nil, diag.Errorf(c.Span(), "a window belongs to every group: it may not stand in %s", it.Kind)
		}
		if _, err := g.bindKey(x, list); err != nil {
			return nil, err
		}
	}
	return g.setsOf(it, list)
}

// inOrder gives the keys of an item as they are written.
func inOrder(it *ast.GroupItem) []ast.Expr {
	var out []ast.Expr
	for _, set := range it.Sets {
		out = append(out, flatten(set)...)
	}
	for i := range it.Nested {
		out = append(out, inOrder(&it.Nested[i])...)
	}
	slices.SortStableFunc(out, func(a, b ast.Expr) int { return cmp.Compare(a.Span().Start, b.Span().Start) })
	return out
}

// setsOf gives the sets of an item whose keys are bound.
func (g *grouping) setsOf(it *ast.GroupItem, list []item) ([]keySet, error) {
	parts := make([]keySet, len(it.Sets))
	for i, set := range it.Sets {
		for _, x := range flatten(set) {
			key, err := g.bindKey(x, list)
			if err != nil {
				return nil, err
			}
			parts[i] |= 1 << key
		}
	}
	switch it.Kind {
	case "ROLLUP":
		return rollup(parts), nil
	case "CUBE":
		if len(parts) > bits.Len(maxGroupingSets)-1 {
			return nil, diag.Errorf(it.Span(), "CUBE of %d columns gives more than %d grouping sets", len(parts), maxGroupingSets)
		}
		return cube(parts), nil
	}
	for i := range it.Nested {
		more, err := g.setsOf(&it.Nested[i], list)
		if err != nil {
			return nil, err
		}
		parts = append(parts, more...)
	}
	return parts, nil
}

// rollup gives the sets of all parts, of all but the last, and so on.
func rollup(parts []keySet) []keySet {
	out := []keySet{0}
	for i, p := range parts {
		out = append(out, out[i]|p)
	}
	return out
}

// cube gives the sets of any of the parts.
func cube(parts []keySet) []keySet {
	out := []keySet{0}
	for _, p := range parts {
		out = append(out, product(out, []keySet{p})...)
	}
	return out
}

// product joins each set of a with each of b.
func product(a, b []keySet) []keySet {
	out := make([]keySet, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			out = append(out, x|y)
		}
	}
	return out
}

// expand gives each row once for each set, with the keys that the set leaves out NULL and the
// set's number, and the columns to group by.
func (g *grouping) expand(in logical.Node) (logical.Node, []int) {
	groupBy := firstN(len(g.keys))
	if g.sets == nil {
		return in, groupBy
	}
	ids := make([]int64, len(g.sets.sets))
	for i, s := range g.sets.sets {
		if i > 0 && s == g.sets.sets[i-1] {
			ids[i] = ids[i-1]>>len(g.sets.varying) + 1
		}
		for _, k := range g.sets.varying {
			ids[i] = ids[i]<<1 | int64(^s>>k&1)
		}
	}
	for j, k := range g.sets.varying {
		groupBy[k] = len(g.columns) + j
	}
	out := logical.NewExpand(in, g.sets.varying, ids)
	return out, append(groupBy, len(out.Schema())-1)
}

func firstN(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// width is the number of columns in front of the aggregates: the keys, and the set's number.
func (g *grouping) width() int {
	if g.sets == nil {
		return len(g.keys)
	}
	return len(g.keys) + 1
}

// varies gives the place of a key among those that some set leaves out, or -1.
func (g *grouping) varies(key int) int {
	if g.sets == nil {
		return -1
	}
	return slices.Index(g.sets.varying, key)
}

// groupingFunction binds GROUPING(a, …) and GROUPING_ID(a, …), whose bits say which of the columns the
// group's set leaves out, and GROUP_ID(), which numbers equal sets from 0.
func (g *grouping) groupingFunction(c *ast.Call, name string) (expr.Expr, error) {
	t := types.New(types.BigInt).WithoutNull()
	zero := expr.NewLiteral(int64(0), t, c.Span())
	if name == "GROUP_ID" {
		if len(c.Args) > 0 {
			return nil, diag.Errorf(c.Span(), "GROUP_ID takes no arguments")
		}
		if g.sets == nil || !g.sets.copies {
			return zero, nil
		}
		return g.apply("/", g.setID(c.Span()), expr.NewLiteral(int64(1)<<len(g.sets.varying), t, c.Span()))
	}
	if len(c.Args) == 0 || len(c.Args) > maxGroupingKeys {
		return nil, diag.Errorf(c.Span(), "%s takes 1 to %d columns of GROUP BY", name, maxGroupingKeys)
	}
	var places []int
	for _, a := range c.Args {
		bound, err := g.inner.bind(a)
		if err != nil {
			return nil, err
		}
		key := slices.IndexFunc(g.keys, func(k expr.Expr) bool { return expr.Equal(k, bound) })
		if key < 0 {
			return nil, diag.Errorf(a.Span(), "%s takes columns of GROUP BY, %s is none", name, bound.String())
		}
		places = append(places, g.varies(key))
	}
	if g.sets == nil {
		return zero, nil
	}
	id := g.setID(c.Span())
	if !g.sets.copies && slices.Equal(places, firstN(len(g.sets.varying))) {
		return id, nil
	}
	return g.bitsOf(id, places)
}

// bitsOf puts together bits of a set's number, those of the keys at places, of which -1 is one that no set
// leaves out.
func (g *grouping) bitsOf(id *expr.Column, places []int) (expr.Expr, error) {
	var sum expr.Expr
	var err error
	apply := func(x expr.Expr, op string, y expr.Expr) (out expr.Expr) {
		if err == nil {
			out, err = g.apply(op, x, y)
		}
		return out
	}
	number := func(x int64) expr.Expr { return expr.NewLiteral(x, id.T, id.At) }
	for i, p := range places {
		if p < 0 {
			continue
		}
		bit := expr.Expr(id)
		if below := len(g.sets.varying) - 1 - p; below > 0 {
			bit = apply(bit, "/", number(1<<below))
		}
		if p > 0 || g.sets.copies {
			bit = apply(bit, "%", number(2))
		}
		if behind := len(places) - 1 - i; behind > 0 {
			bit = apply(bit, "*", number(1<<behind))
		}
		if sum == nil {
			sum = bit
		} else {
			sum = apply(sum, "+", bit)
		}
	}
	if sum == nil {
		return number(0), nil
	}
	return sum, err
}

// setID gives the set's number: a bit for each key that some set leaves out, above them the number among
// equal sets.
func (g *grouping) setID(at diag.Span) *expr.Column {
	return &expr.Column{Index: len(g.keys), Name: logical.SetColumn, T: types.New(types.BigInt).WithoutNull(), At: at}
}

func (g *grouping) apply(op string, x, y expr.Expr) (expr.Expr, error) {
	return (&exprs{b: g.b, scope: &scope{}}).make(op, x.Span(), x, y)
}
