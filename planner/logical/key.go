package logical

import (
	"fmt"
	"strings"

	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/runtime/expr"
)

// Key gives a text that two plans share exactly when they compute the same from the same
// tables. ok is false where a plan must not be taken for another: it calls volatile functions.
func Key(n Node) (key string, ok bool) {
	var b strings.Builder
	ok = true
	Walk(n, func(n Node) bool {
		for _, x := range exprsOf(n) {
			ok = ok && expr.IsDeterministic(x)
		}
		writeKey(&b, n)
		return ok
	})
	return b.String(), ok
}

// exprsOf gives the expressions of a node.
func exprsOf(n Node) []expr.Expr {
	switch n := n.(type) {
	case *Scan:
		return n.Exprs
	case *Filter:
		return []expr.Expr{n.Cond}
	case *Project:
		return n.Exprs
	case *Values:
		var out []expr.Expr
		for _, r := range n.Rows {
			out = append(out, r...)
		}
		return out
	}
	return nil
}

// writeKey writes what a node does; its inputs follow. Names count, because they are seen.
func writeKey(b *strings.Builder, n Node) {
	fmt.Fprintf(b, "%s(%q", n.Name(), n.Schema().Names())
	for _, x := range exprsOf(n) {
		b.WriteString(";" + expr.Key(x))
	}
	switch n := n.(type) {
	case *Scan:
		fmt.Fprintf(b, ";%s;%p;%v", n.Digest, n.Source, n.Columns)
		if n.Watermark != nil {
			fmt.Fprintf(b, ";wm %d %s %v", n.Watermark.Column, expr.Key(n.Watermark.X), n.Watermark.Emit)
		}
		if n.Filter != nil {
			b.WriteString(";filter " + expr.Key(n.Filter))
		}
	case *Values:
		fmt.Fprintf(b, ";%d", len(n.Rows))
	case *WindowTVF:
		fmt.Fprintf(b, ";%v;%v;%v", n.Window, n.Partition, n.ByGroup)
	case *Aggregate:
		fmt.Fprintf(b, ";%v;%s", n.GroupBy, callsKey(n.Calls))
	case *WindowAggregate:
		fmt.Fprintf(b, ";%v;%v;%s;%v", n.Window, n.GroupBy, callsKey(n.Calls), n.Windows)
	case *Normalize:
		fmt.Fprintf(b, ";%v", n.Key)
	case *Sort:
		fmt.Fprintf(b, ";%v", n.Order)
	case *Rank:
		fmt.Fprintf(b, ";%s;%v;%v;%d;%d;%v", n.Function, n.Partition, n.Order, n.From, n.To, n.Number)
	case *Over:
		fmt.Fprintf(b, ";%v;%v;%v;%s", n.Partition, n.Order, n.Frame, callsKey(n.Calls))
	case *Expand:
		fmt.Fprintf(b, ";%v;%v", n.Vary, n.Sets)
	case *Unnest:
		fmt.Fprintf(b, ";%d;%v;%v;%v", n.Column, n.Keep, n.Ordinality, n.Outer)
	case *Shared:
		fmt.Fprintf(b, ";%d", n.Block.ID)
	case *Sink:
		fmt.Fprintf(b, ";%s;%p", n.Table, n.Sink)
	}
	fmt.Fprintf(b, ")%d", len(n.Children()))
}

func callsKey(calls []agg.Call) string {
	parts := make([]string, len(calls))
	for i, c := range calls {
		parts[i] = fmt.Sprintf("%s%v%v%d", c.Fn.Name, c.Distinct, c.Args, c.Filter)
	}
	return strings.Join(parts, ",")
}
