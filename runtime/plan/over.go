package plan

import (
	"fmt"

	"github.com/weirstream/weir/runtime/agg"
)

// Frame are the rows that an OVER aggregate sees: those up to the current one, from Preceding before it.
type Frame struct {
	// Rows counts rows; else the frame is a length of time, and rows of the same time are all in it.
	Rows bool
	// Preceding is a number of rows or milliseconds, Unbounded for all.
	Preceding int64
}

// Unbounded is the Preceding of a frame that begins with the first row.
const Unbounded = -1

// Bounded reports whether rows leave the frame.
func (f Frame) Bounded() bool { return f.Preceding != Unbounded }

// String gives the frame as SQL has it: ROWS 2 PRECEDING.
func (f Frame) String() string {
	unit := "RANGE"
	if f.Rows {
		unit = "ROWS"
	}
	switch {
	case !f.Bounded():
		return unit + " UNBOUNDED PRECEDING"
	case f.Rows:
		return fmt.Sprintf("ROWS %d PRECEDING", f.Preceding)
	}
	return "RANGE " + millis(f.Preceding) + " PRECEDING"
}

// Over gives each row with aggregates over the frame that ends with it, among the rows of its Partition in
// the order of TimeCol. Output: the input's columns, then Calls. Rows of event time leave in order
// of time once the watermark has reached them.
type Over struct {
	Props
	Input     Node
	Partition []int
	TimeCol   int
	// ProcTime orders rows as they come; TimeCol is not read.
	ProcTime bool
	Frame    Frame
	Calls    []agg.Call
}

// Inputs gives the input.
func (n *Over) Inputs() []Node { return []Node{n.Input} }

// Name gives OverAggregate.
func (n *Over) Name() string { return "OverAggregate" }

// Attrs gives partition, order, frame and aggregates.
func (n *Over) Attrs() []Attr {
	in := n.Input.Properties().Schema
	var a attrs
	a.add("by", list(names(in, n.Partition)))
	by := in[n.TimeCol].Name
	if n.ProcTime {
		by += " (processing time)"
	}
	a.add("order", by)
	a.add("frame", n.Frame.String())
	a.add("aggregates", calls(n.Calls))
	return a
}
