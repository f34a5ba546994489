package rule

import (
	"slices"

	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/sql/types"
)

// need says what is read of a value: nothing (nil), all of it, or some fields of a ROW.
type need struct {
	all    bool
	fields map[int]*need
}

// columns says what is read of each column of a node.
type columns []*need

func noColumns(n logical.Node) columns { return make(columns, len(n.Schema())) }

func allColumns(n logical.Node) columns {
	c := noColumns(n)
	for i := range c {
		c.whole(i)
	}
	return c
}

// any reports whether anything is read.
func (c columns) any() bool {
	return slices.ContainsFunc(c, func(n *need) bool { return n != nil })
}

func (c columns) whole(i int) { c[i] = &need{all: true} }

// add widens what is read of column i by what n says.
func (c columns) add(i int, n *need) { c[i] = join(c[i], n) }

func join(a, b *need) *need {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	case a.all || b.all:
		return &need{all: true}
	}
	out := &need{fields: map[int]*need{}}
	for _, from := range []*need{a, b} {
		for f, n := range from.fields {
			out.fields[f] = join(out.fields[f], n)
		}
	}
	return out
}

// read adds what an expression reads, of which n is read itself.
func (c columns) read(x expr.Expr, n *need) {
	switch x := x.(type) {
	case nil:
	case *expr.Column:
		c.add(x.Index, n)
	case *expr.Field:
		if x.X.Type().Kind == types.Row {
			c.read(x.X, &need{fields: map[int]*need{x.Index: n}})
			return
		}
		c.read(x.X, &need{all: true})
	default:
		for _, child := range x.Children() {
			c.read(child, &need{all: true})
		}
	}
}

// readAll adds what an expression reads that is needed as a whole.
func (c columns) readAll(x expr.Expr) { c.read(x, &need{all: true}) }

// clone copies the set; what a need holds is never changed.
func (c columns) clone() columns { return slices.Clone(c) }

// place says where a column, or a field of a ROW, went: its new index, -1 when it is gone, and, where
// a ROW lost fields, its new type and where they went.
type place struct {
	at     int
	typ    types.Type
	fields []place // nil where nothing changed below
}

// pruned is a node that gives less, and where each of the old columns is now.
type pruned struct {
	node  logical.Node
	where []place
}

func unchanged(n logical.Node) pruned {
	where := make([]place, len(n.Schema()))
	for i := range where {
		where[i].at = i
	}
	return pruned{n, where}
}

// positions gives where columns go when just those that are read stay.
func positions(keep columns) []place {
	where, next := make([]place, len(keep)), 0
	for i, n := range keep {
		where[i].at = -1
		if n != nil {
			where[i].at = next
			next++
		}
	}
	return where
}

// move rewrites an expression for where its columns and their fields went.
func (p pruned) move(x expr.Expr) expr.Expr {
	if x == nil {
		return nil
	}
	out, _ := p.moved(x)
	return out
}

// moved gives the rewritten expression, and the place of the value where it is a column or a field
// of one.
func (p pruned) moved(x expr.Expr) (expr.Expr, place) {
	switch x := x.(type) {
	case *expr.Column:
		w := p.where[x.Index]
		c := *x
		c.Index = w.at
		if w.fields != nil {
			c.T = w.typ
		}
		return &c, w
	case *expr.Field:
		inner, w := p.moved(x.X)
		f := *x
		f.X = inner
		if w.fields == nil {
			return &f, place{at: x.Index}
		}
		w = w.fields[x.Index]
		f.Index = w.at
		if w.fields != nil {
			f.T = w.typ.WithNullIf(f.T.Nullable())
		}
		return &f, w
	}
	children := x.Children()
	if len(children) == 0 {
		return x, place{}
	}
	out := make([]expr.Expr, len(children))
	for i, c := range children {
		out[i], _ = p.moved(c)
	}
	return x.WithChildren(out), place{}
}

func (p pruned) moveAll(is []int) []int {
	out := make([]int, len(is))
	for k, i := range is {
		out[k] = p.where[i].at
	}
	return out
}

// narrow gives the type of a ROW of which only some fields are read, and where they go.
func narrow(t types.Type, n *need) (types.Type, []place) {
	if n == nil || n.all || t.Kind != types.Row {
		return t, nil
	}
	where := make([]place, len(t.Fields))
	var fields []types.Field
	for i, f := range t.Fields {
		where[i].at = -1
		if n.fields[i] == nil {
			continue
		}
		where[i].at = len(fields)
		f.Type, where[i].fields = narrow(f.Type, n.fields[i])
		where[i].typ = f.Type
		fields = append(fields, f)
	}
	t.Fields = fields
	return t, where
}
