package plan

import (
	"fmt"
	"strings"

	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/runtime/vec"
)

// Name gives Source.
func (n *Source) Name() string { return "Source" }

// Name gives Values.
func (n *Values) Name() string { return "Values" }

// Name gives Filter.
func (n *Filter) Name() string { return "Filter" }

// Name gives Project.
func (n *Project) Name() string { return "Project" }

// Name gives Calc.
func (n *Calc) Name() string { return "Calc" }

// Name gives Constrain.
func (n *Constrain) Name() string { return "Constrain" }

// Name gives Exchange.
func (n *Exchange) Name() string { return "Exchange" }

// Name gives UnionAll.
func (n *UnionAll) Name() string { return "UnionAll" }

// Name gives WindowTableFunction.
func (n *WindowTableFunction) Name() string { return "WindowTableFunction" }

// Name gives WindowAggregate, LocalWindowAggregate or GlobalWindowAggregate.
func (n *WindowAggregate) Name() string { return n.Phase.prefix() + "WindowAggregate" }

// Name gives GroupAggregate, LocalGroupAggregate or GlobalGroupAggregate.
func (n *GroupAggregate) Name() string { return n.Phase.prefix() + "GroupAggregate" }

// Name gives Sink.
func (n *Sink) Name() string { return "Sink" }

func (p Phase) prefix() string { return [...]string{"", "Local", "Global"}[p] }

// String gives the column's name: window_start.
func (w WindowColumn) String() string {
	return [...]string{"window_start", "window_end", "window_time"}[w]
}

// String gives the name of the table function: TUMBLE.
func (k WindowKind) String() string { return [...]string{"TUMBLE", "HOP", "CUMULATE", "SESSION"}[k] }

// String gives hash, gather or rebalance.
func (p Partition) String() string { return [...]string{"hash", "gather", "rebalance"}[p] }

// Describe gives the window as a call: TUMBLE(ts, 1 min, offset 5 s).
func (w Window) Describe(timeCol string) string {
	args := []string{timeCol}
	if w.ProcTime {
		args[0] += " (processing time)"
	}
	if w.Kind == Hop || w.Kind == Cumulate {
		args = append(args, millis(w.Slide))
	}
	args = append(args, millis(w.Size))
	if w.Offset != 0 {
		args = append(args, "offset "+millis(w.Offset))
	}
	return w.Kind.String() + "(" + strings.Join(args, ", ") + ")"
}

// millis prints a length of time in the largest unit that leaves no rest.
func millis(ms int64) string {
	units := []struct {
		name string
		ms   int64
	}{{"day", 86_400_000}, {"h", 3_600_000}, {"min", 60_000}, {"s", 1000}}
	for _, u := range units {
		if ms != 0 && ms%u.ms == 0 {
			return fmt.Sprintf("%d %s", ms/u.ms, u.name)
		}
	}
	return fmt.Sprintf("%d ms", ms)
}

// Attrs gives table, decoded and computed columns, watermark and filter.
func (n *Source) Attrs() []Attr {
	cols := make([]string, len(n.Columns))
	for i, c := range n.Columns {
		cols[i] = c.Name
	}
	a := attrs{{"table", n.Table}, {"decode", list(cols)}}
	a.add("compute", computed(n.Exprs, n.Schema))
	if n.Watermark != nil {
		s := n.Schema[n.Rowtime].Name + " AS " + n.Watermark.String()
		if n.Emit == EmitOnEvent {
			s += ", on every row"
		}
		a.add("watermark", s)
		if n.IdleTimeout > 0 {
			a.add("idle after", millis(n.IdleTimeout.Milliseconds()))
		}
	}
	if n.Filter != nil {
		a.add("filter", n.Filter.String())
	}
	return a
}

// Attrs gives the rows, the first few of many.
func (n *Values) Attrs() []Attr {
	const shown = 5
	var rows []string
	for i, r := range n.Rows {
		if i == shown {
			rows = append(rows, fmt.Sprintf("… %d more", len(n.Rows)-shown))
			break
		}
		parts := make([]string, len(r))
		for j, x := range r {
			parts[j] = x.String()
		}
		rows = append(rows, "("+strings.Join(parts, ", ")+")")
	}
	return attrs{{"rows", list(rows)}}
}

