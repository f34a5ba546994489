// Package vec is the vocabulary of the hot path: typed columns (Vector), batches of
// them with change kinds and a selection (Batch), bitmaps, string views, 128-bit
// decimals, hashing and hash tables.
//
// The memory layout is Arrow's (validity bitmaps, fixed-width values, string views,
// list offsets), so that a batch crosses to Arrow without copying (package
// arrowvec), but vectors are mutable and reused: an operator fills its own vectors
// again and again instead of allocating.
//
// The rule of borrowing: a batch passed to a function belongs to the caller again
// when the function returns. Who keeps rows copies them; nobody writes to a batch
// that he was given. Built with the tag "invariants", batches are overwritten after
// the call, so that a broken rule is found by any test.
package vec

import (
	"unsafe"

	"github.com/weirstream/weir/runtime/vec/pages"
	"github.com/weirstream/weir/sql/types"
)

// Phys is how a column's values lie in memory.
type Phys uint8

// Physical layouts. Text and binary strings share View.
const (
	Bool    Phys = iota // one bit a value, as in a validity bitmap
	Int8                // TINYINT
	Int16               // SMALLINT
	Int32               // INT, DATE (days since the epoch), TIME (milliseconds of the day)
	Int64               // BIGINT, TIMESTAMP and TIMESTAMP_LTZ (in UnitOf), intervals (months, ms)
	Float32             // FLOAT
	Float64             // DOUBLE
	Decimal             // DECIMAL: Dec128, unscaled
	View                // CHAR, VARCHAR, BINARY, VARBINARY: 16-byte views
	List                // ARRAY: offsets and one child
	MapOf               // MAP, MULTISET (element to INT count): offsets, a child of keys, one of values
	Struct              // ROW: one child a field
)

// Fixed are the Go types of fixed-width values.
type Fixed interface {
	int8 | int16 | int32 | int64 | float32 | float64 | Dec128 | StringView
}

// PhysOf gives the layout of a logical type. The type NULL is laid out as Int8,
// with every value NULL.
func PhysOf(t types.Type) Phys {
	switch t.Kind {
	case types.Boolean:
		return Bool
	case types.SmallInt:
		return Int16
	case types.Int, types.Date, types.Time:
		return Int32
	case types.BigInt, types.Timestamp, types.TimestampLTZ, types.IntervalMonth, types.IntervalMilli:
		return Int64
	case types.Float:
		return Float32
	case types.Double:
		return Float64
	case types.Decimal:
		return Decimal
	case types.Char, types.VarChar, types.Binary, types.VarBinary:
		return View
	case types.Array:
		return List
	case types.Map, types.Multiset:
		return MapOf
	case types.Row, types.Structured:
		return Struct
	}
	return Int8
}

// width gives the bytes of a fixed-width value; 0 for Bool and nested layouts.
func (p Phys) width() int {
	return [...]int{Bool: 0, Int8: 1, Int16: 2, Int32: 4, Int64: 8, Float32: 4, Float64: 8, Decimal: 16, View: 16, List: 0, MapOf: 0, Struct: 0}[p]
}

// UnitOf gives how many units of a TIMESTAMP(p) or TIMESTAMP_LTZ(p) value make a
// second: 1e3 for p <= 3, 1e6 for p <= 6, 1e9 for p <= 9.
func UnitOf(precision int) int64 {
	switch {
	case precision <= 3:
		return 1e3
	case precision <= 6:
		return 1e6
	}
	return 1e9
}

// Dec128 is a 128-bit two's complement integer: a DECIMAL without its scale. The
// layout is that of Arrow's decimal128.
type Dec128 struct {
	Lo uint64
	Hi int64
}

// Dec128FromInt64 widens.
func Dec128FromInt64(x int64) Dec128 { return Dec128{Lo: uint64(x), Hi: x >> 63} }

// Vector is one column of a batch. The zero value is not ready; use New.
type Vector struct {
	typ  types.Type
	phys Phys
	n    int

	valid    []uint64 // LSB first, nil: no NULL. Bits past n are unspecified.
	words    []uint64 // values, len = capacity in words
	offsets  []int32  // List, MapOf: n+1 entries
	children []*Vector

	bufs [][]byte // View: what views point into; bufs[own-1] is the vector's own arena
	own  int      // index+1 of the arena in bufs, 0 when there is none yet
	full int      // bytes of the vector's arenas but that one
	// lasting has the bits of the first 64 of bufs that are never written to again (AddLasting).
	lasting uint64
	kept    []byte // the arena's memory between two uses
	// slow has arenas grow by an eighth of what there is, for a vector that grows with the state.
	slow  bool
	holes int // entries of bufs that are free: their arenas were let go (vacate)

	apart bool         // words has memory of its own when it is large (growApart)
	block *pages.Block // which it is; nil: words is in the heap
}

