// Package arrowvec carries batches to Arrow and back. Weir's vectors have Arrow's layout,
// so most columns cross without a copy. Enter at ToArrow and FromArrow; Schema has the
// table of types.
package arrowvec

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// Options say how a batch looks in Arrow.
type Options struct {
	// KindColumn, where not empty, is the name of a first column, of type utf8, with the change kinds: +I,
	// -U, +U, -D.
	KindColumn string
	// Views keeps strings in the layout that Weir has, utf8_view and binary_view, without copying them.
	// Many readers of Arrow know only utf8 and binary, which is the default.
	Views bool
}

// Schema gives the Arrow schema of a batch:
//
//	BOOLEAN                     bool
//	TINYINT to BIGINT           int8 to int64
//	FLOAT, DOUBLE               float32, float64
//	DECIMAL(p, s)               decimal128(p, s)
//	CHAR, VARCHAR               utf8, or utf8_view
//	BINARY, VARBINARY           binary, or binary_view
//	DATE                        date32
//	TIME                        time32[ms]
//	TIMESTAMP(p)                timestamp[ms, us or ns] for p up to 3, 6, 9
//	TIMESTAMP_LTZ(p)            the same with time zone UTC
//	INTERVAL MONTH              month_interval
//	INTERVAL SECOND(3)          duration[ms]
//	ARRAY, ROW                  list, struct
//	MAP, MULTISET               map; of element to int32
//	NULL                        null
func Schema(s vec.Schema, o Options) (*arrow.Schema, error) {
	fields := make([]arrow.Field, 0, len(s)+1)
	if o.KindColumn != "" {
		fields = append(fields, arrow.Field{Name: o.KindColumn, Type: arrow.BinaryTypes.String})
	}
	for _, f := range s {
		t, err := o.dataType(f.Type)
		if err != nil {
			return nil, fmt.Errorf("column '%s': %w", f.Name, err)
		}
		fields = append(fields, arrow.Field{Name: f.Name, Type: t, Nullable: !f.Type.NotNull})
	}
	return arrow.NewSchema(fields, nil), nil
}

func (o Options) dataType(t types.Type) (arrow.DataType, error) {
	if flat, ok := flatTypes[t.Kind]; ok {
		return flat, nil
	}
	switch t.Kind {
	case types.Decimal:
		return &arrow.Decimal128Type{Precision: int32(t.Precision), Scale: int32(t.Scale)}, nil
	case types.Char, types.VarChar:
		if o.Views {
			return arrow.BinaryTypes.StringView, nil
		}
		return arrow.BinaryTypes.String, nil
	case types.Binary, types.VarBinary:
		if o.Views {
			return arrow.BinaryTypes.BinaryView, nil
		}
		return arrow.BinaryTypes.Binary, nil
	case types.Timestamp:
		return &arrow.TimestampType{Unit: timeUnit(t.Precision)}, nil
	case types.TimestampLTZ:
		return &arrow.TimestampType{Unit: timeUnit(t.Precision), TimeZone: "UTC"}, nil
	}
	return o.nestedType(t)
}

var flatTypes = map[types.Kind]arrow.DataType{
	types.Null: arrow.Null, types.Boolean: arrow.FixedWidthTypes.Boolean,
	types.TinyInt: arrow.PrimitiveTypes.Int8, types.SmallInt: arrow.PrimitiveTypes.Int16,
	types.Int: arrow.PrimitiveTypes.Int32, types.BigInt: arrow.PrimitiveTypes.Int64,
	types.Float: arrow.PrimitiveTypes.Float32, types.Double: arrow.PrimitiveTypes.Float64,
	types.Date: arrow.FixedWidthTypes.Date32, types.Time: arrow.FixedWidthTypes.Time32ms,
	types.IntervalMonth: arrow.FixedWidthTypes.MonthInterval, types.IntervalMilli: arrow.FixedWidthTypes.Duration_ms,
}

func timeUnit(precision int) arrow.TimeUnit {
	switch vec.UnitOf(precision) {
	case 1e3:
		return arrow.Millisecond
	case 1e6:
		return arrow.Microsecond
	}
	return arrow.Nanosecond
}

func (o Options) nestedType(t types.Type) (arrow.DataType, error) {
	switch t.Kind {
	case types.Array:
		elem, err := o.dataType(*t.Elem)
		if err != nil {
			return nil, err
		}
		return arrow.ListOfField(arrow.Field{Name: "element", Type: elem, Nullable: !t.Elem.NotNull}), nil
	case types.Map, types.Multiset:
		key, value := mapTypes(t)
		k, err := o.dataType(key)
		if err != nil {
			return nil, err
		}
		v, err := o.dataType(value)
		if err != nil {
			return nil, err
		}
		m := arrow.MapOf(k, v)
		m.SetItemNullable(!value.NotNull)
		return m, nil
	case types.Row, types.Structured:
		fields := make([]arrow.Field, len(t.Fields))
		for i, f := range t.Fields {
			ft, err := o.dataType(f.Type)
			if err != nil {
				return nil, err
			}
			fields[i] = arrow.Field{Name: f.Name, Type: ft, Nullable: !f.Type.NotNull}
		}
		return arrow.StructOf(fields...), nil
	}
	return nil, fmt.Errorf("type %s has no counterpart in Arrow", t)
}

func mapTypes(t types.Type) (key, value types.Type) {
	if t.Kind == types.Multiset {
		return *t.Elem, types.New(types.Int).WithoutNull()
	}
	return *t.Key, *t.Elem
}
