package state

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unsafe"

	"github.com/weirstream/weir/runtime/vec"
)

// A chunk is a batch of rows in columns: the number of rows, then column by column a byte that says whether there are
// NULLs, their bitmap, and the values: fixed widths as they lie in memory (little-endian), strings as
// lengths and bytes, lists as lengths and children. Reading and writing one costs a copy.

// appendChunk appends n rows of cols.
func appendChunk(dst []byte, cols []*vec.Vector, n int) []byte {
	dst = binary.AppendUvarint(dst, uint64(n))
	for _, v := range cols {
		dst = appendColumn(dst, v, n)
	}
	return dst
}

func appendColumn(dst []byte, v *vec.Vector, n int) []byte {
	if v.Valid() == nil || v.NullCount() == 0 {
		dst = append(dst, 0)
	} else {
		dst = appendWords(append(dst, 1), v.Valid(), n)
	}
	switch v.Phys() {
	case vec.Bool:
		return appendWords(dst, v.Bits(), n)
	case vec.Int8:
		return append(dst, raw(vec.Values[int8](v))...)
	case vec.Int16:
		return append(dst, raw(vec.Values[int16](v))...)
	case vec.Int32:
		return append(dst, raw(vec.Values[int32](v))...)
	case vec.Int64:
		return append(dst, raw(vec.Values[int64](v))...)
	case vec.Float32:
		return append(dst, raw(vec.Values[float32](v))...)
	case vec.Float64:
		return append(dst, raw(vec.Values[float64](v))...)
	case vec.Decimal:
		return append(dst, raw(vec.Values[vec.Dec128](v))...)
	case vec.View:
		return appendStrings(dst, v, n)
	case vec.List, vec.MapOf:
		offsets := v.Offsets()
		for i := range n {
			dst = binary.AppendUvarint(dst, uint64(offsets[i+1]-offsets[i]))
		}
		n = int(offsets[n])
	}
	for _, c := range v.Children() {
		dst = appendColumn(dst, c, n)
	}
	return dst
}

// appendWords appends the bytes of an n-bit bitmap; bits past n are cleared.
func appendWords(dst []byte, w []uint64, n int) []byte {
	for i := range vec.WordsFor(n) {
		x := w[i]
		if rest := n - i<<6; rest < 64 {
			x &= 1<<uint(rest) - 1
		}
		dst = binary.LittleEndian.AppendUint64(dst, x)
	}
	return dst
}

func appendStrings(dst []byte, v *vec.Vector, n int) []byte {
	for i := range n {
		if v.IsNull(i) {
			dst = append(dst, 0)
			continue
		}
		dst = binary.AppendUvarint(dst, uint64(len(v.Bytes(i))))
	}
	for i := range n {
		if !v.IsNull(i) {
			dst = append(dst, v.Bytes(i)...)
		}
	}
	return dst
}

// raw gives the memory of values.
func raw[T vec.Fixed](vals []T) []byte {
	if len(vals) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&vals[0])), len(vals)*int(unsafe.Sizeof(vals[0])))
}

// readChunk appends the rows of a chunk to cols and gives their number.
func readChunk(src []byte, cols []*vec.Vector) (int, error) {
	n, k := binary.Uvarint(src)
	if k <= 0 || n > maxChunk {
		return 0, errShort
	}
	src = src[k:]
	var err error
	for _, v := range cols {
		if src, err = readColumn(src, v, int(n)); err != nil {
			return 0, err
		}
	}
	if len(src) > 0 {
		return 0, errors.New("a chunk is longer than its columns")
	}
	return int(n), nil
}

func readColumn(src []byte, v *vec.Vector, n int) ([]byte, error) {
	if len(src) == 0 || src[0] > 1 {
		return nil, errShort
	}
	var valid []byte
	nulls := src[0] == 1
	src = src[1:]
	if size := 8 * vec.WordsFor(n); nulls {
		if len(src) < size {
			return nil, errShort
		}
		valid, src = src[:size], src[size:]
	}
	at := v.Len()
	src, err := readColumnValues(src, v, n)
	if err != nil {
		return nil, err
	}
	for i := 0; i < n && nulls; i++ {
		if valid[i>>3]>>(i&7)&1 == 0 {
			v.SetNull(at + i)
		}
	}
	return src, nil
}

