package expr

import (
	"errors"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
)

// A frame is what all cells of a program share: the batch at hand.
type frame struct {
	batch    *vec.Batch
	n        int
	gen      uint64 // counts batches: a cell of an older one is stale
	identity []int32
}

func (f *frame) begin(b *vec.Batch) {
	f.batch, f.n = b, b.Len()
	f.gen++
	for i := len(f.identity); i < f.n; i++ {
		f.identity = append(f.identity, int32(i))
	}
}

// all selects every row.
func (f *frame) all() []int32 { return f.identity[:f.n] }

// A scope is a part of a program that is evaluated for the same rows: the whole, or what
// stands behind a condition (the right side of AND, a branch of CASE). Its selection is
// set each time before anything in it is evaluated. Cells are shared with the scopes
// inside of it, whose rows are among its own.
type scope struct {
	f      *frame
	parent *scope
	sel    []int32       // nil: all rows
	memo   map[int]*cell // by the numbers of compiler.keys
}

func (s *scope) inner() *scope {
	return &scope{f: s.f, parent: s, memo: map[int]*cell{}}
}

// rows gives the selection with all rows written out.
func (s *scope) rows() []int32 {
	if s.sel == nil {
		return s.f.all()
	}
	return s.sel
}

// A node computes a column for the rows of its scope; other rows hold anything.
type node interface {
	compute(s *scope) (*vec.Vector, error)
}

// A cell is a node with its result for the batch at hand: what stands several times in
// a program is one cell.
type cell struct {
	node
	e     Expr
	scope *scope
	gen   uint64
	out   *vec.Vector
	cheap bool // total and made of total parts: it costs and fails nothing for more rows
}

func (c *cell) eval() (*vec.Vector, error) {
	if c.gen == c.scope.f.gen {
		return c.out, nil
	}
	out, err := c.compute(c.scope)
	if err != nil {
		return nil, located(err, c.e)
	}
	c.out, c.gen = out, c.scope.f.gen
	return out, nil
}

// located puts the expression's place into the error of a row. The error stays a
// *vec.RowError, so that the runtime can show the row; inside is a *diag.Error.
func located(err error, e Expr) error {
	var de *diag.Error
	if errors.As(err, &de) && !de.Span.IsZero() {
		return err
	}
	var re *vec.RowError
	if !errors.As(err, &re) {
		return err
	}
	if de != nil { // it has a hint already, but no place
		c := *de
		c.Span, de = e.Span(), &c
	} else {
		de = diag.Errorf(e.Span(), "%w", re.Err)
	}
	switch e := e.(type) {
	case *Cast:
		de = de.WithHint("TRY_CAST gives NULL for what cannot be cast")
	case *Call:
		de.Msg += " in " + e.String()
	}
	return &vec.RowError{Row: re.Row, Err: de}
}
