package raw

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"

	"golang.org/x/text/encoding"

	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// Decoder reads records into a column.
type Decoder struct {
	*layout
	read bool // the column is asked for
	text *encoding.Decoder
	out  []vec.StringView
	buf  uint32
}

// DecodeLines is format.Decoder's.
func (d *Decoder) DecodeLines(data []byte, final bool, b *vec.Batch, limit int) (int, error) {
	if len(data) > math.MaxUint32 {
		data, final = data[:math.MaxUint32], false
	}
	row := b.Len()
	last := row + limit
	d.open(data, b, last)
	pos := 0
	var err error
	for row < last && pos < len(data) {
		end, next := d.end(data, pos)
		if next == 0 {
			if !final {
				break
			}
			end, next = len(data), len(data)
		}
		if err = d.set(b, data, pos, end, row); err != nil {
			break
		}
		row++
		pos = next
	}
	d.close(b, row)
	return pos, err
}

// DecodeMessage is format.Decoder's: one row, or one for each part where a delimiter was
// set.
func (d *Decoder) DecodeMessage(data []byte, b *vec.Batch) error {
	if d.ownEnd {
		_, err := d.DecodeLines(data, true, b, bytes.Count(data, d.delimiter)+1)
		return err
	}
	row := b.Len()
	d.open(data, b, row+1)
	err := d.set(b, data, 0, len(data), row)
	if err == nil {
		row++
	}
	d.close(b, row)
	return err
}

func (d *Decoder) open(data []byte, b *vec.Batch, rows int) {
	if !d.read {
		return
	}
	v := b.Cols[0]
	v.Resize(rows)
	if v.Phys() == vec.View {
		d.out, d.buf = vec.Values[vec.StringView](v), v.AddBuffer(data)
	}
}

func (d *Decoder) close(b *vec.Batch, rows int) {
	if d.read {
		b.Cols[0].Resize(rows)
	}
	b.SetLen(rows)
}

// end gives the end of the record at pos and the place behind its delimiter, 0 where there
// is none.
func (d *Decoder) end(data []byte, pos int) (end, next int) {
	if len(d.delimiter) == 1 {
		n := bytes.IndexByte(data[pos:], d.delimiter[0])
		if n < 0 {
			return 0, 0
		}
		end, next = pos+n, pos+n+1
		if end > pos && data[end-1] == '\r' && d.delimiter[0] == '\n' {
			end--
		}
		return end, next
	}
	for at := pos; ; {
		n := bytes.Index(data[at:], d.delimiter)
		if n < 0 {
			return 0, 0
		}
		at += n
		if (at-pos)%d.unit == 0 {
			return at, at + len(d.delimiter)
		}
		at++ // a delimiter across two characters is none
	}
}

// set makes data[from:to] the value of a row.
func (d *Decoder) set(b *vec.Batch, data []byte, from, to, row int) error {
	if !d.read {
		return nil
	}
	s, v := data[from:to], b.Cols[0]
	switch {
	case d.text != nil:
		t, err := d.text.Bytes(s)
		if err != nil {
			return d.fault(from, fmt.Errorf("decoding %s: %w", format.Excerpt(s), err))
		}
		v.SetBytes(row, t)
	case d.width == 0:
		if len(s) <= vec.InlineLen {
			d.out[row] = vec.MakeInline(s)
		} else {
			d.out[row] = vec.MakeView(s, d.buf, uint32(from))
		}
	case len(s) != d.width:
		return d.fault(from, fmt.Errorf("a %s has %d bytes, the record %d", d.typ.WithNull(), d.width, len(s)))
	default:
		d.setBinary(v, row, s)
	}
	return nil
}

func (d *Decoder) fault(at int, err error) error {
	return &format.RecordError{Start: at, Offset: at, Field: d.name, Err: err}
}

func (d *Decoder) setBinary(v *vec.Vector, row int, s []byte) {
	var order binary.ByteOrder = binary.BigEndian
	if d.little {
		order = binary.LittleEndian
	}
	switch d.typ.Kind {
	case types.Boolean:
		v.SetBool(row, s[0] != 0)
	case types.TinyInt:
		vec.Values[int8](v)[row] = int8(s[0])
	case types.SmallInt:
		vec.Values[int16](v)[row] = int16(order.Uint16(s))
	case types.Int, types.Float: // a float's bits are copied as they are
		vec.Values[int32](v)[row] = int32(order.Uint32(s))
	default:
		vec.Values[int64](v)[row] = int64(order.Uint64(s))
	}
}
