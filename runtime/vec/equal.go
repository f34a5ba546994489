package vec

// EqualKeys reports whether value i of a and value j of b, of the same type, are the same key: NULLs
// are equal, NaNs are equal, and 0.0 differs from -0.0.
func EqualKeys(a *Vector, i int, b *Vector, j int) bool {
	if an, bn := a.IsNull(i), b.IsNull(j); an || bn {
		return an && bn
	}
	switch a.phys {
	case Bool:
		return a.Bool(i) == b.Bool(j)
	case Int8:
		return Values[int8](a)[i] == Values[int8](b)[j]
	case Int16:
		return Values[int16](a)[i] == Values[int16](b)[j]
	case Int32:
		return Values[int32](a)[i] == Values[int32](b)[j]
	case Int64:
		return Values[int64](a)[i] == Values[int64](b)[j]
	case Float32:
		return KeyBits32(Values[float32](a)[i]) == KeyBits32(Values[float32](b)[j])
	case Float64:
		return KeyBits64(Values[float64](a)[i]) == KeyBits64(Values[float64](b)[j])
	case Decimal:
		return Values[Dec128](a)[i] == Values[Dec128](b)[j]
	case View:
		return EqualViews(&Values[StringView](a)[i], a.bufs, &Values[StringView](b)[j], b.bufs)
	case List:
		return equalLists(a, i, b, j)
	case MapOf:
		return equalMaps(a, i, b, j)
	}
	for c, child := range a.children {
		if !EqualKeys(child, i, b.children[c], j) {
			return false
		}
	}
	return true
}

func equalLists(a *Vector, i int, b *Vector, j int) bool {
	from, n := int(a.offsets[i]), int(a.offsets[i+1]-a.offsets[i])
	bFrom := int(b.offsets[j])
	if int(b.offsets[j+1])-bFrom != n {
		return false
	}
	for k := range n {
		if !EqualKeys(a.children[0], from+k, b.children[0], bFrom+k) {
			return false
		}
	}
	return true
}

// equalMaps compares without regard to order; keys are unique within a map.
func equalMaps(a *Vector, i int, b *Vector, j int) bool {
	if a.offsets[i+1]-a.offsets[i] != b.offsets[j+1]-b.offsets[j] {
		return false
	}
	for k := int(a.offsets[i]); k < int(a.offsets[i+1]); k++ {
		if !mapHas(b, j, a, k) {
			return false
		}
	}
	return true
}

func mapHas(b *Vector, j int, a *Vector, entry int) bool {
	for k := int(b.offsets[j]); k < int(b.offsets[j+1]); k++ {
		if EqualKeys(a.children[0], entry, b.children[0], k) {
			return EqualKeys(a.children[1], entry, b.children[1], k)
		}
	}
	return false
}

// differAt sets differs[k] where row sel[first+k] of v is not the key at ids[k] of stored; entries of
// NoGroup are passed over. It reports whether any differs.
func (v *Vector) differAt(sel []int32, first int, stored *Vector, ids []uint32, differs []bool) bool {
	if !v.hasValid() && !stored.hasValid() {
		switch v.phys {
		case Int32:
			return differFixed(Values[int32](v), sel, first, Values[int32](stored), ids, differs)
		case Int64:
			return differFixed(Values[int64](v), sel, first, Values[int64](stored), ids, differs)
		case View:
			return differViews(v, sel, first, stored, ids, differs)
		}
	}
	any := false
	for k, id := range ids {
		if id != NoGroup && !EqualKeys(v, rowAt(sel, first+k), stored, int(id)) {
			differs[k], any = true, true
		}
	}
	return any
}

func differFixed[T int32 | int64](vals []T, sel []int32, first int, stored []T, ids []uint32, differs []bool) bool {
	any := false
	for k, id := range ids {
		if id != NoGroup && vals[rowAt(sel, first+k)] != stored[id] {
			differs[k], any = true, true
		}
	}
	return any
}

func differViews(v *Vector, sel []int32, first int, stored *Vector, ids []uint32, differs []bool) bool {
	vals, kept, any := Values[StringView](v), Values[StringView](stored), false
	for k, id := range ids {
		if id == NoGroup {
			continue
		}
		a, b := &vals[rowAt(sel, first+k)], &kept[id]
		a0, a1 := a.Words()
		b0, b1 := b.Words()
		if a0 == b0 && a1 == b1 && a.Inline() {
			continue
		}
		if !EqualViews(a, v.bufs, b, stored.bufs) {
			differs[k], any = true, true
		}
	}
	return any
}
