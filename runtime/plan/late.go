package plan

// LateRows are the rows that Input, an operator that waits for event time, has dropped because they came behind the
// watermark: the columns of that operator's own input, then the watermark (TIMESTAMP(3), or TIMESTAMP_LTZ(3) as the time
// attribute is), how many milliseconds the row was behind it (BIGINT; NULL without a time attribute), and the row's
// change kind ('+I', …). It takes nothing of what Input gives.
type LateRows struct {
	Props
	Input   Node
	TimeCol int // the time attribute among the columns, -1 for none
}

// LateColumns is how many columns there are behind those of the operator's input.
const LateColumns = 3

// Inputs gives the operator.
func (n *LateRows) Inputs() []Node { return []Node{n.Input} }

// Name gives LateRows.
func (n *LateRows) Name() string { return "LateRows" }

// Attrs gives the operator.
func (n *LateRows) Attrs() []Attr { return attrs{{"of", n.Input.Name()}} }
