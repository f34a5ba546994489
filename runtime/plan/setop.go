package plan

// SetOp is a set operation that needs state.
type SetOp uint8

// Set operations.
const (
	Intersect SetOp = iota
	Except
)

// Name gives the operator's name: Intersect, ExceptAll.
func (o SetOp) Name(all bool) string {
	name := [...]string{"Intersect", "Except"}[o]
	if all {
		name += "All"
	}
	return name
}

// SetOperation gives the rows that both sides have (Intersect), or the left one has and the right one
// has not (Except), each once; with All as often as both have it, or as the left one has it
// more often. The input holds both sides; its last column, a BOOLEAN, is TRUE for rows of the right
// one and is no part of the output.
type SetOperation struct {
	Props
	Input Node
	Op    SetOp
	All   bool
}

// Inputs gives the input.
func (n *SetOperation) Inputs() []Node { return []Node{n.Input} }

// Name gives Intersect, Except, IntersectAll or ExceptAll.
func (n *SetOperation) Name() string { return n.Op.Name(n.All) }

// Attrs gives nothing.
func (n *SetOperation) Attrs() []Attr { return nil }
