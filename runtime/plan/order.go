package plan

import (
	"fmt"

	"github.com/weirstream/weir/runtime/order"
	"github.com/weirstream/weir/runtime/vec"
)

// TopN gives the rows of each partition whose rank by Order lies between From and To, counted
// from 1 and both included. Output: the input's columns and, with Number, the rank (BIGINT NOT NULL).
// Without Order rows rank in the order in which they come: LIMIT.
type TopN struct {
	Props
	Input        Node
	Partition    []int
	Order        []order.Key
	From, To     int64
	Number       bool
	UpdateBefore bool // somebody needs -U
	InputRetract bool // the input has other kinds than inserts
	// RowKey are columns that identify a row of a changelog; nil where only all of them do.
	RowKey []int
}

// Inputs gives the input.
func (n *TopN) Inputs() []Node { return []Node{n.Input} }

// Name gives TopN, or Limit where there is no order.
func (n *TopN) Name() string {
	if len(n.Order) == 0 && len(n.Partition) == 0 {
		return "Limit"
	}
	return "TopN"
}

// Attrs gives partition, order and ranks.
func (n *TopN) Attrs() []Attr {
	in := n.Input.Properties().Schema
	var a attrs
	a.add("by", list(names(in, n.Partition)))
	a.add("order", list(Ordering(in, n.Order)))
	a.add("ranks", Ranks(n.From, n.To))
	if n.InputRetract {
		a.add("keeps", "all rows")
	}
	return a
}

// Ranks prints a range of ranks: 1 to 10.
func Ranks(from, to int64) string {
	if from == to {
		return fmt.Sprint(from)
	}
	return fmt.Sprintf("%d to %d", from, to)
}

// Ordering prints the keys of an ORDER BY over columns of a schema.
func Ordering(s vec.Schema, keys []order.Key) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = k.Describe(s[k.Column].Name)
	}
	return out
}

// Deduplicate gives one row of each key: the first by time, or the last, whose changes are updates.
type Deduplicate struct {
	Props
	Input        Node
	Keys         []int
	TimeCol      int // the time attribute
	ProcTime     bool
	Last         bool
	UpdateBefore bool // somebody needs -U
}

// Inputs gives the input.
func (n *Deduplicate) Inputs() []Node { return []Node{n.Input} }

// Name gives Deduplicate.
func (n *Deduplicate) Name() string { return "Deduplicate" }

// KeepsTimes reports whether no row has to be kept: the last by event time, where nobody needs -U, is found by the times of
// those before.
func (n *Deduplicate) KeepsTimes() bool { return n.Last && !n.ProcTime && !n.UpdateBefore }

// Attrs gives the key, which row is given and, where that is not the row, what is kept of it.
func (n *Deduplicate) Attrs() []Attr {
	in := n.Input.Properties().Schema
	var a attrs
	a.add("by", list(names(in, n.Keys)))
	keep := "first"
	if n.Last {
		keep = "last"
	}
	by := in[n.TimeCol].Name
	if n.ProcTime {
		by = "processing time"
	}
	a.add("keep", keep+" by "+by)
	if n.KeepsTimes() {
		a.add("state", "key and time")
	}
	return a
}

// Sort gives rows in the order of Order, whose first key is the event-time attribute, ascending.
type Sort struct {
	Props
	Input Node
	Order []order.Key
}

// Inputs gives the input.
func (n *Sort) Inputs() []Node { return []Node{n.Input} }

// Name gives Sort.
func (n *Sort) Name() string { return "Sort" }

// Attrs gives the keys.
func (n *Sort) Attrs() []Attr {
	return attrs{{"by", list(Ordering(n.Input.Properties().Schema, n.Order))}}
}

// WindowTopN is TopN over the rows of each window, which it gives when the window has ended: the columns Start and
// End of the partition are its bounds. With Newest, of rows that are equal the one that came last is first.
type WindowTopN struct {
	Props
	Input      Node
	Window     Window
	Start, End int
	Partition  []int
	Order      []order.Key
	From, To   int64
	Number     bool
	Newest     bool
}

// Inputs gives the input.
func (n *WindowTopN) Inputs() []Node { return []Node{n.Input} }

// Name gives WindowTopN.
func (n *WindowTopN) Name() string { return "WindowTopN" }

// Attrs gives window, partition, order and ranks.
func (n *WindowTopN) Attrs() []Attr {
	in := n.Input.Properties().Schema
	var rest []int
	for _, c := range n.Partition {
		if c != n.Start && c != n.End {
			rest = append(rest, c)
		}
	}
	a := attrs{{"window", "[" + in[n.Start].Name + ", " + in[n.End].Name + ")"}}
	a.add("by", list(names(in, rest)))
	a.add("order", list(Ordering(in, n.Order)))
	a.add("ranks", Ranks(n.From, n.To))
	return a
}
