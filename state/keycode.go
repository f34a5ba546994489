package state

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"sort"

	"github.com/weirstream/weir/runtime/vec"
)

// Keys are written so that their bytes sort as their values do: a byte that is 0 for NULL and 1 otherwise, then
//
//	integers, times, intervals   big-endian, the sign bit flipped
//	decimals                     the same in 16 bytes
//	floats                       the bits, flipped so that they sort; one NaN, after all numbers
//	BOOLEAN                      a byte
//	strings, binary              the bytes, 00 as 00 FF, ended by 00 01
//	arrays                       each element after an 01, ended by 00
//	maps, multisets              the same, entries sorted by their bytes, so that equal ones have equal keys
//	rows                         field after field

var errShort = errors.New("a row ends too early")

// appendKey appends value i of v.
func appendKey(dst []byte, v *vec.Vector, i int) []byte {
	if v.IsNull(i) {
		return append(dst, 0)
	}
	dst = append(dst, 1)
	switch v.Phys() {
	case vec.Bool:
		if v.Bool(i) {
			return append(dst, 1)
		}
		return append(dst, 0)
	case vec.Int8:
		return append(dst, byte(vec.Values[int8](v)[i])^0x80)
	case vec.Int16:
		return binary.BigEndian.AppendUint16(dst, uint16(vec.Values[int16](v)[i])^1<<15)
	case vec.Int32:
		return binary.BigEndian.AppendUint32(dst, uint32(vec.Values[int32](v)[i])^1<<31)
	case vec.Int64:
		return binary.BigEndian.AppendUint64(dst, uint64(vec.Values[int64](v)[i])^1<<63)
	case vec.Float32:
		return binary.BigEndian.AppendUint32(dst, sortable32(vec.KeyBits32(vec.Values[float32](v)[i])))
	case vec.Float64:
		return binary.BigEndian.AppendUint64(dst, sortable64(vec.KeyBits64(vec.Values[float64](v)[i])))
	case vec.Decimal:
		d := vec.Values[vec.Dec128](v)[i]
		dst = binary.BigEndian.AppendUint64(dst, uint64(d.Hi)^1<<63)
		return binary.BigEndian.AppendUint64(dst, d.Lo)
	case vec.View:
		return appendText(dst, v.Bytes(i))
	case vec.List:
		for j := v.Offsets()[i]; j < v.Offsets()[i+1]; j++ {
			dst = appendKey(append(dst, 1), v.Child(0), int(j))
		}
		return append(dst, 0)
	case vec.MapOf:
		return appendEntries(dst, v, i)
	}
	for _, c := range v.Children() {
		dst = appendKey(dst, c, i)
	}
	return dst
}

// sortable64 makes a float's bits sort as numbers do.
func sortable64(b uint64) uint64 {
	if b>>63 != 0 {
		return ^b
	}
	return b | 1<<63
}

func sortable32(b uint32) uint32 {
	if b>>31 != 0 {
		return ^b
	}
	return b | 1<<31
}

func appendText(dst, text []byte) []byte {
	for {
		k := bytes.IndexByte(text, 0)
		if k < 0 {
			break
		}
		dst = append(append(dst, text[:k]...), 0, 0xff)
		text = text[k+1:]
	}
	return append(append(dst, text...), 0, 1)
}

func appendEntries(dst []byte, v *vec.Vector, i int) []byte {
	var entries [][]byte
	for j := v.Offsets()[i]; j < v.Offsets()[i+1]; j++ {
		entries = append(entries, appendKey(appendKey(nil, v.Child(0), int(j)), v.Child(1), int(j)))
	}
	sort.Slice(entries, func(a, b int) bool { return bytes.Compare(entries[a], entries[b]) < 0 })
	for _, e := range entries {
		dst = append(append(dst, 1), e...)
	}
	return append(dst, 0)
}