// New makes an empty vector.
func New(t types.Type) *Vector {
	v := &Vector{typ: t, phys: PhysOf(t)}
	switch t.Kind {
	case types.Array:
		v.children = []*Vector{New(*t.Elem)}
	case types.Map:
		v.children = []*Vector{New(*t.Key), New(*t.Elem)}
	case types.Multiset:
		v.children = []*Vector{New(*t.Elem), New(types.New(types.Int).WithoutNull())}
	case types.Row, types.Structured:
		for _, f := range t.Fields {
			v.children = append(v.children, New(f.Type))
		}
	}
	if v.phys == List || v.phys == MapOf {
		v.offsets = []int32{0}
	}
	return v
}

// Type gives the logical type.
func (v *Vector) Type() types.Type { return v.typ }

// Phys gives the layout.
func (v *Vector) Phys() Phys { return v.phys }

// Len gives the number of values, NULLs included.
func (v *Vector) Len() int { return v.n }

// Child gives the i-th child: an ARRAY's elements, a MAP's keys (0) and values (1), a
// ROW's fields.
func (v *Vector) Child(i int) *Vector { return v.children[i] }

// Children gives all of them.
func (v *Vector) Children() []*Vector { return v.children }

// Offsets gives the n+1 offsets of a List or MapOf into its children.
func (v *Vector) Offsets() []int32 { return v.offsets[:v.n+1] }

// Values gives the fixed-width values; writing through the slice writes the vector.
// T must be the Go type of the vector's layout.
func Values[T Fixed](v *Vector) []T {
	if len(v.words) == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&v.words[0])), v.n)
}

// Bits gives a BOOLEAN vector's values as a bitmap of at least n bits.
func (v *Vector) Bits() []uint64 { return v.words[:WordsFor(v.n)] }

// Bool gives one BOOLEAN value.
func (v *Vector) Bool(i int) bool { return v.words[i>>6]>>(uint(i)&63)&1 != 0 }

// SetBool sets one BOOLEAN value.
func (v *Vector) SetBool(i int, x bool) { SetBitTo(v.words, i, x) }

// Reset empties the vector and keeps its memory. Views' external buffers are
// dropped, so that nobody holds on to them.
func (v *Vector) Reset() {
	v.n = 0
	v.valid = v.valid[:0]
	if v.own > 0 {
		v.kept = v.bufs[v.own-1][:0]
	}
	clear(v.bufs)
	v.bufs, v.own, v.full, v.holes, v.lasting = v.bufs[:0], 0, 0, 0, 0
	if v.offsets != nil {
		v.offsets = append(v.offsets[:0], 0)
	}
	for _, c := range v.children {
		c.Reset()
	}
}

// Resize sets the length. Values of new rows are unspecified until they are
// written, their validity is "valid"; views are set to "". Lists and maps are
// resized by appending only; a grown one gets empty entries.
func (v *Vector) Resize(n int) {
	old := v.n
	v.grow(n)
	v.n = n
	if v.hasValid() {
		v.valid = growWords(v.valid, WordsFor(n))
		SetBits(v.valid, old, n)
	}
	switch v.phys {
	case View:
		if n > old {
			clear(Values[StringView](v)[old:])
		}
	case List, MapOf:
		for len(v.offsets) < n+1 {
			v.offsets = append(v.offsets, v.offsets[len(v.offsets)-1])
		}
		v.offsets = v.offsets[:n+1]
	case Struct:
		for _, c := range v.children {
			c.Resize(n)
		}
	}
}

// grow makes room for n values.
func (v *Vector) grow(n int) {
	words := 0
	switch w := v.phys.width(); {
	case v.phys == Bool:
		words = WordsFor(n)
	case w > 0:
		words = (n*w + 7) / 8
	default:
		return
	}
	if v.apart && v.growApart(words) {
		return
	}
	v.words = growWords(v.words, words)
}

// growWords gives w at least n words long, with the old contents kept.
func growWords(w []uint64, n int) []uint64 {
	if n <= len(w) {
		return w
	}
	if n <= cap(w) {
		return w[:cap(w)]
	}
	g := make([]uint64, max(n, 2*len(w), 8))
	copy(g, w)
	return g
}
