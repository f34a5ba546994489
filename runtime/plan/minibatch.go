package plan

import (
	"fmt"
	"time"
)

// MiniBatch gathers rows before an operator that merges the changes of a batch: up to Rows of them, for no longer than
// Wait.
type MiniBatch struct {
	Props
	Input Node
	Rows  int
	Wait  time.Duration
}

// Inputs gives the input.
func (n *MiniBatch) Inputs() []Node { return []Node{n.Input} }

// Name gives MiniBatch.
func (n *MiniBatch) Name() string { return "MiniBatch" }

// Attrs gives the bounds.
func (n *MiniBatch) Attrs() []Attr {
	return attrs{{"rows", fmt.Sprint(n.Rows)}, {"wait", millis(n.Wait.Milliseconds())}}
}
