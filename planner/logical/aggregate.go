package logical

import (
	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// Aggregate groups rows by GroupBy and gives these columns, then the results of Calls.
// Without GroupBy there is one group; without Calls it is a DISTINCT. The result is a
// changelog, unless the keys hold the start and the end of a window: then a row is given once, when
// the window fires.
type Aggregate struct {
	props
	Input   Node
	GroupBy []int
	Calls   []agg.Call
	// Window is set for the aggregation of a window.
	Window *WindowTVF
}

// NewAggregate makes an Aggregate. Of the time attributes that are grouped by only the
// window's own, window_time, remains one.
func NewAggregate(in Node, groupBy []int, calls []agg.Call) *Aggregate {
	n := &Aggregate{Input: in, GroupBy: groupBy, Calls: calls, Window: windowOf(in, groupBy)}
	key := make([]int, len(groupBy))
	for i, k := range groupBy {
		f := in.Schema()[k]
		if w, _ := TraceWindow(in, k); n.Window == nil || w != n.Window {
			f.Time = NoTime
		}
		n.schema = append(n.schema, f)
		key[i] = i
	}
	n.schema = append(n.schema, callFields(calls)...)
	switch {
	case n.Window != nil:
		n.changes = connectors.InsertOnly
	case AppendOnly(in):
		n.changes = connectors.InsertOnly | updates
	default:
		n.changes = connectors.Retract
	}
	n.keys = [][]int{key}
	return n
}

// windowOf gives the window whose start and end are both among the columns.
func windowOf(in Node, columns []int) *WindowTVF {
	starts := map[*WindowTVF]bool{}
	for _, c := range columns {
		if w, prop := TraceWindow(in, c); w != nil && prop == plan.WindowStart {
			starts[w] = true
		}
	}
	for _, c := range columns {
		if w, prop := TraceWindow(in, c); w != nil && prop == plan.WindowEnd && starts[w] && bySessions(in, columns, w) {
			return w
		}
	}
	return nil
}

// TraceWindow finds the window table function that a column comes from unchanged, through
// projections, filters and grouping sets; nil for none.
func TraceWindow(n Node, column int) (*WindowTVF, plan.WindowColumn) {
	switch n := n.(type) {
	case *Filter:
		return TraceWindow(n.Input, column)
	case *Project:
		if c, ok := n.Exprs[column].(*expr.Column); ok {
			return TraceWindow(n.Input, c.Index)
		}
	case *Expand:
		if column < len(n.Input.Schema()) {
			return TraceWindow(n.Input, column)
		}
	case *WindowTVF:
		if i := column - len(n.Input.Schema()); i >= 0 {
			return n, plan.WindowColumn(i)
		}
	}
	return nil, 0
}

// updates are the kinds of an update.
const updates connectors.ChangeSet = 1<<vec.UpdateBefore | 1<<vec.UpdateAfter

func callFields(calls []agg.Call) Schema {
	var s Schema
	for _, c := range calls {
		s = append(s, Field{Name: c.Name, Type: c.Sig.Result})
	}
	return s
}

// Children gives the input.
func (n *Aggregate) Children() []Node { return []Node{n.Input} }

// WithChildren gives the aggregation of another input.
func (n *Aggregate) WithChildren(c []Node) Node { return NewAggregate(c[0], n.GroupBy, n.Calls) }

// Name gives Aggregate.
func (n *Aggregate) Name() string { return "Aggregate" }

// Attrs gives keys and aggregates.
func (n *Aggregate) Attrs() []plan.Attr { return aggregateAttrs(n.Input, n.GroupBy, n.Calls) }

func aggregateAttrs(in Node, keys []int, calls []agg.Call) []plan.Attr {
	var attrs []plan.Attr
	if len(keys) > 0 {
		names := make([]string, len(keys))
		for i, k := range keys {
			names[i] = in.Schema()[k].Name
		}
		attrs = append(attrs, plan.Attr{Key: "by", Value: list(names)})
	}
	if len(calls) > 0 {
		texts := make([]string, len(calls))
		for i, c := range calls {
			texts[i] = c.Text
		}
		attrs = append(attrs, plan.Attr{Key: "aggregates", Value: list(texts)})
	}
	return attrs
}

// WindowTVF is a window table function: the input's columns, then window_start,
// window_end and window_time. The input's time attribute is a plain timestamp behind it, window_time
// is the new one.
type WindowTVF struct {
	props
	Input  Node
	Window plan.Window
	// Of SESSION: see NewSessionTVF.
	Partition []int
	ByGroup   bool
}

// NewWindowTVF makes a WindowTVF.
func NewWindowTVF(in Node, w plan.Window) *WindowTVF {
	n := &WindowTVF{Input: in, Window: w}
	n.changes = in.Changes()
	for _, f := range in.Schema() {
		f.Time = NoTime
		n.schema = append(n.schema, f)
	}
	n.schema = append(n.schema, WindowFields(in.Schema()[w.TimeCol], w)...)
	if w.Kind == plan.Tumble || w.Kind == plan.Session {
		n.keys = in.Keys()
	}
	return n
}

// WindowFields are the columns that a window adds: window_start, window_end, window_time.
func WindowFields(timeField Field, w plan.Window) Schema {
	bound := types.TimestampOf(3).WithoutNull()
	attr := Field{Name: "window_time", Type: bound, Time: Rowtime}
	if timeField.Type.Kind == types.TimestampLTZ {
		attr.Type = types.TimestampLTZOf(3).WithoutNull()
	}
	if w.ProcTime {
		attr.Time = Proctime
	}
	return Schema{{Name: "window_start", Type: bound}, {Name: "window_end", Type: bound}, attr}
}

// Children gives the input.
func (n *WindowTVF) Children() []Node { return []Node{n.Input} }

// WithChildren gives the windows of another input.
func (n *WindowTVF) WithChildren(c []Node) Node { return n.Over(c[0]) }

// Name gives WindowTableFunction.
func (n *WindowTVF) Name() string { return "WindowTableFunction" }

// Attrs gives the window.
func (n *WindowTVF) Attrs() []plan.Attr {
	in := n.Input.Schema()
	attrs := []plan.Attr{{Key: "window", Value: n.Window.Describe(in[n.Window.TimeCol].Name)}}
	return append(attrs, aggregateAttrs(n.Input, n.Partition, nil)...)
}

// WindowAggregate groups the rows of each window by GroupBy and gives, when the window fires,
// these columns, the results of Calls, then the window properties Windows.
type WindowAggregate struct {
	props
	Input   Node
	Window  plan.Window
	GroupBy []int
	Calls   []agg.Call
	Windows []plan.WindowColumn
}

// NewWindowAggregate makes a WindowAggregate. Its rows are final: it only inserts.
func NewWindowAggregate(in Node, w plan.Window, keys []int, calls []agg.Call, windows []plan.WindowColumn) *WindowAggregate {
	n := &WindowAggregate{Input: in, Window: w, GroupBy: keys, Calls: calls, Windows: windows}
	n.changes = connectors.InsertOnly
	for _, k := range keys {
		f := in.Schema()[k]
		f.Time = NoTime
		n.schema = append(n.schema, f)
	}
	n.schema = append(n.schema, callFields(calls)...)
	fields := WindowFields(in.Schema()[w.TimeCol], w)
	start, end := -1, -1
	for i, c := range windows {
		at := len(keys) + len(calls) + i
		n.schema = append(n.schema, fields[c])
		switch c {
		case plan.WindowStart:
			start = at
		default:
			end = at
		}
	}
	n.keys = windowKeys(len(keys), start, end, w.Kind)
	return n
}

// windowKeys gives the upsert key of a window aggregation: the keys and what tells windows
// apart, which is the end alone but for sessions.
func windowKeys(keys, start, end int, kind plan.WindowKind) [][]int {
	key := make([]int, keys, keys+2)
	for i := range key {
		key[i] = i
	}
	switch {
	case end >= 0:
		return [][]int{append(key, end)}
	case start >= 0 && kind != plan.Cumulate:
		return [][]int{append(key, start)}
	}
	return nil
}

// Children gives the input.
func (n *WindowAggregate) Children() []Node { return []Node{n.Input} }

// WithChildren gives the aggregation of another input.
func (n *WindowAggregate) WithChildren(c []Node) Node {
	return NewWindowAggregate(c[0], n.Window, n.GroupBy, n.Calls, n.Windows)
}

// Name gives WindowAggregate.
func (n *WindowAggregate) Name() string { return "WindowAggregate" }

// Attrs gives the window, keys, aggregates and window properties.
func (n *WindowAggregate) Attrs() []plan.Attr {
	attrs := []plan.Attr{{Key: "window", Value: n.Window.Describe(n.Input.Schema()[n.Window.TimeCol].Name)}}
	attrs = append(attrs, aggregateAttrs(n.Input, n.GroupBy, n.Calls)...)
	if len(n.Windows) > 0 {
		names := make([]string, len(n.Windows))
		for i, w := range n.Windows {
			names[i] = w.String()
		}
		attrs = append(attrs, plan.Attr{Key: "properties", Value: list(names)})
	}
	return attrs
}
