package plan

import "github.com/weirstream/weir/runtime/expr"

// Unnest gives a row for each element of the collection in column Column, an ARRAY, MAP or MULTISET
// (whose elements come as often as they are in it). Output: the columns Keep of the input,
// then the element (the fields of a ROW, key and value of a MAP), then, with Ordinality, its place, an
// INT from 1. A NULL among elements that are ROWs is passed over. With Outer a row without elements is
// given once, with NULLs behind Keep; so is one none of whose elements meets On.
type Unnest struct {
	Props
	Input      Node
	Column     int
	Keep       []int
	Ordinality bool
	Outer      bool
	On         expr.Expr // over the output; nil for TRUE
}

// Inputs gives the input.
func (n *Unnest) Inputs() []Node { return []Node{n.Input} }

// Name gives Unnest.
func (n *Unnest) Name() string { return "Unnest" }

// Attrs gives the collection and what becomes of its elements.
func (n *Unnest) Attrs() []Attr {
	as := make([]string, 0, len(n.Schema)-len(n.Keep))
	for _, f := range n.Schema[len(n.Keep):] {
		as = append(as, f.Name)
	}
	a := attrs{{"of", n.Input.Properties().Schema[n.Column].Name}, {"as", list(as)}}
	if n.Outer {
		a.add("outer", "true")
	}
	if n.On != nil {
		a.add("on", n.On.String())
	}
	return a
}
