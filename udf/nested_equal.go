package udf

import (
	"cmp"

	"github.com/weirstream/weir/runtime/decimal"
	"github.com/weirstream/weir/runtime/vec"
)

// equalRows compares value i of a with value j of b, of the same type; NULLs inside of
// nested values are equal to each other.
func equalRows(a *vec.Vector, i int, b *vec.Vector, j int) bool {
	if a.IsNull(i) || b.IsNull(j) {
		return a.IsNull(i) && b.IsNull(j)
	}
	switch a.Phys() {
	case vec.Struct:
		for k := range a.Children() {
			if !equalRows(a.Child(k), i, b.Child(k), j) {
				return false
			}
		}
		return true
	case vec.List:
		return equalLists(a, i, b, j)
	case vec.MapOf:
		return equalMaps(a, i, b, j)
	}
	return compareRows(a, i, b, j) == 0
}

func equalLists(a *vec.Vector, i int, b *vec.Vector, j int) bool {
	x, xe := int(a.Offsets()[i]), int(a.Offsets()[i+1])
	y, ye := int(b.Offsets()[j]), int(b.Offsets()[j+1])
	if xe-x != ye-y {
		return false
	}
	for ; x < xe; x, y = x+1, y+1 {
		if !equalRows(a.Child(0), x, b.Child(0), y) {
			return false
		}
	}
	return true
}

func equalMaps(a *vec.Vector, i int, b *vec.Vector, j int) bool {
	x, xe := int(a.Offsets()[i]), int(a.Offsets()[i+1])
	y, ye := int(b.Offsets()[j]), int(b.Offsets()[j+1])
	if xe-x != ye-y {
		return false
	}
	for ; x < xe; x++ {
		k := findRow(b.Child(0), y, ye, a.Child(0), x)
		if k < 0 || !equalRows(a.Child(1), x, b.Child(1), k) {
			return false
		}
	}
	return true
}

// findRow gives the first row from from to to (exclusive) of v that equals row k of key,
// or -1.
func findRow(v *vec.Vector, from, to int, key *vec.Vector, k int) int {
	for i := from; i < to; i++ {
		if equalRows(v, i, key, k) {
			return i
		}
	}
	return -1
}

// compareRows orders two values of the same scalar type, neither NULL. NaN is the largest and equals itself.
func compareRows(a *vec.Vector, i int, b *vec.Vector, j int) int {
	switch a.Phys() {
	case vec.Bool:
		return int(bit(a.Bool(i))) - int(bit(b.Bool(j)))
	case vec.Int8:
		return cmp.Compare(vec.Values[int8](a)[i], vec.Values[int8](b)[j])
	case vec.Int16:
		return cmp.Compare(vec.Values[int16](a)[i], vec.Values[int16](b)[j])
	case vec.Int32:
		return cmp.Compare(vec.Values[int32](a)[i], vec.Values[int32](b)[j])
	case vec.Int64:
		return cmp.Compare(vec.Values[int64](a)[i], vec.Values[int64](b)[j])
	case vec.Float32:
		return compareFloats(vec.Values[float32](a)[i], vec.Values[float32](b)[j])
	case vec.Float64:
		return compareFloats(vec.Values[float64](a)[i], vec.Values[float64](b)[j])
	case vec.Decimal:
		return decimal.CmpScaled(vec.Values[vec.Dec128](a)[i], a.Type().Scale, vec.Values[vec.Dec128](b)[j], b.Type().Scale)
	}
	x, xb := a.Views()
	y, yb := b.Views()
	return vec.CompareViews(&x[i], xb, &y[j], yb)
}

func compareFloats[F float32 | float64](x, y F) int {
	if x != x || y != y {
		return cmp.Compare(y, x) // for cmp, NaN is the smallest
	}
	return cmp.Compare(x, y)
}
