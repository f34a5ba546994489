package csv

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/connectors/format/text"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// column is a column that is read, or a part of a nested one.
type column struct {
	name   string
	typ    types.Type
	vec    *vec.Vector
	buf    uint32 // the input among the vector's buffers
	nested bool
	parts  []*column // ARRAY: the element; ROW: the fields
	unit   int64     // of timestamps
	dates  text.Dates
}

func newColumn(name string, t types.Type) *column {
	c := &column{name: name, typ: t, nested: t.IsNested()}
	switch t.Kind {
	case types.Timestamp, types.TimestampLTZ:
		c.unit = vec.UnitOf(t.Precision)
	case types.Array:
		c.parts = []*column{newColumn("", *t.Elem)}
	case types.Row:
		for _, f := range t.Fields {
			c.parts = append(c.parts, newColumn(f.Name, f.Type))
		}
	}
	return c
}

// attach points the column at a vector; a flat one is sized to rows.
func (c *column) attach(v *vec.Vector, data []byte, rows int) {
	c.vec = v
	if !c.nested {
		if rows >= 0 {
			v.Resize(rows)
		}
		if v.Phys() == vec.View {
			c.buf = v.AddBuffer(data)
		}
	}
	for i, p := range c.parts {
		p.attach(v.Child(i), data, -1)
	}
}

func (c *column) takeBack(row int) {
	if c.nested {
		c.vec.Truncate(row)
	} else if c.vec.Valid() != nil {
		vec.SetBit(c.vec.EnsureValid(), row)
	}
}

var (
	errNotNull = errors.New("NULL in a column that is NOT NULL")
	errUTF8    = errors.New("the text is not valid UTF-8")
)

func (c *column) null(i, offset int) error {
	if !c.typ.Nullable() {
		return &format.RecordError{Offset: offset, Field: c.name, Err: errNotNull}
	}
	c.setNull(i)
	return nil
}

func (c *column) setNull(i int) {
	if c.nested {
		c.vec.AppendNull()
	} else {
		c.vec.PutNull(i)
	}
}

// set makes a field's text value i of its column.
func (d *Decoder) set(c *column, data []byte, f field, i int) error {
	s, at := data[f.from:f.to], f.from
	if f.escaped {
		d.scratch = d.resolve(d.scratch[:0], s, f.quoted)
		s, at = d.scratch, -1
	}
	return d.setText(c, s, at, i)
}

// setText converts s; at is where it lies in the input, -1 for elsewhere.
func (d *Decoder) setText(c *column, s []byte, at, i int) error {
	if d.hasNull && string(s) == d.null || d.emptyNull && len(s) == 0 {
		if !c.typ.Nullable() {
			return errNotNull
		}
		c.setNull(i)
		return nil
	}
	var err error
	switch c.typ.Kind {
	case types.Char, types.VarChar:
		return c.setString(s, at, i)
	case types.Array:
		return d.setArray(c, s, at)
	case types.Row:
		return d.setRow(c, s, at)
	default:
		err = c.setScalar(s, i)
	}
	switch {
	case errors.Is(err, text.ErrRange):
		return fmt.Errorf("%s is out of the range of %s", format.Excerpt(s), c.typ.WithNull())
	case err != nil:
		return fmt.Errorf("%s is not of type %s", format.Excerpt(s), c.typ.WithNull())
	}
	return nil
}

func (c *column) setString(s []byte, at, i int) error {
	if !utf8.Valid(s) {
		return errUTF8
	}
	if at < 0 || len(s) <= vec.InlineLen {
		c.vec.SetBytes(i, s)
	} else {
		vec.Values[vec.StringView](c.vec)[i] = vec.MakeView(s, c.buf, uint32(at))
	}
	return nil
}

func (c *column) setScalar(s []byte, i int) (err error) {
	v := c.vec
	switch c.typ.Kind {
	case types.Boolean:
		return text.SetBool(v, i, text.Trim(s))
	case types.Binary, types.VarBinary:
		_, err = text.SetBase64(v, i, s, nil)
	case types.Date:
		vec.Values[int32](v)[i], err = text.ParseLooseDate(s)
	case types.Time:
		var x int32
		x, err = text.ParseTime(s, true)
		step := [...]int32{1000, 100, 10, 1}[c.typ.Precision]
		vec.Values[int32](v)[i] = x / step * step
	case types.Timestamp, types.TimestampLTZ:
		zoned := c.typ.Kind == types.TimestampLTZ
		vec.Values[int64](v)[i], err = text.ParseTimestamp(text.Trim(s), text.SQL, zoned, c.unit, &c.dates)
	case types.Decimal:
		return text.SetNumber(v, i, c.typ, s)
	default:
		return text.SetNumber(v, i, c.typ, text.Trim(s))
	}
	return err
}

// setArray splits an ARRAY's text; the empty text is the empty array.
func (d *Decoder) setArray(c *column, s []byte, at int) error {
	elem := c.parts[0]
	for n := 0; len(s) > 0 || n > 0; n++ {
		part, rest, more := bytes.Cut(s, []byte(d.element))
		if err := d.setPart(elem, part, at); err != nil {
			return fmt.Errorf("element %d: %w", n+1, err)
		}
		if !more {
			break
		}
		at, s = after(at, len(s)-len(rest)), rest
	}
	c.vec.EndList()
	return nil
}

// setRow splits a ROW's text, which has all fields; the empty text is NULL.
func (d *Decoder) setRow(c *column, s []byte, at int) error {
	if len(s) == 0 {
		if !c.typ.Nullable() {
			return errNotNull
		}
		c.vec.AppendNull()
		return nil
	}
	if n := bytes.Count(s, []byte(d.element)) + 1; n != len(c.parts) {
		return fmt.Errorf("%s has %d parts, the ROW %d fields", format.Excerpt(s), n, len(c.parts))
	}
	for _, p := range c.parts {
		part, rest, _ := bytes.Cut(s, []byte(d.element))
		if err := d.setPart(p, part, at); err != nil {
			return fmt.Errorf("field '%s': %w", p.name, err)
		}
		at, s = after(at, len(s)-len(rest)), rest
	}
	c.vec.EndRow()
	return nil
}

func after(at, n int) int {
	if at < 0 {
		return at
	}
	return at + n
}

// setPart appends one element.
func (d *Decoder) setPart(c *column, s []byte, at int) error {
	i := c.vec.Len()
	c.vec.Resize(i + 1)
	err := d.setText(c, s, at, i)
	if err != nil && d.ignoreErrors && c.typ.Nullable() {
		c.setNull(i)
		return nil
	}
	return err
}

// resolve takes doubled quotes and escapes out of a field's text.
func (d *Decoder) resolve(dst, s []byte, quoted bool) []byte {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if i+1 < len(s) {
			switch {
			case d.escape >= 0 && c == byte(d.escape) && (int(c) != d.quote || !quoted):
				i++
				c = unescaped(s[i], "0nrt", "\x00\n\r\t")
			case quoted && int(c) == d.quote:
				i++ // the second of a pair
			}
		}
		dst = append(dst, c)
	}
	return dst
}
