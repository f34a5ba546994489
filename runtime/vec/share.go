package vec

import (
	"encoding/binary"
	"unsafe"

	"github.com/weirstream/weir/sql/types"
)

// ShareBuffers lets v's views point into what src's views point into, without copying.
// A view of src that is not inline is one of v after Rebase(base). Both live for the
// same batch: src must not change while v's contents are in use.
func (v *Vector) ShareBuffers(src *Vector) (base uint32) {
	base = uint32(len(v.bufs))
	v.bufs = append(v.bufs, src.bufs...)
	v.lasting |= src.lasting << base // bits past 64 are lost: those are copied
	return base
}

// Rebase gives the view for a vector that took the buffers of another in at base (see
// ShareBuffers).
func (s StringView) Rebase(base uint32) StringView {
	if !s.Inline() && base != 0 {
		binary.LittleEndian.PutUint32(s.Data[4:], s.Buffer()+base)
	}
	return s
}

// PassRows appends the rows sel of src, or all of them when sel is nil, to a vector that goes to another task: as AppendRows does, but texts in
// buffers that last (AddLasting) stay where they are.
func (v *Vector) PassRows(src *Vector, sel []int32) {
	if src.lasting == 0 || v.phys != View {
		v.AppendRows(src, sel)
		return
	}
	n, m := v.n, src.n
	if sel != nil {
		m = len(sel)
	}
	if m == 0 {
		return
	}
	v.Resize(n + m)
	v.gatherViews(src, sel, n)
	v.passViews(Values[StringView](v)[n:], src)
	v.appendValidity(src, sel, n, m)
}

// passViews has views of src's point into v's buffers, to which those of src that last are added.
func (v *Vector) passViews(views []StringView, src *Vector) {
	var to [64]uint32 // by buffer of src that lasts: which it is of v's
	for i := range min(len(src.bufs), len(to)) {
		if src.lasting>>i&1 != 0 {
			to[i] = v.lastingBuffer(src.bufs[i])
		}
	}
	for k := range views {
		s := &views[k]
		if s.Inline() {
			continue
		}
		if b := s.Buffer(); b < 64 && src.lasting>>b&1 != 0 {
			s.point(to[b], s.Offset())
		} else {
			buf, off := v.store(ViewBytes(s, src.bufs))
			s.point(buf, off)
		}
	}
}

// lastingBuffer finds b among the buffers that last, or adds it.
func (v *Vector) lastingBuffer(b []byte) uint32 {
	for i := range min(len(v.bufs), 64) {
		if v.lasting>>i&1 != 0 && len(v.bufs[i]) == len(b) && unsafe.SliceData(v.bufs[i]) == unsafe.SliceData(b) {
			return uint32(i)
		}
	}
	return v.AddLasting(b)
}

// Slice gives the view of the bytes from to (exclusive) of s, whose bytes are b, in the
// same buffer.
func (s *StringView) Slice(b []byte, from, to int) StringView {
	sub := b[from:to]
	if len(sub) <= InlineLen {
		return MakeInline(sub)
	}
	return MakeView(sub, s.Buffer(), s.Offset()+uint32(from))
}

// ShareRows appends the rows of src to v, whose views then point into what src's views point
// into. The bytes of nested strings are copied.
func (v *Vector) ShareRows(src *Vector, rows []int32) {
	if len(rows) == 0 {
		return
	}
	if v.phys != View {
		v.AppendRows(src, rows)
		return
	}
	n, base := v.n, v.ShareBuffers(src)
	v.Resize(n + len(rows))
	dst, from := Values[StringView](v)[n:], Values[StringView](src)
	for k, i := range rows {
		dst[k] = from[i].Rebase(base)
	}
	v.appendValidity(src, rows, n, len(rows))
}

// CopyRows writes the rows sel of src to the same rows of v, which has at least as
// many rows and is not nested; views share src's buffers.
func (v *Vector) CopyRows(src *Vector, sel []int32) {
	switch v.phys {
	case Bool:
		for _, i := range sel {
			SetBitTo(v.words, int(i), Bit(src.words, int(i)))
		}
	case Int8:
		copyAt(Values[int8](v), Values[int8](src), sel)
	case Int16:
		copyAt(Values[int16](v), Values[int16](src), sel)
	case Int32, Float32:
		copyAt(Values[int32](v), Values[int32](src), sel)
	case Int64, Float64:
		copyAt(Values[int64](v), Values[int64](src), sel)
	case Decimal:
		copyAt(Values[Dec128](v), Values[Dec128](src), sel)
	case View:
		v.copyViews(src, sel)
	}
	v.copyValidity(src, sel)
}

func copyAt[T any](dst, src []T, sel []int32) {
	for _, i := range sel {
		dst[i] = src[i]
	}
}

func (v *Vector) copyViews(src *Vector, sel []int32) {
	base := v.ShareBuffers(src)
	dst, from := Values[StringView](v), Values[StringView](src)
	for _, i := range sel {
		dst[i] = from[i].Rebase(base)
	}
}

func (v *Vector) copyValidity(src *Vector, sel []int32) {
	if !src.hasValid() {
		if v.hasValid() {
			for _, i := range sel {
				SetBit(v.valid, int(i))
			}
		}
		return
	}
	valid := v.EnsureValid()
	for _, i := range sel {
		SetBitTo(valid, int(i), Bit(src.valid, int(i)))
	}
}

// AliasOf makes v the same values as src without copying them, with a validity of its
// own that begins as src's. v is for reading only, and as long as src is unchanged; it
// must not be Reset or Resized, only made an alias again.
func (v *Vector) AliasOf(src *Vector) {
	v.typ, v.phys, v.n = src.typ, src.phys, src.n
	v.words, v.offsets, v.children = src.words, src.offsets, src.children
	v.block = src.block // keeps words
	v.bufs, v.lasting = append(v.bufs[:0], src.bufs...), src.lasting
	v.own, v.full, v.kept = 0, 0, nil
	v.SetAllValid()
	if src.hasValid() {
		v.AndValidity(src.valid)
	}
}

// Relabel gives a column another type that has the same layout and unit, as a DECIMAL with more digits has.
func (v *Vector) Relabel(t types.Type) { v.typ = t }
