package weir

import (
	"fmt"
	"reflect"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/parse"
	"github.com/weirstream/weir/sql/types"
)

// record maps a struct type to columns.
type record struct{ fields []recordField }

type recordField struct {
	name    string
	typ     types.Type
	index   []int
	pointer bool // admits NULL
}

var (
	timeType     = reflect.TypeFor[time.Time]()
	durationType = reflect.TypeFor[time.Duration]()
	bytesType    = reflect.TypeFor[[]byte]()
)

func recordOf(t reflect.Type) (*record, error) {
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("%s is no struct", t)
	}
	rec := &record{}
	for _, f := range reflect.VisibleFields(t) {
		if !f.IsExported() || f.Anonymous || f.Tag.Get("weir") == "-" {
			continue
		}
		field, err := fieldOf(f)
		if err != nil {
			return nil, fmt.Errorf("field %s: %w", f.Name, err)
		}
		rec.fields = append(rec.fields, field)
	}
	if len(rec.fields) == 0 {
		return nil, fmt.Errorf("%s has no exported fields", t)
	}
	return rec, nil
}

func fieldOf(f reflect.StructField) (recordField, error) {
	name, asType, _ := strings.Cut(f.Tag.Get("weir"), ",")
	if name == "" {
		r, size := utf8.DecodeRuneInString(f.Name)
		name = string(unicode.ToLower(r)) + f.Name[size:]
	}
	t := f.Type
	out := recordField{name: name, index: f.Index}
	if t.Kind() == reflect.Pointer {
		t, out.pointer = t.Elem(), true
	}
	typ, ok := columnType(t)
	if !ok {
		return out, fmt.Errorf("no column type for %s", f.Type)
	}
	if asType != "" {
		other, err := parse.Type(&diag.Text{Name: "tag", Body: asType})
		if err != nil {
			return out, err
		}
		if vec.PhysOf(other) != vec.PhysOf(typ) {
			return out, fmt.Errorf("%s cannot be a column of type %s", f.Type, other)
		}
		typ = other
	}
	out.typ = typ.WithNullIf(out.pointer)
	return out, nil
}

func columnType(t reflect.Type) (types.Type, bool) {
	switch t {
	case timeType:
		return types.TimestampLTZOf(3), true
	case durationType:
		return types.New(types.IntervalMilli), true
	case bytesType:
		return types.Bytes(), true
	}
	kinds := map[reflect.Kind]types.Type{
		reflect.Bool: types.New(types.Boolean), reflect.Int8: types.New(types.TinyInt), reflect.Int16: types.New(types.SmallInt),
		reflect.Int32: types.New(types.Int), reflect.Int: types.New(types.BigInt), reflect.Int64: types.New(types.BigInt),
		reflect.Float32: types.New(types.Float), reflect.Float64: types.New(types.Double), reflect.String: types.String(),
	}
	typ, ok := kinds[t.Kind()]
	return typ, ok
}

// appendTo appends the requested columns of a struct to vectors; want[i] is the field of
// vector i.
func (r *record) appendTo(b *vec.Batch, want []int, row reflect.Value) {
	for i, w := range want {
		appendField(b.Cols[i], r.fields[w], row.FieldByIndex(r.fields[w].index))
	}
	b.SetLen(b.Len() + 1)
}

func appendField(v *vec.Vector, f recordField, x reflect.Value) {
	if f.pointer {
		if x.IsNil() {
			v.AppendNull()
			return
		}
		x = x.Elem()
	}
	switch v.Phys() {
	case vec.Bool:
		v.AppendBool(x.Bool())
	case vec.Int8:
		vec.Append(v, int8(x.Int()))
	case vec.Int16:
		vec.Append(v, int16(x.Int()))
	case vec.Int32:
		vec.Append(v, int32(x.Int()))
	case vec.Float32:
		vec.Append(v, float32(x.Float()))
	case vec.Float64:
		vec.Append(v, x.Float())
	case vec.View:
		if x.Kind() == reflect.String {
			v.AppendString(x.String())
		} else {
			v.AppendBytes(x.Bytes())
		}
	default:
		vec.Append(v, int64Of(f.typ, x))
	}
}

// int64Of gives a 64-bit column's value: integers as they are, times in the column's unit.
func int64Of(typ types.Type, x reflect.Value) int64 {
	switch x.Type() {
	case timeType:
		t := x.Interface().(time.Time)
		unit := vec.UnitOf(typ.Precision)
		return t.Unix()*unit + int64(t.Nanosecond())/(1e9/unit)
	case durationType:
		return x.Int() / int64(time.Millisecond)
	}
	return x.Int()
}

// fill sets a struct from row i of a batch that has the record's columns.
func (r *record) fill(row reflect.Value, b *vec.Batch, i int) {
	for c, f := range r.fields {
		x := b.Cols[c].Value(i)
		field := row.FieldByIndex(f.index)
		if x == nil {
			field.SetZero()
			continue
		}
		if f.pointer {
			field.Set(reflect.New(field.Type().Elem()))
			field = field.Elem()
		}
		field.Set(reflect.ValueOf(goValue(f.typ, x)).Convert(field.Type()))
	}
}
