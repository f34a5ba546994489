package blocks

import (
	"testing"

	"github.com/weirstream/weir/connectors"
)

// TestEveryRowIsDealtOnce reads all splits, each from the position that it has reached.
func TestEveryRowIsDealtOnce(t *testing.T) {
	for _, d := range []Dealing{{100, 7, 3}, {100, 100, 4}, {21, 7, 3}, {1, 5, 2}, {0, 5, 2}, {50, 1, 8}} {
		seen := make([]int, d.Rows)
		for _, split := range d.List() {
			var position []byte
			for {
				row, err := d.Start(connectors.ReadRequest{Split: split, Position: position})
				if err != nil {
					t.Fatalf("%+v: %v", d, err)
				}
				if row >= d.Rows {
					break
				}
				seen[row]++
				if row++; row == d.End(row-1) {
					row = d.Next(row)
				}
				position = Position(row)
			}
		}
		for row, n := range seen {
			if n != 1 {
				t.Errorf("%+v: row %d is dealt %d times", d, row, n)
			}
		}
	}
}

func TestForeignPositions(t *testing.T) {
	d := Dealing{Rows: 100, Block: 10, Splits: 2}
	second := d.List()[1]
	for _, r := range []connectors.ReadRequest{
		{Split: connectors.Split{ID: "a file"}},
		{Split: second, Position: Position(5)}, // the first split's
		{Split: second, Position: []byte{0x80}},
		{Split: second, Position: append(Position(15), 0)},
	} {
		if next, err := d.Start(r); err == nil {
			t.Errorf("split %v at %x begins with row %d", r.Split, r.Position, next)
		}
	}
}
