package state

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/weirstream/weir/runtime/vec"
)

// Values of keyed tables are written row by row: a bitmap of the columns that are NULL, then the others: fixed
// widths little-endian, strings after their length as a varint, lists after their number of elements, each
// after a byte that says whether it is NULL, rows field by field in the same way.

// appendRow appends row i of cols.
func appendRow(dst []byte, cols []*vec.Vector, i int) []byte {
	at := len(dst)
	for range (len(cols) + 7) / 8 {
		dst = append(dst, 0)
	}
	for c, v := range cols {
		if v.IsNull(i) {
			dst[at+c/8] |= 1 << (c & 7)
		} else {
			dst = appendValue(dst, v, i)
		}
	}
	return dst
}

func appendValue(dst []byte, v *vec.Vector, i int) []byte {
	switch v.Phys() {
	case vec.Bool:
		if v.Bool(i) {
			return append(dst, 1)
		}
		return append(dst, 0)
	case vec.Int8:
		return append(dst, byte(vec.Values[int8](v)[i]))
	case vec.Int16:
		return binary.LittleEndian.AppendUint16(dst, uint16(vec.Values[int16](v)[i]))
	case vec.Int32:
		return binary.LittleEndian.AppendUint32(dst, uint32(vec.Values[int32](v)[i]))
	case vec.Int64:
		return binary.LittleEndian.AppendUint64(dst, uint64(vec.Values[int64](v)[i]))
	case vec.Float32:
		return binary.LittleEndian.AppendUint32(dst, math.Float32bits(vec.Values[float32](v)[i]))
	case vec.Float64:
		return binary.LittleEndian.AppendUint64(dst, math.Float64bits(vec.Values[float64](v)[i]))
	case vec.Decimal:
		d := vec.Values[vec.Dec128](v)[i]
		dst = binary.LittleEndian.AppendUint64(dst, d.Lo)
		return binary.LittleEndian.AppendUint64(dst, uint64(d.Hi))
	case vec.View:
		b := v.Bytes(i)
		return append(binary.AppendUvarint(dst, uint64(len(b))), b...)
	case vec.List, vec.MapOf:
		from, to := v.Offsets()[i], v.Offsets()[i+1]
		dst = binary.AppendUvarint(dst, uint64(to-from))
		for j := from; j < to; j++ {
			for _, c := range v.Children() {
				dst = appendNullable(dst, c, int(j))
			}
		}
		return dst
	}
	for _, c := range v.Children() {
		dst = appendNullable(dst, c, i)
	}
	return dst
}

func appendNullable(dst []byte, v *vec.Vector, i int) []byte {
	if v.IsNull(i) {
		return append(dst, 0)
	}
	return appendValue(append(dst, 1), v, i)
}

// readRow appends a row to cols; src is all of it.
func readRow(src []byte, cols []*vec.Vector) (err error) {
	n := (len(cols) + 7) / 8
	if len(src) < n {
		return errShort
	}
	nulls := src[:n]
	src = src[n:]
	for c, v := range cols {
		if nulls[c/8]>>(c&7)&1 != 0 {
			appendNull(v)
			continue
		}
		if src, err = readValue(src, v); err != nil {
			return err
		}
	}
	if len(src) > 0 {
		return errors.New("a row is longer than its columns")
	}
	return nil
}

func readValue(src []byte, v *vec.Vector) ([]byte, error) {
	switch v.Phys() {
	case vec.View:
		n, k := binary.Uvarint(src)
		if k <= 0 || uint64(len(src)-k) < n {
			return nil, errShort
		}
		v.AppendBytes(src[k : k+int(n)])
		return src[k+int(n):], nil
	case vec.List, vec.MapOf:
		return readList(src, v)
	case vec.Struct:
		var err error
		for _, c := range v.Children() {
			if src, err = readNullable(src, c); err != nil {
				return nil, err
			}
		}
		v.EndRow()
		return src, nil
	}
	n := fixedWidth(v.Phys())
	if len(src) < n {
		return nil, errShort
	}
	readFixed(src, v)
	return src[n:], nil
}

func readFixed(src []byte, v *vec.Vector) {
	switch v.Phys() {
	case vec.Bool:
		v.AppendBool(src[0] != 0)
	case vec.Int8:
		vec.Append(v, int8(src[0]))
	case vec.Int16:
		vec.Append(v, int16(binary.LittleEndian.Uint16(src)))
	case vec.Int32:
		vec.Append(v, int32(binary.LittleEndian.Uint32(src)))
	case vec.Int64:
		vec.Append(v, int64(binary.LittleEndian.Uint64(src)))
	case vec.Float32:
		vec.Append(v, math.Float32frombits(binary.LittleEndian.Uint32(src)))
	case vec.Float64:
		vec.Append(v, math.Float64frombits(binary.LittleEndian.Uint64(src)))
	case vec.Decimal:
		vec.Append(v, vec.Dec128{Lo: binary.LittleEndian.Uint64(src), Hi: int64(binary.LittleEndian.Uint64(src[8:]))})
	}
}

func readList(src []byte, v *vec.Vector) ([]byte, error) {
	n, k := binary.Uvarint(src)
	if k <= 0 || n > uint64(len(src)) { // an element takes a byte at least
		return nil, errShort
	}
	src = src[k:]
	var err error
	for range n {
		for _, c := range v.Children() {
			if src, err = readNullable(src, c); err != nil {
				return nil, err
			}
		}
	}
	v.EndList()
	return src, nil
}

func readNullable(src []byte, v *vec.Vector) ([]byte, error) {
	if len(src) == 0 {
		return nil, errShort
	}
	switch src[0] {
	case 0:
		appendNull(v)
		return src[1:], nil
	case 1:
	default:
		return nil, fmt.Errorf("a value begins with the byte %02x", src[0])
	}
	return readValue(src[1:], v)
}
