package arrowvec

import (
	"fmt"
	"math"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// ToArrow gives the rows that count in b as a record batch with the schema that Schema
// gives. Where all rows count, the record shares the batch's memory, and is valid as long
// as the batch is; strings are copied unless o.Views is set. Memory is Go's own:
// Release need not be called.
func ToArrow(s vec.Schema, b *vec.Batch, o Options) (arrow.RecordBatch, error) {
	schema, err := Schema(s, o)
	if err != nil {
		return nil, err
	}
	n := b.Rows()
	arrays := make([]arrow.Array, 0, len(b.Cols)+1)
	if o.KindColumn != "" {
		arrays = append(arrays, kinds(b, n))
	}
	for i, v := range b.Cols {
		if b.Sel != nil {
			dense := vec.New(v.Type())
			dense.AppendRows(v, b.Sel)
			v = dense
		}
		d, err := o.data(v)
		if err != nil {
			return nil, fmt.Errorf("column '%s': %w", s[i].Name, err)
		}
		arrays = append(arrays, array.MakeFromData(d))
	}
	return array.NewRecordBatch(schema, arrays, int64(n)), nil
}

func kinds(b *vec.Batch, n int) arrow.Array {
	offsets, text := make([]int32, 1, n+1), make([]byte, 0, 2*n)
	b.Each(func(row int) {
		text = append(text, b.Kind(row).String()...)
		offsets = append(offsets, int32(len(text)))
	})
	d := array.NewData(arrow.BinaryTypes.String, n, []*memory.Buffer{nil, buffer(offsets), memory.NewBufferBytes(text)}, nil, 0, 0)
	return array.MakeFromData(d)
}

// buffer wraps values without copying them.
func buffer[T any](values []T) *memory.Buffer {
	if len(values) == 0 {
		return memory.NewBufferBytes(nil)
	}
	return memory.NewBufferBytes(unsafe.Slice((*byte)(unsafe.Pointer(&values[0])), len(values)*int(unsafe.Sizeof(values[0]))))
}

// data wraps a vector.
func (o Options) data(v *vec.Vector) (arrow.ArrayData, error) {
	t, err := o.dataType(v.Type())
	if err != nil {
		return nil, err
	}
	valid, nulls := validity(v)
	switch v.Phys() {
	case vec.View:
		return o.strings(v, t, valid, nulls)
	case vec.List:
		return o.list(v, t, valid, nulls)
	case vec.MapOf:
		return o.pairs(v, t, valid, nulls)
	case vec.Struct:
		fields := make([]arrow.ArrayData, len(v.Children()))
		for i, c := range v.Children() {
			if fields[i], err = o.data(c); err != nil {
				return nil, err
			}
		}
		return array.NewData(t, v.Len(), []*memory.Buffer{valid}, fields, nulls, 0), nil
	}
	switch v.Type().Kind {
	case types.Null:
		return array.NewData(t, v.Len(), []*memory.Buffer{nil}, nil, v.Len(), 0), nil
	case types.IntervalMonth:
		return array.NewData(t, v.Len(), []*memory.Buffer{valid, months(v)}, nil, nulls, 0), nil
	}
	return array.NewData(t, v.Len(), []*memory.Buffer{valid, memory.NewBufferBytes(raw(v))}, nil, nulls, 0), nil
}

func validity(v *vec.Vector) (*memory.Buffer, int) {
	nulls := v.NullCount()
	if nulls == 0 {
		return nil, 0
	}
	return buffer(v.Valid()), nulls
}

// raw gives the bytes of fixed-width values.
func raw(v *vec.Vector) []byte {
	switch v.Phys() {
	case vec.Bool:
		return buffer(v.Bits()).Bytes()
	case vec.Int8:
		return buffer(vec.Values[int8](v)).Bytes()
	case vec.Int16:
		return buffer(vec.Values[int16](v)).Bytes()
	case vec.Int32, vec.Float32:
		return buffer(vec.Values[int32](v)).Bytes()
	case vec.Int64, vec.Float64:
		return buffer(vec.Values[int64](v)).Bytes()
	}
	return buffer(vec.Values[vec.Dec128](v)).Bytes()
}

// months narrows to the 32 bits that Arrow has.
func months(v *vec.Vector) *memory.Buffer {
	out := make([]int32, v.Len())
	for i, m := range vec.Values[int64](v) {
		out[i] = int32(m)
	}
	return buffer(out)
}

func (o Options) strings(v *vec.Vector, t arrow.DataType, valid *memory.Buffer, nulls int) (arrow.ArrayData, error) {
	views, bufs := v.Views()
	if o.Views {
		buffers := []*memory.Buffer{valid, buffer(views)}
		for _, b := range bufs {
			buffers = append(buffers, memory.NewBufferBytes(b))
		}
		return array.NewData(t, v.Len(), buffers, nil, nulls, 0), nil
	}
	size := 0
	for i := range views {
		size += int(views[i].Len)
	}
	if size > math.MaxInt32 {
		return nil, fmt.Errorf("%d bytes of strings in one batch are more than utf8 can hold", size)
	}
	offsets, text := make([]int32, 1, v.Len()+1), make([]byte, 0, size)
	for i := range views {
		if !v.IsNull(i) {
			text = append(text, vec.ViewBytes(&views[i], bufs)...)
		}
		offsets = append(offsets, int32(len(text)))
	}
	return array.NewData(t, v.Len(), []*memory.Buffer{valid, buffer(offsets), memory.NewBufferBytes(text)}, nil, nulls, 0), nil
}

func (o Options) list(v *vec.Vector, t arrow.DataType, valid *memory.Buffer, nulls int) (arrow.ArrayData, error) {
	elements, err := o.data(v.Child(0))
	if err != nil {
		return nil, err
	}
	return array.NewData(t, v.Len(), []*memory.Buffer{valid, buffer(v.Offsets())}, []arrow.ArrayData{elements}, nulls, 0), nil
}

func (o Options) pairs(v *vec.Vector, t arrow.DataType, valid *memory.Buffer, nulls int) (arrow.ArrayData, error) {
	if v.Child(0).NullCount() > 0 {
		return nil, fmt.Errorf("a %s holds a NULL key, which Arrow cannot express", v.Type())
	}
	keys, err := o.data(v.Child(0))
	if err != nil {
		return nil, err
	}
	values, err := o.data(v.Child(1))
	if err != nil {
		return nil, err
	}
	entries := array.NewData(t.(*arrow.MapType).Elem(), v.Child(0).Len(), []*memory.Buffer{nil}, []arrow.ArrayData{keys, values}, 0, 0)
	return array.NewData(t, v.Len(), []*memory.Buffer{valid, buffer(v.Offsets())}, []arrow.ArrayData{entries}, nulls, 0), nil
}
