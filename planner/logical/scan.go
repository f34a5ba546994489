package logical

import (
	"slices"
	"time"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/sql/catalog"
)

// Scan reads a table: it decodes Columns, computes Exprs over them, which are the columns
// of the result, derives the watermark from every row, and keeps the rows for which Filter
// is true. Watermark and Filter are over the result's columns.
type Scan struct {
	props
	Table  *catalog.Table
	Source connectors.Source
	// Digest tells scans of one table with different options (hints) apart.
	Digest    string
	Columns   []connectors.Column
	Exprs     []expr.Expr
	Watermark *Watermark // nil for none
	Filter    expr.Expr  // nil for none
	// Parallelism is the table's scan.parallelism, 0 for the job's.
	Parallelism int
	// Nested says that the source can read some fields of a ROW column alone.
	Nested bool
}

// Watermark says how a scan follows event time.
type Watermark struct {
	Column      int       // the rowtime attribute in the scan's result
	X           expr.Expr // over the result's columns
	Emit        plan.Emit
	IdleTimeout time.Duration
}

// ScanSpec is what a Scan is made of.
type ScanSpec struct {
	Table       *catalog.Table
	Source      connectors.Source
	Digest      string
	Columns     []connectors.Column
	Exprs       []expr.Expr
	Fields      Schema
	Watermark   *Watermark
	Filter      expr.Expr
	Parallelism int
	Nested      bool
}

// NewScan makes a Scan. The key of its result is the table's primary key where all of its
// columns are read.
func NewScan(s ScanSpec) *Scan {
	n := &Scan{
		Table: s.Table, Source: s.Source, Digest: s.Digest, Columns: s.Columns, Exprs: s.Exprs, Watermark: s.Watermark, Filter: s.Filter,
		Parallelism: s.Parallelism, Nested: s.Nested,
	}
	n.schema = s.Fields
	n.changes = s.Source.Changes()
	if len(s.Table.PrimaryKey) > 0 && n.changes != connectors.InsertOnly {
		var key []int
		for _, k := range s.Table.PrimaryKey {
			i := slices.IndexFunc(s.Exprs, func(e expr.Expr) bool {
				c, ok := e.(*expr.Column)
				return ok && n.Columns[c.Index].Name == k
			})
			if i < 0 {
				return n
			}
			key = append(key, i)
		}
		slices.Sort(key)
		n.keys = [][]int{key}
	}
	return n
}

// Spec gives the parts, to make a changed Scan of.
func (n *Scan) Spec() ScanSpec {
	return ScanSpec{
		Table: n.Table, Source: n.Source, Digest: n.Digest, Columns: n.Columns, Exprs: n.Exprs, Fields: n.schema, Watermark: n.Watermark,
		Filter: n.Filter, Parallelism: n.Parallelism, Nested: n.Nested,
	}
}

// Children gives none.
func (n *Scan) Children() []Node { return nil }

// WithChildren gives the scan itself.
func (n *Scan) WithChildren([]Node) Node { return n }

// Name gives Scan.
func (n *Scan) Name() string { return "Scan" }

// Attrs gives the table, what is decoded, what is computed, watermark and filter.
func (n *Scan) Attrs() []plan.Attr {
	cols := make([]string, len(n.Columns))
	for i, c := range n.Columns {
		cols[i] = c.Name
	}
	attrs := []plan.Attr{{Key: "table", Value: n.Table.Path.String()}, {Key: "columns", Value: list(cols)}}
	var computed []string
	for i, e := range n.Exprs {
		if _, ok := e.(*expr.Column); !ok {
			computed = append(computed, e.String()+" AS "+n.schema[i].Name)
		}
	}
	if computed != nil {
		attrs = append(attrs, plan.Attr{Key: "computed", Value: list(computed)})
	}
	if n.Watermark != nil {
		attrs = append(attrs, plan.Attr{Key: "watermark", Value: n.schema[n.Watermark.Column].Name + " AS " + n.Watermark.X.String()})
	}
	if n.Filter != nil {
		attrs = append(attrs, plan.Attr{Key: "filter", Value: n.Filter.String()})
	}
	return attrs
}