// Attrs gives the condition.
func (n *Filter) Attrs() []Attr { return attrs{{"where", n.Cond.String()}} }

// Attrs gives the columns.
func (n *Project) Attrs() []Attr { return attrs{{"select", list(selected(n.Exprs, n.Schema))}} }

// Attrs gives the columns and the condition.
func (n *Calc) Attrs() []Attr {
	return attrs{{"select", list(selected(n.Exprs, n.Schema))}, {"where", n.Cond.String()}}
}

func selected(exprs []expr.Expr, s vec.Schema) []string {
	parts := make([]string, len(exprs))
	for i, x := range exprs {
		parts[i] = as(x, s[i].Name)
	}
	return parts
}

// Attrs gives the partitioning and its keys.
func (n *Exchange) Attrs() []Attr {
	s := n.Partition.String()
	if n.Partition == Hash {
		s += list(names(n.Input.Properties().Schema, n.Keys))
	}
	return attrs{{"partition", s}}
}

// Attrs gives nothing.
func (n *UnionAll) Attrs() []Attr { return nil }

// Attrs gives the window.
func (n *WindowTableFunction) Attrs() []Attr {
	in := n.Input.Properties().Schema
	a := attrs{{"window", n.Window.Describe(in[n.Window.TimeCol].Name)}}
	a.add("by", list(names(in, n.Keys)))
	return a
}

// Attrs gives the window, keys, aggregates and window properties.
func (n *WindowAggregate) Attrs() []Attr {
	in := n.Input.Properties().Schema
	timeCol := "slice"
	if n.Phase != Global {
		timeCol = in[n.Window.TimeCol].Name
	}
	a := attrs{{"window", n.Window.Describe(timeCol)}}
	a.add("by", list(names(in, n.Keys)))
	a.add("aggregates", calls(n.Calls))
	props := make([]string, len(n.Windows))
	for i, w := range n.Windows {
		props[i] = w.String()
	}
	a.add("properties", list(props))
	return a
}

// Attrs gives keys and aggregates.
func (n *GroupAggregate) Attrs() []Attr {
	var a attrs
	a.add("by", list(names(n.Input.Properties().Schema, n.Keys)))
	a.add("aggregates", calls(n.Calls))
	return a
}

// Attrs gives what is enforced.
func (n *Constrain) Attrs() []Attr {
	var a attrs
	enforced := "not null"
	if n.DropNulls {
		enforced = "drop nulls of"
	}
	a.add(enforced, list(names(n.Schema, n.NotNull)))
	var long []string
	for _, l := range n.Lengths {
		long = append(long, n.Schema[l.Col].Name+" "+l.Type.WithNull().String())
	}
	length := "trim and pad"
	if n.FailOnLength {
		length = "check length"
	}
	a.add(length, list(long))
	if n.BeforeAsDelete {
		a.add("updates", "-U as -D")
	}
	return a
}

// Attrs gives the table and its key.
func (n *Sink) Attrs() []Attr {
	table := n.Table
	if table == "" {
		table = "(result)"
	}
	a := attrs{{"table", table}}
	a.add("key", list(names(n.Schema, n.Keys)))
	return a
}

// attrs collects attributes; empty ones are left out.
type attrs []Attr

func (a *attrs) add(key, value string) {
	if value != "" && value != "[]" {
		*a = append(*a, Attr{key, value})
	}
}

func list(parts []string) string { return "[" + strings.Join(parts, ", ") + "]" }

func names(s vec.Schema, columns []int) []string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = s[c].Name
	}
	return out
}

func as(x expr.Expr, name string) string {
	if c, ok := x.(*expr.Column); ok && c.Name == name {
		return x.String()
	}
	// A column prints its name with quotes where they are needed.
	return x.String() + " AS " + (&expr.Column{Name: name}).String()
}

// computed gives the expressions that are more than a column.
func computed(xs []expr.Expr, s vec.Schema) string {
	var parts []string
	for i, x := range xs {
		if _, ok := x.(*expr.Column); !ok {
			parts = append(parts, as(x, s[i].Name))
		}
	}
	return list(parts)
}

func calls(cs []agg.Call) string {
	parts := make([]string, len(cs))
	for i, c := range cs {
		parts[i] = c.Text
	}
	return list(parts)
}
