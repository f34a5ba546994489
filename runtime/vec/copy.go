package vec

import "unsafe"

// CopyRow makes value i of v a copy of value j of src, which has the same type. Nested
// values cannot be overwritten. The bytes of a string that was there stay in the
// arena until Reset.
func (v *Vector) CopyRow(i int, src *Vector, j int) {
	if src.IsNull(j) {
		v.zero(i)
		v.SetNull(i)
		return
	}
	if v.hasValid() {
		SetBit(v.valid, i)
	}
	switch v.phys {
	case Bool:
		v.SetBool(i, src.Bool(j))
	case Int8:
		Values[int8](v)[i] = Values[int8](src)[j]
	case Int16:
		Values[int16](v)[i] = Values[int16](src)[j]
	case Int32, Float32:
		Values[int32](v)[i] = Values[int32](src)[j]
	case Int64, Float64:
		Values[int64](v)[i] = Values[int64](src)[j]
	case Decimal:
		Values[Dec128](v)[i] = Values[Dec128](src)[j]
	case View:
		v.SetBytes(i, src.Bytes(j))
	}
}

// AsRows gives group ids as row numbers of columns indexed by id, sharing the memory. Ids stay
// below 2^31. No ids are no rows, and not nil, which would be all.
func AsRows(ids []uint32) []int32 {
	if len(ids) == 0 {
		return []int32{}
	}
	return unsafe.Slice((*int32)(unsafe.Pointer(unsafe.SliceData(ids))), len(ids))
}

// asWords reads integers as words.
func asWords(x []int64) []uint64 {
	return unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(x))), len(x))
}
