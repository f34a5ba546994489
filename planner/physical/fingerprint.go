package physical

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/runtime/plan"
)

// fingerprints name what operators compute. A print follows the meaning of columns down to the
// tables, so that it does not depend on their order, on what else is read, on names given on
// the way, on projections, exchanges or parallelism.
type fingerprints struct {
	done map[logical.Node]print
}

// print is the fingerprint of a relation: of its rows, and of each column.
type print struct {
	rows    string
	columns []string
}

func newFingerprints() *fingerprints { return &fingerprints{done: map[logical.Node]print{}} }

// id is the fingerprint of an operator: its kind and its result's rows. Row-wise operators
// compute columns, so these count too.
func (f *fingerprints) id(kind string, n logical.Node) string {
	p := f.of(n)
	switch n.(type) {
	case *logical.Project, *logical.Scan, *logical.Values:
		return hash(append([]string{kind, p.rows}, p.columns...)...)
	}
	return hash(kind, p.rows)
}

// materialize is the fingerprint of the rows that are kept per key of a sink.
func (f *fingerprints) materialize(n *logical.Sink) string {
	in := f.of(n.Input)
	parts := append([]string{"Materialize", in.rows}, in.columns...)
	for _, k := range n.Key {
		parts = append(parts, "key", in.columns[k])
	}
	return hash(parts...)
}

