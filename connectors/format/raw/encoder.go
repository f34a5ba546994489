package raw

import (
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/text/encoding"

	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// Encoder writes a column's values.
type Encoder struct {
	*layout
	text *encoding.Encoder
}

var errNull = errors.New("NULL has no raw form")

// AppendLines is format.Encoder's. A value is not searched for the delimiter, as in Flink.
func (e *Encoder) AppendLines(dst []byte, b *vec.Batch, sel []int32) ([]byte, error) {
	for row := range b.Selected(sel) {
		if b.Cols[0].IsNull(row) {
			return dst, &format.RecordError{Row: row, Field: e.name, Err: errNull}
		}
		out, err := e.AppendMessage(dst, b, row)
		if err != nil {
			return dst, err
		}
		dst = out
		if !e.ownEnd {
			dst = append(dst, e.delimiter...)
		}
	}
	return dst, nil
}

// AppendMessage is format.Encoder's. NULL appends nothing. A delimiter that was set is
// written behind the value, as in Flink.
func (e *Encoder) AppendMessage(dst []byte, b *vec.Batch, row int) ([]byte, error) {
	v := b.Cols[0]
	if v.IsNull(row) {
		return dst, nil
	}
	var err error
	if dst, err = e.value(dst, v, row); err != nil {
		return dst, &format.RecordError{Row: row, Field: e.name, Err: err}
	}
	if e.ownEnd {
		dst = append(dst, e.delimiter...)
	}
	return dst, nil
}

func (e *Encoder) value(dst []byte, v *vec.Vector, row int) ([]byte, error) {
	if e.width == 0 {
		s := v.Bytes(row)
		if e.text != nil {
			t, err := e.text.Bytes(s)
			if err != nil {
				return dst, fmt.Errorf("encoding %s: %w", format.Excerpt(s), err)
			}
			s = t
		}
		return append(dst, s...), nil
	}
	var order binary.AppendByteOrder = binary.BigEndian
	if e.little {
		order = binary.LittleEndian
	}
	switch e.typ.Kind {
	case types.Boolean:
		if v.Bool(row) {
			return append(dst, 1), nil
		}
		return append(dst, 0), nil
	case types.TinyInt:
		return append(dst, byte(vec.Values[int8](v)[row])), nil
	case types.SmallInt:
		return order.AppendUint16(dst, uint16(vec.Values[int16](v)[row])), nil
	case types.Int, types.Float:
		return order.AppendUint32(dst, uint32(vec.Values[int32](v)[row])), nil
	}
	return order.AppendUint64(dst, uint64(vec.Values[int64](v)[row])), nil
}
