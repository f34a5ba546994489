package order

import (
	"encoding/binary"
	"math"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// fitsWord reports whether values of a type have different words when they differ.
func fitsWord(t types.Type) bool {
	switch vec.PhysOf(t) {
	case vec.Bool, vec.Int8, vec.Int16, vec.Int32, vec.Float32:
		return true
	case vec.Int64, vec.Float64:
		return !t.Nullable() // NULL takes the word of one of the values
	case vec.Decimal:
		return t.Precision <= 18 && !t.Nullable()
	}
	return false
}

// words gives the rows of v a number each whose order is that of the rows by k; rows that
// differ may share one (see fitsWord).
func (k Key) words(dst []uint64, v *vec.Vector, sel []int32) {
	ascending(dst, v, sel)
	if k.Desc {
		for i := range dst {
			dst[i] = ^dst[i]
		}
	}
	if !v.Type().Nullable() && v.Valid() == nil {
		return
	}
	// The outermost word on the side of the NULLs is theirs.
	for i := range dst {
		row := i
		if sel != nil {
			row = int(sel[i])
		}
		switch null := v.IsNull(row); {
		case null && k.NullsLast:
			dst[i] = math.MaxUint64
		case null:
			dst[i] = 0
		case k.NullsLast:
			dst[i] = min(dst[i], math.MaxUint64-1)
		default:
			dst[i] = max(dst[i], 1)
		}
	}
}

const signBit = 1 << 63

// ascending numbers values in ascending order, whatever lies under NULLs.
func ascending(dst []uint64, v *vec.Vector, sel []int32) {
	switch v.Phys() {
	case vec.Bool:
		for i := range dst {
			dst[i] = 1
			if v.Bool(rowAt(sel, i)) {
				dst[i] = 2
			}
		}
	case vec.Int8:
		integers(dst, vec.Values[int8](v), sel)
	case vec.Int16:
		integers(dst, vec.Values[int16](v), sel)
	case vec.Int32:
		integers(dst, vec.Values[int32](v), sel)
	case vec.Int64:
		integers(dst, vec.Values[int64](v), sel)
	case vec.Float32:
		vals := vec.Values[float32](v)
		for i := range dst {
			dst[i] = float(float64(vals[rowAt(sel, i)]))
		}
	case vec.Float64:
		vals := vec.Values[float64](v)
		for i := range dst {
			dst[i] = float(vals[rowAt(sel, i)])
		}
	case vec.Decimal:
		vals := vec.Values[vec.Dec128](v)
		for i := range dst {
			dst[i] = decimal(vals[rowAt(sel, i)])
		}
	case vec.View:
		for i := range dst {
			dst[i] = text(v, rowAt(sel, i))
		}
	default:
		for i := range dst {
			dst[i] = 1 // nested values are compared as rows
		}
	}
}

func integers[T int8 | int16 | int32 | int64](dst []uint64, vals []T, sel []int32) {
	if sel == nil {
		for i, x := range vals[:len(dst)] {
			dst[i] = uint64(int64(x)) ^ signBit
		}
		return
	}
	for i, row := range sel {
		dst[i] = uint64(int64(vals[row])) ^ signBit
	}
}

// WordOf gives the word of an integer ascending, for lists that have no other key.
func WordOf(x int64) uint64 { return uint64(x) ^ signBit }

// IntOf gives the integer of a word of WordOf.
func IntOf(word uint64) int64 { return int64(word ^ signBit) }

// float: zeros are one number, NaN comes behind all others.
func float(x float64) uint64 {
	switch {
	case x == 0:
		return signBit
	case x != x:
		return math.MaxUint64
	}
	bits := math.Float64bits(x)
	if bits&signBit != 0 {
		return ^bits
	}
	return bits | signBit
}

// decimal cuts off what does not fit 64 bits.
func decimal(d vec.Dec128) uint64 {
	switch low := int64(d.Lo); {
	case d.Hi == low>>63:
		return d.Lo ^ signBit
	case d.Hi < 0:
		return 0
	}
	return math.MaxUint64
}

// text takes the first eight bytes.
func text(v *vec.Vector, row int) uint64 {
	if v.IsNull(row) {
		return 0
	}
	var first [8]byte
	copy(first[:], v.Bytes(row))
	return binary.BigEndian.Uint64(first[:])
}

func rowAt(sel []int32, k int) int {
	if sel == nil {
		return k
	}
	return int(sel[k])
}
