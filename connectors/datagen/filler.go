package datagen

import (
	"time"

	"github.com/weirstream/weir/runtime/vec"
)

// rows are the consecutive rows that are made in one go.
type rows struct {
	first int64
	n     int
	now   time.Time
}

// filler appends the values of one field for the rows. It does not change, and is shared
// by all readers.
type filler interface {
	fill(v *vec.Vector, r rows)
}

// extend appends r.n values to v and gives where they begin.
func extend(v *vec.Vector, r rows) int {
	base := v.Len()
	v.Resize(base + r.n)
	return base
}

// nulls makes some values of a field NULL.
type nulls struct {
	filler
	stream    stream
	threshold uint64 // of 2^32
}

func (f *nulls) null(row int64) bool { return f.stream.at(row)>>32 < f.threshold }

func (f *nulls) fill(v *vec.Vector, r rows) {
	base := v.Len()
	f.filler.fill(v, r)
	for i := range r.n {
		if f.null(r.first + int64(i)) {
			setNull(v, base+i)
		}
	}
}

// setNull makes a value NULL, a ROW's with all its fields.
func setNull(v *vec.Vector, i int) {
	if v.Phys() == vec.Struct {
		for _, c := range v.Children() {
			setNull(c, i)
		}
	}
	v.SetNull(i)
}

// fields is a ROW.
type fields []filler

func (f fields) fill(v *vec.Vector, r rows) {
	for i, c := range f {
		c.fill(v.Child(i), r)
	}
	for range r.n {
		v.EndRow()
	}
}

// list is an ARRAY of a fixed length.
type list struct {
	element filler
	length  int
	nulls   *nulls // of the list itself; nil for none
}

// elements gives the rows of the elements of row r: each list has its own range of them.
func (f *list) elements(r rows, i int) rows {
	return rows{first: (r.first + int64(i)) * int64(f.length), n: f.length, now: r.now}
}

func (f *list) fill(v *vec.Vector, r rows) {
	for i := range r.n {
		if f.nulls != nil && f.nulls.null(r.first+int64(i)) {
			v.AppendNull()
			continue
		}
		f.element.fill(v.Child(0), f.elements(r, i))
		v.EndList()
	}
}

// pairs is a MAP, or a MULTISET, whose values are counts. Where a key comes twice, the first
// stays: the map is then shorter.
type pairs struct {
	list         // of the keys
	value filler // of the MAP; nil: counts from 1 to 10
	count stream
	keys  func() *vec.Vector // an empty vector for keys under way
}

func (f *pairs) fill(v *vec.Vector, r rows) {
	keys := f.keys()
	for i := range r.n {
		if f.nulls != nil && f.nulls.null(r.first+int64(i)) {
			v.AppendNull()
			continue
		}
		keys.Reset()
		elements := f.elements(r, i)
		f.element.fill(keys, elements)
		elements.n = f.distinct(v.Child(0), keys)
		f.fillValues(v.Child(1), elements)
		v.EndList()
	}
}

func (f *pairs) fillValues(v *vec.Vector, r rows) {
	if f.value != nil {
		f.value.fill(v, r)
		return
	}
	for i := range r.n {
		vec.Append(v, int32(1+below(f.count.at(r.first+int64(i)), 10)))
	}
}

// distinct appends the keys that differ from those before them, and gives their number.
func (f *pairs) distinct(dst, keys *vec.Vector) int {
	seen := make(map[string]bool, keys.Len())
	for i := range keys.Len() {
		k := keyText(keys.Value(i))
		if !seen[k] {
			seen[k] = true
			dst.AppendRow(keys, i)
		}
	}
	return len(seen)
}
