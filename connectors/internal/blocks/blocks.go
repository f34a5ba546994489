// Package blocks deals the numbered rows of a generating source to splits: they take blocks of
// rows in turns, so that all of them go through time together. A split's position is the number of
// its next row.
//
// Enter at Dealing.
package blocks

import (
	"encoding/binary"
	"fmt"

	"github.com/weirstream/weir/connectors"
)

// Dealing says how rows are dealt. Row n belongs to block n/Block, and that to split
// n/Block%Splits.
type Dealing struct {
	Rows   int64 // how many there are: numbers from 0
	Block  int64 // rows of a block
	Splits int64
}

// List gives the splits that have rows, one at least.
func (d Dealing) List() []connectors.Split {
	out := make([]connectors.Split, min(d.Splits, max((d.Rows+d.Block-1)/d.Block, 1)))
	for i := range out {
		out[i] = connectors.Split{ID: fmt.Sprintf("%d/%d", i, d.Splits), Data: int64(i)}
	}
	return out
}

// Start gives the number of the row that a reader begins with: that of its position, else the
// first of its split.
func (d Dealing) Start(r connectors.ReadRequest) (int64, error) {
	split, ok := r.Split.Data.(int64)
	if !ok {
		return 0, fmt.Errorf("opening split %s: it is none of this source", r.Split.ID)
	}
	if len(r.Position) == 0 {
		return split * d.Block, nil
	}
	n, used := binary.Uvarint(r.Position)
	next := int64(n)
	if used != len(r.Position) || next < 0 || next < d.Rows && next/d.Block%d.Splits != split {
		return 0, fmt.Errorf("opening split %s: position %x is none of it; have the options changed?", r.Split.ID, r.Position)
	}
	return next, nil
}

// End gives the end (exclusive) of the block that a row is in.
func (d Dealing) End(row int64) int64 { return min((row/d.Block+1)*d.Block, d.Rows) }

// Next gives the row that a split goes on with after the block that ends at end; Rows when it has
// no more.
func (d Dealing) Next(end int64) int64 { return min(end+(d.Splits-1)*d.Block, d.Rows) }

// Position gives the position of a split whose next row is next.
func Position(next int64) []byte { return binary.AppendUvarint(nil, uint64(next)) }
