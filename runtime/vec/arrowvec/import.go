package arrowvec

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// FromArrow appends the rows of a record batch to b, copying them. Columns go by their place;
// their types must be those of Schema, where strings may be in any of Arrow's layouts.
// o.KindColumn names the first column as change kinds.
func FromArrow(b *vec.Batch, rec arrow.RecordBatch, o Options) error {
	cols, kindCol := rec.Columns(), arrow.Array(nil)
	if o.KindColumn != "" {
		if len(cols) == 0 || rec.ColumnName(0) != o.KindColumn {
			return fmt.Errorf("the first column is not '%s'", o.KindColumn)
		}
		kindCol, cols = cols[0], cols[1:]
	}
	if len(cols) != len(b.Cols) {
		return fmt.Errorf("the record has %d columns, the table %d", len(cols), len(b.Cols))
	}
	for i, a := range cols {
		if err := appendArray(b.Cols[i], a); err != nil {
			return fmt.Errorf("column '%s': %w", rec.ColumnName(int(rec.NumCols())-len(cols)+i), err)
		}
	}
	if kindCol == nil && b.Kinds == nil {
		b.SetLen(b.Len() + int(rec.NumRows()))
		return nil
	}
	return appendKinds(b, kindCol, int(rec.NumRows()))
}

func appendKinds(b *vec.Batch, a arrow.Array, n int) error {
	kinds := b.EnsureKinds()
	for i := range n {
		k := vec.Insert
		if a != nil {
			var err error
			if k, err = kindOf(a, i); err != nil {
				return err
			}
		}
		kinds = append(kinds, k)
	}
	b.Kinds = kinds
	b.SetLen(b.Len() + n)
	return nil
}

func kindOf(a arrow.Array, i int) (vec.ChangeKind, error) {
	text := a.ValueStr(i)
	for k := vec.Insert; k <= vec.Delete; k++ {
		if text == k.String() {
			return k, nil
		}
	}
	return 0, fmt.Errorf("'%s' in row %d is not a change kind; these are +I, -U, +U and -D", text, i)
}

// appendArray appends all values of a to v.
func appendArray(v *vec.Vector, a arrow.Array) error {
	base := v.Len()
	var err error
	switch v.Phys() {
	case vec.View:
		return appendStrings(v, a)
	case vec.List:
		err = appendList(v, a)
	case vec.MapOf:
		err = appendMap(v, a)
	case vec.Struct:
		err = appendStruct(v, a)
	default:
		err = appendFixed(v, a)
	}
	if err != nil || a.NullN() == 0 || v.Type().Kind == types.Null {
		return err
	}
	for i := range a.Len() {
		if a.IsNull(i) {
			v.SetNull(base + i)
		}
	}
	return nil
}

func mismatch(v *vec.Vector, a arrow.Array) error {
	return fmt.Errorf("it is of type %s in Arrow, which does not fit %s", a.DataType(), v.Type())
}

func appendStrings(v *vec.Vector, a arrow.Array) error {
	var value func(i int) []byte
	switch a := a.(type) {
	case *array.String:
		value = func(i int) []byte { return []byte(a.Value(i)) }
	case *array.LargeString:
		value = func(i int) []byte { return []byte(a.Value(i)) }
	case *array.StringView:
		value = func(i int) []byte { return []byte(a.Value(i)) }
	case *array.Binary:
		value = a.Value
	case *array.LargeBinary:
		value = a.Value
	case *array.BinaryView:
		value = a.Value
	case *array.FixedSizeBinary:
		value = a.Value
	default:
		return mismatch(v, a)
	}
	for i := range a.Len() {
		if a.IsNull(i) {
			v.AppendNull()
			continue
		}
		v.AppendBytes(value(i))
	}
	return nil
}

// appendFixed appends fixed-width values, whose bytes are the same on both sides.
func appendFixed(v *vec.Vector, a arrow.Array) error {
	want, err := Options{}.dataType(v.Type())
	if err != nil {
		return err
	}
	if !sameType(want, a.DataType()) {
		return mismatch(v, a)
	}
	base, n := v.Len(), a.Len()
	v.Resize(base + n)
	switch a := a.(type) {
	case *array.Null:
		for i := range n {
			v.SetNull(base + i)
		}
	case *array.Boolean:
		for i := range n {
			v.SetBool(base+i, a.Value(i))
		}
	case *array.MonthInterval:
		for i, m := range a.Values() {
			vec.Values[int64](v)[base+i] = int64(m)
		}
	default:
		if n == 0 {
			return nil
		}
		dst := raw(v)
		width := len(dst) / (base + n)
		from := a.Data().Offset() * width
		copy(dst[base*width:], a.Data().Buffers()[1].Bytes()[from:from+n*width])
	}
	return nil
}

// sameType is equality but for the name of the time zone.
func sameType(a, b arrow.DataType) bool {
	if ta, ok := a.(*arrow.TimestampType); ok {
		tb, ok := b.(*arrow.TimestampType)
		return ok && ta.Unit == tb.Unit && (ta.TimeZone == "") == (tb.TimeZone == "")
	}
	return arrow.TypeEqual(a, b)
}

func appendList(v *vec.Vector, a arrow.Array) error {
	l, ok := a.(array.ListLike)
	if !ok || a.DataType().ID() == arrow.MAP {
		return mismatch(v, a)
	}
	return appendEntries(v, a, l, func(from, to int64) error {
		return appendArray(v.Child(0), array.NewSlice(l.ListValues(), from, to))
	})
}

func appendMap(v *vec.Vector, a arrow.Array) error {
	m, ok := a.(*array.Map)
	if !ok {
		return mismatch(v, a)
	}
	return appendEntries(v, a, m, func(from, to int64) error {
		if err := appendArray(v.Child(0), array.NewSlice(m.Keys(), from, to)); err != nil {
			return err
		}
		return appendArray(v.Child(1), array.NewSlice(m.Items(), from, to))
	})
}

// appendEntries appends the elements of lists in runs that lie together, then the entries. NULL lists are empty.
func appendEntries(v *vec.Vector, a arrow.Array, l array.ListLike, elements func(from, to int64) error) error {
	lengths := make([]int32, a.Len())
	var from, to int64
	for i := range a.Len() {
		if a.IsNull(i) {
			continue
		}
		start, end := l.ValueOffsets(i)
		lengths[i] = int32(end - start)
		if start != to {
			if err := elements(from, to); err != nil {
				return err
			}
			from = start
		}
		to = end
	}
	if err := elements(from, to); err != nil {
		return err
	}
	base := v.Len()
	v.Resize(base + a.Len())
	offsets := v.Offsets()[base:]
	for i, n := range lengths {
		offsets[i+1] = offsets[i] + n
	}
	return nil
}

func appendStruct(v *vec.Vector, a arrow.Array) error {
	s, ok := a.(*array.Struct)
	if !ok || s.NumField() != len(v.Children()) {
		return mismatch(v, a)
	}
	for i, c := range v.Children() {
		if err := appendArray(c, s.Field(i)); err != nil {
			return err
		}
	}
	for range a.Len() {
		v.EndRow()
	}
	return nil
}
