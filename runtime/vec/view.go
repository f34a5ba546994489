package vec

import (
	"bytes"
	"encoding/binary"
	"unsafe"
)

// InlineLen is the longest string that lies in its view.
const InlineLen = 12

// StringView is Arrow's 16-byte view of a string: its length, then either the bytes
// themselves, zero-padded (up to InlineLen), or the first four bytes, a buffer's
// index and an offset.
type StringView struct {
	Len  uint32
	Data [InlineLen]byte
}

// MakeInline makes the view of a string of at most InlineLen bytes.
func MakeInline(b []byte) (s StringView) {
	s.Len = uint32(len(b))
	copy(s.Data[:], b)
	return s
}

// MakeView makes the view of b, longer than InlineLen, lying in buffer buf at off.
func MakeView(b []byte, buf, off uint32) (s StringView) {
	s.Len = uint32(len(b))
	copy(s.Data[:4], b)
	binary.LittleEndian.PutUint32(s.Data[4:], buf)
	binary.LittleEndian.PutUint32(s.Data[8:], off)
	return s
}

// point has a view that is not inline say that its bytes lie in buffer buf at off.
func (s *StringView) point(buf, off uint32) {
	binary.LittleEndian.PutUint32(s.Data[4:], buf)
	binary.LittleEndian.PutUint32(s.Data[8:], off)
}

// Inline reports whether the bytes lie in the view.
func (s *StringView) Inline() bool { return s.Len <= InlineLen }

// Buffer and Offset say where the bytes of a view that is not inline lie.
func (s *StringView) Buffer() uint32 { return binary.LittleEndian.Uint32(s.Data[4:]) }

// Offset is the place in the buffer.
func (s *StringView) Offset() uint32 { return binary.LittleEndian.Uint32(s.Data[8:]) }

// Words gives the view as two numbers: equal for equal inline strings, and different
// in the first for strings of different length or first four bytes.
func (s *StringView) Words() (a, b uint64) {
	w := (*[2]uint64)(unsafe.Pointer(s))
	return w[0], w[1]
}

// Bytes gives the bytes of value i of a View vector, valid as long as the vector is
// unchanged; not to be written.
func (v *Vector) Bytes(i int) []byte {
	s := &Values[StringView](v)[i]
	return ViewBytes(s, v.bufs)
}

// ViewBytes resolves a view that lies in memory (it aliases *s when inline).
func ViewBytes(s *StringView, bufs [][]byte) []byte {
	if s.Inline() {
		return s.Data[:s.Len:s.Len]
	}
	off := s.Offset()
	return bufs[s.Buffer()][off : off+s.Len : off+s.Len]
}

// Str gives value i as a string that shares the vector's memory: for look-ups and
// comparisons during the call only. Use string(v.Bytes(i)) to keep it.
func (v *Vector) Str(i int) string {
	b := v.Bytes(i)
	return unsafe.String(unsafe.SliceData(b), len(b))
}

// Views gives the views and what they point into.
func (v *Vector) Views() ([]StringView, [][]byte) { return Values[StringView](v), v.bufs }

// AddBuffer lets views point into b, without copying, and gives the buffer's index.
// b must stay unchanged while the vector's contents are in use.
func (v *Vector) AddBuffer(b []byte) uint32 {
	v.bufs = append(v.bufs, b)
	return uint32(len(v.bufs) - 1)
}

// AddLasting is AddBuffer for bytes that are never written to again, so that whoever is given the vector's rows may keep views into them (PassRows).
func (v *Vector) AddLasting(b []byte) uint32 {
	i := v.AddBuffer(b)
	if i < 64 {
		v.lasting |= 1 << i
	}
	return i
}

// AppendView appends a view made by MakeInline, or by MakeView with a buffer of this
// vector.
func (v *Vector) AppendView(s StringView) {
	v.extend()
	Values[StringView](v)[v.n-1] = s
}

// AppendBytes appends a copy of b.
func (v *Vector) AppendBytes(b []byte) {
	v.extend()
	v.SetBytes(v.n-1, b)
}

// AppendString appends a copy of s.
func (v *Vector) AppendString(s string) {
	v.AppendBytes(unsafe.Slice(unsafe.StringData(s), len(s)))
}

// SetBytes makes value i a copy of b. The bytes of the value that was there are not
// given back before Reset.
func (v *Vector) SetBytes(i int, b []byte) {
	if len(b) <= InlineLen {
		Values[StringView](v)[i] = MakeInline(b)
		return
	}
	buf, off := v.store(b)
	Values[StringView](v)[i] = MakeView(b, buf, off)
}

// EqualViews compares two strings.
func EqualViews(a *StringView, abufs [][]byte, b *StringView, bbufs [][]byte) bool {
	a0, a1 := a.Words()
	b0, b1 := b.Words()
	if a0 != b0 {
		return false
	}
	if a.Inline() {
		return a1 == b1
	}
	return bytes.Equal(ViewBytes(a, abufs), ViewBytes(b, bbufs))
}

// CompareViews compares two strings byte by byte: -1, 0 or 1. For valid UTF-8 this is
// the order of code points.
func CompareViews(a *StringView, abufs [][]byte, b *StringView, bbufs [][]byte) int {
	x, y := binary.BigEndian.Uint32(a.Data[:4]), binary.BigEndian.Uint32(b.Data[:4])
	if x != y {
		if x < y {
			return -1
		}
		return 1
	}
	return bytes.Compare(ViewBytes(a, abufs), ViewBytes(b, bbufs))
}
