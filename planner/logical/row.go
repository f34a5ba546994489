package logical

import (
	"slices"
	"strings"

	"github.com/weirstream/weir/sql/types"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/runtime/plan"
)

// Values gives constant rows.
type Values struct {
	props
	Rows [][]expr.Expr
}

// NewValues makes a Values; every row has the schema's columns.
func NewValues(s Schema, rows [][]expr.Expr) *Values {
	return &Values{props: props{schema: s, changes: connectors.InsertOnly}, Rows: rows}
}

// Children gives none.
func (n *Values) Children() []Node { return nil }

// WithChildren gives the node itself.
func (n *Values) WithChildren([]Node) Node { return n }

// Name gives Values.
func (n *Values) Name() string { return "Values" }

// Attrs gives the rows, the first few of many.
func (n *Values) Attrs() []plan.Attr {
	const shown = 5
	var rows []string
	for i, r := range n.Rows {
		if i == shown {
			rows = append(rows, "…")
			break
		}
		rows = append(rows, "("+exprs(r)+")")
	}
	return []plan.Attr{{Key: "rows", Value: list(rows)}}
}

// Filter keeps the rows for which Cond is true.
type Filter struct {
	props
	Input Node
	Cond  expr.Expr
}

// NewFilter makes a Filter.
func NewFilter(in Node, cond expr.Expr) *Filter {
	return &Filter{props: props{schema: in.Schema(), changes: in.Changes(), keys: in.Keys()}, Input: in, Cond: cond}
}

// Children gives the input.
func (n *Filter) Children() []Node { return []Node{n.Input} }

// WithChildren gives the filter of another input.
func (n *Filter) WithChildren(c []Node) Node { return NewFilter(c[0], n.Cond) }

// Name gives Filter.
func (n *Filter) Name() string { return "Filter" }

// Attrs gives the condition.
func (n *Filter) Attrs() []plan.Attr { return []plan.Attr{{Key: "where", Value: n.Cond.String()}} }

// Project computes columns.
type Project struct {
	props
	Input Node
	Exprs []expr.Expr
	names []string
}

// NewProject makes a Project. A column that is passed on keeps its time attribute, and keys
// live on where all of their columns do.
func NewProject(in Node, xs []expr.Expr, names []string) *Project {
	n := &Project{Input: in, Exprs: xs, names: names}
	n.changes = in.Changes()
	at := map[int]int{} // input column -> first place in the result
	for i, x := range xs {
		f := Field{Name: names[i], Type: x.Type()}
		if c, ok := x.(*expr.Column); ok {
			f.Time = in.Schema()[c.Index].Time
			if _, dup := at[c.Index]; !dup {
				at[c.Index] = i
			}
		} else if isProctime(x) {
			f.Time = Proctime
		}
		n.schema = append(n.schema, f)
	}
	n.keys = mapKeys(in.Keys(), func(c int) (int, bool) { i, ok := at[c]; return i, ok })
	return n
}

// isProctime reports whether an expression is the function PROCTIME().
func isProctime(x expr.Expr) bool {
	c, ok := x.(*expr.Call)
	return ok && c.Fn.Name == "PROCTIME"
}

// mapKeys moves keys to other columns; a key with a column that f does not know is lost.
func mapKeys(keys [][]int, f func(int) (int, bool)) [][]int {
	var out [][]int
next:
	for _, k := range keys {
		var m []int
		for _, c := range k {
			i, ok := f(c)
			if !ok {
				continue next
			}
			m = append(m, i)
		}
		slices.Sort(m)
		out = append(out, m)
	}
	return out
}

// Select makes a Project that passes on some of the columns.
func Select(in Node, columns []int) *Project {
	xs, names := make([]expr.Expr, len(columns)), make([]string, len(columns))
	for i, c := range columns {
		f := in.Schema()[c]
		xs[i], names[i] = &expr.Column{Index: c, Name: f.Name, T: f.Type}, f.Name
	}
	return NewProject(in, xs, names)
}

// ColumnOf makes a reference to a column of a node.
func ColumnOf(n Node, i int) *expr.Column {
	f := n.Schema()[i]
	return &expr.Column{Index: i, Name: f.Name, T: f.Type}
}

// Children gives the input.
func (n *Project) Children() []Node { return []Node{n.Input} }

// WithChildren gives the projection of another input.
func (n *Project) WithChildren(c []Node) Node { return NewProject(c[0], n.Exprs, n.names) }

// Name gives Project.
func (n *Project) Name() string { return "Project" }

// Attrs gives the columns.
func (n *Project) Attrs() []plan.Attr {
	parts := make([]string, len(n.Exprs))
	for i, x := range n.Exprs {
		parts[i] = x.String()
		if c, ok := x.(*expr.Column); !ok || c.Name != n.names[i] {
			parts[i] += " AS " + (&expr.Column{Name: n.names[i]}).String()
		}
	}
	return []plan.Attr{{Key: "select", Value: list(parts)}}
}

// UnionAll gives the rows of all inputs, which have the same types.
type UnionAll struct {
	props
	Inputs []Node
}

// NewUnionAll makes a UnionAll. Names are those of the first input; a column is a time
// attribute where it is one in every input.
func NewUnionAll(inputs []Node) *UnionAll {
	n := &UnionAll{Inputs: inputs}
	n.schema = slices.Clone(inputs[0].Schema())
	for _, in := range inputs {
		n.changes |= in.Changes()
		for i, f := range in.Schema() {
			if f.Time != n.schema[i].Time {
				n.schema[i].Time = NoTime
			}
			// Texts of other lengths are not converted: the common type holds them all.
			if t, ok := types.Common(n.schema[i].Type, f.Type); ok {
				n.schema[i].Type = t
			}
		}
	}
	return n
}

// Children gives the inputs.
func (n *UnionAll) Children() []Node { return n.Inputs }

// WithChildren gives the union of other inputs.
func (n *UnionAll) WithChildren(c []Node) Node { return NewUnionAll(c) }

// Name gives UnionAll.
func (n *UnionAll) Name() string { return "UnionAll" }

// Attrs gives nothing.
func (n *UnionAll) Attrs() []plan.Attr { return nil }

func list(parts []string) string { return "[" + strings.Join(parts, ", ") + "]" }

func exprs(xs []expr.Expr) string {
	parts := make([]string, len(xs))
	for i, x := range xs {
		parts[i] = x.String()
	}
	return strings.Join(parts, ", ")
}
