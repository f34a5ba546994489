package vec

import (
	"math"
	"math/bits"
)

// Hashing serves two purposes that must agree over the life of a state: the exchange sends a
// row to the subtask that owns its key group, and state files entries under it. The
// functions below are therefore part of the state's format: without a seed, the same in every
// process and on every machine (little-endian).
//
// A mixing step multiplies to 128 bits and folds the halves, as wyhash does (Wang Yi,
// github.com/wangyi-fudan/wyhash): about a nanosecond, and both ends of the result are good. Key
// groups take the high bits, hash tables the low ones, so that the keys of one
// subtask still spread over a whole table.

const (
	hashSeed = 0x9e3779b97f4a7c15
	hashMul  = 0xd6e8feb86659fd93
	hashNull = 0x8ebc6af09c88c6e3
	hashLong = 0xa0761d6478bd642f
)

// Mix combines a hash with one more word.
func Mix(h, x uint64) uint64 {
	hi, lo := bits.Mul64(h^x, hashMul)
	return hi ^ lo
}

// KeyGroup gives the key group, 0 <= g < groups, of a row with the given hash.
func KeyGroup(hash uint64, groups int) int {
	hi, _ := bits.Mul64(hash, uint64(groups))
	return int(hi)
}

// HashRows hashes rows over cols, column by column: dst[k] is the hash of row sel[k], or
// of row k where sel is nil. dst has as many entries as there are rows. Two rows have the
// same hash when they are the same key: NULLs are equal, NaNs are equal, and 0.0 differs from
// -0.0, because Flink compares keys byte by byte.
func HashRows(cols []*Vector, sel []int32, dst []uint64) {
	for k := range dst {
		dst[k] = hashSeed
	}
	for _, c := range cols {
		c.hashInto(sel, dst)
	}
}

func (v *Vector) hashInto(sel []int32, dst []uint64) {
	if v.hasValid() {
		v.hashNullable(sel, dst)
		return
	}
	switch v.phys {
	case Int8:
		hashInts(dst, Values[int8](v), sel)
	case Int16:
		hashInts(dst, Values[int16](v), sel)
	case Int32:
		hashInts(dst, Values[int32](v), sel)
	case Int64:
		hashInts(dst, Values[int64](v), sel)
	case View:
		hashViews(dst, v, sel)
	default:
		for k := range dst {
			dst[k] = Mix(dst[k], v.hashValue(rowAt(sel, k)))
		}
	}
}

// hashNullable is the slower way of columns that have NULLs.
func (v *Vector) hashNullable(sel []int32, dst []uint64) {
	for k := range dst {
		i := rowAt(sel, k)
		if v.IsNull(i) {
			dst[k] = Mix(dst[k], hashNull)
			continue
		}
		dst[k] = Mix(dst[k], v.hashValue(i))
	}
}

func rowAt(sel []int32, k int) int {
	if sel == nil {
		return k
	}
	return int(sel[k])
}

func hashInts[T int8 | int16 | int32 | int64](dst []uint64, vals []T, sel []int32) {
	if sel == nil {
		vals = vals[:len(dst)]
		for k, h := range dst {
			dst[k] = Mix(h, uint64(vals[k]))
		}
		return
	}
	for k, i := range sel {
		dst[k] = Mix(dst[k], uint64(vals[i]))
	}
}

func hashViews(dst []uint64, v *Vector, sel []int32) {
	views := Values[StringView](v)
	for k := range dst {
		s := &views[rowAt(sel, k)]
		if s.Inline() {
			a, b := s.Words()
			dst[k] = Mix(dst[k], mixView(a, b))
			continue
		}
		dst[k] = Mix(dst[k], hashBytes(ViewBytes(s, v.bufs)))
	}
}

func mixView(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^hashSeed, b^hashLong)
	return hi ^ lo
}

// hashValue gives what a value that is not NULL adds to a row's hash.
func (v *Vector) hashValue(i int) uint64 {
	switch v.phys {
	case Bool:
		if v.Bool(i) {
			return 1
		}
		return 0
	case Int8:
		return uint64(Values[int8](v)[i])
	case Int16:
		return uint64(Values[int16](v)[i])
	case Int32:
		return uint64(Values[int32](v)[i])
	case Int64:
		return uint64(Values[int64](v)[i])
	case Float32:
		return uint64(KeyBits32(Values[float32](v)[i]))
	case Float64:
		return KeyBits64(Values[float64](v)[i])
	case Decimal:
		d := Values[Dec128](v)[i]
		return Mix(Mix(hashSeed, d.Lo), uint64(d.Hi))
	case View:
		s := &Values[StringView](v)[i]
		if s.Inline() {
			a, b := s.Words()
			return mixView(a, b)
		}
		return hashBytes(ViewBytes(s, v.bufs))
	case List, MapOf:
		return v.hashList(i)
	}
	h := uint64(hashSeed)
	for _, c := range v.children {
		h = Mix(h, c.hashNullableValue(i))
	}
	return h
}

func (v *Vector) hashNullableValue(i int) uint64 {
	if v.IsNull(i) {
		return hashNull
	}
	return v.hashValue(i)
}

// hashList hashes arrays in order, and maps and multisets, whose entries have no order, by a sum.
func (v *Vector) hashList(i int) uint64 {
	from, to := int(v.offsets[i]), int(v.offsets[i+1])
	h := Mix(hashSeed, uint64(to-from))
	if v.phys == List {
		for j := from; j < to; j++ {
			h = Mix(h, v.children[0].hashNullableValue(j))
		}
		return h
	}
	for j := from; j < to; j++ {
		h += Mix(v.children[0].hashNullableValue(j), v.children[1].hashNullableValue(j)^hashSeed)
	}
	return h
}

// KeyBits64 gives a double's bits as keys compare them: one NaN.
func KeyBits64(f float64) uint64 {
	if f != f {
		return 0x7ff8000000000000
	}
	return math.Float64bits(f)
}

// KeyBits32 is KeyBits64 of FLOAT.
func KeyBits32(f float32) uint32 {
	if f != f {
		return 0x7fc00000
	}
	return math.Float32bits(f)
}