// readKey appends to v the value at the front of src and gives what follows it.
func readKey(src []byte, v *vec.Vector) ([]byte, error) {
	if len(src) == 0 {
		return nil, errShort
	}
	if src[0] > 1 {
		return nil, fmt.Errorf("a value begins with the byte %02x", src[0])
	}
	null := src[0] == 0
	if src = src[1:]; null {
		appendNull(v)
		return src, nil
	}
	switch v.Phys() {
	case vec.View:
		return readText(src, v)
	case vec.List, vec.MapOf:
		return readKeyList(src, v)
	case vec.Struct:
		var err error
		for _, c := range v.Children() {
			if src, err = readKey(src, c); err != nil {
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
	readFixedKey(src, v)
	return src[n:], nil
}

func readFixedKey(src []byte, v *vec.Vector) {
	switch v.Phys() {
	case vec.Bool:
		v.AppendBool(src[0] != 0)
	case vec.Int8:
		vec.Append(v, int8(src[0]^0x80))
	case vec.Int16:
		vec.Append(v, int16(binary.BigEndian.Uint16(src)^1<<15))
	case vec.Int32:
		vec.Append(v, int32(binary.BigEndian.Uint32(src)^1<<31))
	case vec.Int64:
		vec.Append(v, int64(binary.BigEndian.Uint64(src)^1<<63))
	case vec.Float32:
		b := binary.BigEndian.Uint32(src)
		if b>>31 != 0 {
			b ^= 1 << 31
		} else {
			b = ^b
		}
		vec.Append(v, math.Float32frombits(b))
	case vec.Float64:
		b := binary.BigEndian.Uint64(src)
		if b>>63 != 0 {
			b ^= 1 << 63
		} else {
			b = ^b
		}
		vec.Append(v, math.Float64frombits(b))
	case vec.Decimal:
		vec.Append(v, vec.Dec128{Hi: int64(binary.BigEndian.Uint64(src) ^ 1<<63), Lo: binary.BigEndian.Uint64(src[8:])})
	}
}

// fixedWidth gives the bytes of a flat value of fixed width, as it is written.
func fixedWidth(p vec.Phys) int {
	switch p {
	case vec.Bool, vec.Int8:
		return 1
	case vec.Int16:
		return 2
	case vec.Int32, vec.Float32:
		return 4
	case vec.Int64, vec.Float64:
		return 8
	case vec.Decimal:
		return 16
	}
	return 0
}

func readText(src []byte, v *vec.Vector) ([]byte, error) {
	var text []byte
	for whole := true; ; whole = false {
		k := bytes.IndexByte(src, 0)
		if k < 0 || k+1 >= len(src) {
			return nil, errShort
		}
		end := src[k+1] == 1
		if !end && src[k+1] != 0xff {
			return nil, fmt.Errorf("a string has the bytes 00 %02x", src[k+1])
		}
		if end && whole {
			v.AppendBytes(src[:k])
			return src[k+2:], nil
		}
		text = append(text, src[:k]...)
		src = src[k+2:]
		if end {
			v.AppendBytes(text)
			return src, nil
		}
		text = append(text, 0)
	}
}

func readKeyList(src []byte, v *vec.Vector) ([]byte, error) {
	var err error
	for {
		if len(src) == 0 {
			return nil, errShort
		}
		more := src[0] != 0
		if src = src[1:]; !more {
			v.EndList()
			return src, nil
		}
		for _, c := range v.Children() {
			if src, err = readKey(src, c); err != nil {
				return nil, err
			}
		}
	}
}

// appendNull appends a NULL to a vector of any layout.
func appendNull(v *vec.Vector) {
	switch v.Phys() {
	case vec.List, vec.MapOf:
		v.EndList()
	case vec.Struct:
		for _, c := range v.Children() {
			appendNull(c)
		}
		v.EndRow()
	default:
		v.AppendNull()
		return
	}
	v.SetNull(v.Len() - 1)
}