func readColumnValues(src []byte, v *vec.Vector, n int) ([]byte, error) {
	switch v.Phys() {
	case vec.Bool:
		return readBits(src, v, n)
	case vec.Int8:
		return readRaw[int8](src, v, n)
	case vec.Int16:
		return readRaw[int16](src, v, n)
	case vec.Int32:
		return readRaw[int32](src, v, n)
	case vec.Int64:
		return readRaw[int64](src, v, n)
	case vec.Float32:
		return readRaw[float32](src, v, n)
	case vec.Float64:
		return readRaw[float64](src, v, n)
	case vec.Decimal:
		return readRaw[vec.Dec128](src, v, n)
	case vec.View:
		return readStrings(src, v, n)
	case vec.List, vec.MapOf:
		return readLists(src, v, n)
	}
	var err error
	for _, c := range v.Children() {
		if src, err = readColumn(src, c, n); err != nil {
			return nil, err
		}
	}
	for range n {
		v.EndRow()
	}
	return src, nil
}

func readRaw[T vec.Fixed](src []byte, v *vec.Vector, n int) ([]byte, error) {
	var x T
	size := n * int(unsafe.Sizeof(x))
	if len(src) < size {
		return nil, errShort
	}
	at := v.Len()
	v.Resize(at + n)
	copy(raw(vec.Values[T](v)[at:]), src[:size])
	return src[size:], nil
}

func readBits(src []byte, v *vec.Vector, n int) ([]byte, error) {
	size := 8 * vec.WordsFor(n)
	if len(src) < size {
		return nil, errShort
	}
	at := v.Len()
	v.Resize(at + n)
	for i := range n {
		v.SetBool(at+i, src[i>>3]>>(i&7)&1 != 0)
	}
	return src[size:], nil
}

// lengths reads n varints.
func lengths(src []byte, n int) (ls []uint32, sum uint64, rest []byte, err error) {
	if len(src) < n {
		return nil, 0, nil, errShort
	}
	ls = make([]uint32, n)
	for i := range ls {
		x, k := binary.Uvarint(src)
		if k <= 0 || x > 1<<31 {
			return nil, 0, nil, fmt.Errorf("a length of %d", x)
		}
		ls[i], src = uint32(x), src[k:]
		sum += x
	}
	return ls, sum, src, nil
}

func readStrings(src []byte, v *vec.Vector, n int) ([]byte, error) {
	ls, sum, src, err := lengths(src, n)
	if err != nil {
		return nil, err
	}
	if sum > uint64(len(src)) {
		return nil, errShort
	}
	for _, l := range ls {
		v.AppendBytes(src[:l])
		src = src[l:]
	}
	return src, nil
}

// maxHollow bounds the elements without any bytes that the lists of a chunk may have.
const maxHollow = 1 << 20

func readLists(src []byte, v *vec.Vector, n int) ([]byte, error) {
	ls, sum, src, err := lengths(src, n)
	if err != nil {
		return nil, err
	}
	if sum > uint64(max(8*len(src), maxHollow)) { // an element takes a bit at least, but for rows without fields
		return nil, errShort
	}
	// The children come after all lengths; entries are closed one by one, so the children are read aside.
	children := make([]*vec.Vector, len(v.Children()))
	for c, child := range v.Children() {
		children[c] = vec.New(child.Type())
		if src, err = readColumn(src, children[c], int(sum)); err != nil {
			return nil, err
		}
	}
	at, rows := int32(0), []int32{}
	for _, l := range ls {
		rows = rows[:0]
		for j := at; j < at+int32(l); j++ {
			rows = append(rows, j)
		}
		for c, child := range v.Children() {
			child.AppendRows(children[c], rows)
		}
		at += int32(l)
		v.EndList()
	}
	return src, nil
}
