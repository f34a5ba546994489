package op

import (
	"unicode/utf8"

	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
)

// lengthen makes the values of a column fit its length: longer ones are cut, shorter ones of CHAR and BINARY filled up
// with spaces and zeros, or the job fails. A batch in which all fit, which is the rule, costs a look at
// each value's length and no copy.
type lengthen struct {
	plan.Length
	out *vec.Vector
	buf []byte
}

// fit gives the column with values that fit; sel are the rows that count.
func (l *lengthen) fit(v *vec.Vector, rows int, sel []int32, c *plan.Constrain) (*vec.Vector, error) {
	first := -1
	for k := range rows {
		if i := at(sel, k); !v.IsNull(i) && !l.fits(v.Bytes(i)) {
			first = i
			break
		}
	}
	if first < 0 {
		return v, nil
	}
	if c.FailOnLength {
		return nil, l.fault(v.Bytes(first), first, c)
	}
	if l.out == nil {
		l.out = vec.New(v.Type())
	}
	l.out.Reset()
	for i := range v.Len() {
		if v.IsNull(i) {
			l.out.AppendNull()
			continue
		}
		l.out.AppendBytes(l.value(v.Bytes(i)))
	}
	return l.out, nil
}

func (l *lengthen) fits(s []byte) bool {
	if !l.Fixed && len(s) <= l.Max {
		return true
	}
	n := l.length(s)
	return n == l.Max || n < l.Max && !l.Fixed
}

func (l *lengthen) length(s []byte) int {
	if l.Binary {
		return len(s)
	}
	return utf8.RuneCount(s)
}

// value gives s with the column's length.
func (l *lengthen) value(s []byte) []byte {
	n := l.length(s)
	switch {
	case n > l.Max && l.Binary:
		return s[:l.Max]
	case n > l.Max:
		end := 0
		for range l.Max {
			_, size := utf8.DecodeRune(s[end:])
			end += size
		}
		return s[:end]
	case n < l.Max && l.Fixed:
		l.buf = append(l.buf[:0], s...)
		fill := byte(' ')
		if l.Binary {
			fill = 0
		}
		for ; n < l.Max; n++ {
			l.buf = append(l.buf, fill)
		}
		return l.buf
	}
	return s
}

func (l *lengthen) fault(s []byte, row int, c *plan.Constrain) error {
	f := c.Schema[l.Col]
	unit := "characters"
	if l.Binary {
		unit = "bytes"
	}
	return &vec.RowError{Row: row, Err: diag.Errorf(c.At, "column '%s' of table '%s' is %s, but the query gives a value of %d %s", f.Name, c.Table,
		l.Type.WithNull(), l.length(s), unit).
		WithHint("SET 'table.exec.sink.type-length-enforcer' = 'TRIM_PAD' cuts longer values and fills up shorter ones")}
}
