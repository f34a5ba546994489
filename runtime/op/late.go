package op

import (
	"github.com/weirstream/weir/runtime/vec"
)

// LateRows takes the rows that an operator drops because they came behind the watermark.
type LateRows interface {
	// Take copies row row of a batch of the operator's input that came when the watermark was wm.
	Take(b *vec.Batch, row int, wm int64)
}

// dropLate counts a late row and hands it to who takes such rows.
func (c *Context) dropLate(b *vec.Batch, row int, wm int64) {
	c.Late.Add(1)
	if c.LateRows != nil {
		c.LateRows.Take(b, row, wm)
	}
}

// lateRows passes on what it gets: the rows of a plan.LateRows, which the task hands to it.
type lateRows struct{ Base }

func (l *lateRows) Process(_ int, b *vec.Batch) error { return l.Ctx.Out.Emit(b) }