// hash makes a short print of texts.
func hash(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

func (f *fingerprints) of(n logical.Node) print {
	if p, ok := f.done[n]; ok {
		return p
	}
	p := f.compute(n)
	f.done[n] = p
	return p
}

func (f *fingerprints) compute(n logical.Node) print {
	switch n := n.(type) {
	case *logical.Shared:
		return f.of(n.Block.Root)
	case *logical.Scan:
		return f.scan(n)
	case *logical.Values:
		return values(n)
	case *logical.Filter:
		in := f.of(n.Input)
		conds := exprPrints(expr.Conjuncts(n.Cond), in.columns)
		slices.Sort(conds)
		return print{hash(append([]string{"filter", in.rows}, conds...)...), in.columns}
	case *logical.Project:
		in := f.of(n.Input)
		return print{in.rows, exprPrints(n.Exprs, in.columns)}
	case *logical.UnionAll:
		return f.union(n)
	case *logical.WindowTVF:
		in := f.of(n.Input)
		w := windowPrint(n.Window, in)
		for _, c := range n.Partition {
			w = hash(w, in.columns[c])
		}
		return print{hash("window", in.rows, w), append(slices.Clone(in.columns), hash(w, "start"), hash(w, "end"), hash(w, "time"))}
	case *logical.Aggregate:
		in := f.of(n.Input)
		return aggregate("aggregate", in, n.GroupBy, n.Calls)
	case *logical.WindowAggregate:
		in := f.of(n.Input)
		w := windowPrint(n.Window, in)
		p := aggregate("aggregate "+w, in, n.GroupBy, n.Calls)
		for _, c := range n.Windows {
			p.columns = append(p.columns, hash(w, c.String()))
		}
		return p
	case *logical.Sort:
		in := f.of(n.Input)
		return print{hash(append([]string{"sort", in.rows}, orderPrints(n.Order, in)...)...), in.columns}
	case *logical.LateRows:
		rows := hash("late", f.of(n.Of).rows)
		p := print{rows: rows}
		for i := range n.Schema() {
			p.columns = append(p.columns, hash(rows, fmt.Sprint(i)))
		}
		return p
	case *logical.Normalize:
		in := f.of(n.Input)
		parts := []string{"normalize", in.rows}
		for _, k := range n.Key {
			parts = append(parts, in.columns[k])
		}
		return print{hash(parts...), in.columns}
	case *logical.Rank:
		return rankPrint(n, f.of(n.Input))
	case *logical.Over:
		return overPrint(n, f.of(n.Input))
	case *logical.Expand:
		return expandPrint(n, f.of(n.Input))
	case *logical.SetOperation:
		in := f.of(n.Input)
		last := len(in.columns) - 1
		return print{hash(append([]string{n.Name(), in.rows}, in.columns...)...), in.columns[:last]}
	case *logical.Unnest:
		return unnestPrint(n, f.of(n.Input))
	case *logical.Sink:
		in := f.of(n.Input)
		return print{hash(append([]string{"sink", n.Table, in.rows}, in.columns...)...), in.columns}
	}
	return print{rows: hash(n.Name())}
}

func (f *fingerprints) scan(n *logical.Scan) print {
	raw := make([]string, len(n.Columns))
	for i, c := range n.Columns {
		raw[i] = hash("column", n.Table.Path.String(), c.Name, c.Metadata)
	}
	p := print{hash("table", n.Table.Path.String()), exprPrints(n.Exprs, raw)}
	if n.Filter != nil {
		conds := exprPrints(expr.Conjuncts(n.Filter), p.columns)
		slices.Sort(conds)
		p.rows = hash(append([]string{"filter", p.rows}, conds...)...)
	}
	return p
}

func values(n *logical.Values) print {
	var all []string
	for _, r := range n.Rows {
		all = append(all, strings.Join(exprPrints(r, nil), ","))
	}
	p := print{rows: hash(append([]string{"values"}, all...)...)}
	for i := range n.Schema() {
		p.columns = append(p.columns, hash(p.rows, fmt.Sprint(i)))
	}
	return p
}

func (f *fingerprints) union(n *logical.UnionAll) print {
	rows := []string{"union"}
	columns := make([][]string, len(n.Schema()))
	for _, in := range n.Inputs {
		p := f.of(in)
		rows = append(rows, p.rows)
		for i, c := range p.columns {
			columns[i] = append(columns[i], c)
		}
	}
	out := print{rows: hash(rows...)}
	for _, c := range columns {
		out.columns = append(out.columns, hash(c...))
	}
	return out
}

// aggregate prints an aggregation. The calls count, because they are its state; their order
// does not.
func aggregate(kind string, in print, keys []int, calls []agg.Call) print {
	var keyPrints, callPrints []string
	for _, k := range keys {
		keyPrints = append(keyPrints, in.columns[k])
	}
	for _, c := range calls {
		parts := []string{c.Fn.Name, fmt.Sprint(c.Distinct)}
		for _, a := range c.Args {
			parts = append(parts, in.columns[a])
		}
		if c.Filter >= 0 {
			parts = append(parts, "filter", in.columns[c.Filter])
		}
		callPrints = append(callPrints, hash(parts...))
	}
	sorted := slices.Sorted(slices.Values(callPrints))
	p := print{rows: hash(append(append([]string{kind, in.rows}, keyPrints...), sorted...)...)}
	p.columns = append(p.columns, keyPrints...)
	for _, c := range callPrints {
		p.columns = append(p.columns, hash(p.rows, c))
	}
	return p
}

func windowPrint(w plan.Window, in print) string {
	return hash(w.Kind.String(), in.columns[w.TimeCol], fmt.Sprint(w.Size, w.Slide, w.Offset, w.Local, w.ProcTime))
}

func exprPrints(xs []expr.Expr, columns []string) []string {
	out := make([]string, len(xs))
	for i, x := range xs {
		out[i] = exprPrint(x, columns)
	}
	return out
}

// exprPrint prints an expression over columns that have prints themselves: the node over
// numbered children, then the children.
func exprPrint(x expr.Expr, columns []string) string {
	if c, ok := x.(*expr.Column); ok {
		return columns[c.Index]
	}
	children := x.Children()
	numbered, parts := make([]expr.Expr, len(children)), make([]string, 1, len(children)+1)
	for i, c := range children {
		numbered[i] = &expr.Column{Index: i, T: c.Type()}
		parts = append(parts, exprPrint(c, columns))
	}
	if len(children) > 0 {
		x = x.WithChildren(numbered)
	}
	parts[0] = expr.Key(x)
	return hash(parts...)
}

// uniqueIDs tells operators apart that compute the same twice, where that was not shared.
func uniqueIDs(job *plan.Job) {
	seen := map[plan.Node]bool{}
	count := map[string]int{}
	var visit func(n plan.Node)
	visit = func(n plan.Node) {
		if seen[n] {
			return
		}
		seen[n] = true
		p := n.Properties()
		if count[p.ID]++; count[p.ID] > 1 {
			p.ID = fmt.Sprintf("%s-%d", p.ID, count[p.ID])
		}
		for _, in := range n.Inputs() {
			visit(in)
		}
	}
	for _, s := range job.Sinks {
		visit(s)
	}
}
