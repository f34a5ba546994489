package vec

import (
	"bytes"
	"cmp"
)

// CompareRows orders value i of a and value j of b, of the same type: -1, 0 or 1. NULL
// comes first, NaN after all numbers, false before true; arrays and rows compare element by element.
// Zeros are equal whatever their sign.
func CompareRows(a *Vector, i int, b *Vector, j int) int {
	if an, bn := a.IsNull(i), b.IsNull(j); an || bn {
		switch {
		case !bn:
			return -1
		case !an:
			return 1
		}
		return 0
	}
	switch a.phys {
	case Bool:
		return compareBools(a.Bool(i), b.Bool(j))
	case Int8:
		return cmp.Compare(Values[int8](a)[i], Values[int8](b)[j])
	case Int16:
		return cmp.Compare(Values[int16](a)[i], Values[int16](b)[j])
	case Int32:
		return cmp.Compare(Values[int32](a)[i], Values[int32](b)[j])
	case Int64:
		return cmp.Compare(Values[int64](a)[i], Values[int64](b)[j])
	case Float32:
		return compareFloats(float64(Values[float32](a)[i]), float64(Values[float32](b)[j]))
	case Float64:
		return compareFloats(Values[float64](a)[i], Values[float64](b)[j])
	case Decimal:
		return CompareDec(Values[Dec128](a)[i], Values[Dec128](b)[j])
	case View:
		return bytes.Compare(a.Bytes(i), b.Bytes(j))
	case List, MapOf:
		return compareLists(a, i, b, j)
	}
	for c, child := range a.children {
		if d := CompareRows(child, i, b.children[c], j); d != 0 {
			return d
		}
	}
	return 0
}

// CompareDec orders two unscaled values.
func CompareDec(a, b Dec128) int {
	if a.Hi != b.Hi {
		return cmp.Compare(a.Hi, b.Hi)
	}
	return cmp.Compare(a.Lo, b.Lo)
}

func compareFloats(a, b float64) int {
	if a != a || b != b {
		return compareBools(a != a, b != b)
	}
	return cmp.Compare(a, b)
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

func compareLists(a *Vector, i int, b *Vector, j int) int {
	an, bn := int(a.offsets[i+1]-a.offsets[i]), int(b.offsets[j+1]-b.offsets[j])
	for k := range min(an, bn) {
		for c, child := range a.children {
			if d := CompareRows(child, int(a.offsets[i])+k, b.children[c], int(b.offsets[j])+k); d != 0 {
				return d
			}
		}
	}
	return cmp.Compare(an, bn)
}
