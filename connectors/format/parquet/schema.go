package parquet

import (
	"fmt"
	"math"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/schema"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

// fileSchema gives the schema of files with the columns, as Flink lays them out.
func fileSchema(cols []connectors.Column, s *settings) (*schema.GroupNode, error) {
	fields := make(schema.FieldList, len(cols))
	for i, c := range cols {
		n, err := s.node(c.Name, c.Type)
		if err != nil {
			return nil, diag.Unsupported(diag.Span{}, "column '%s' in Parquet: %v", c.Name, err)
		}
		fields[i] = n
	}
	return schema.NewGroupNode("weir_schema", parquet.Repetitions.Required, fields, -1)
}

func repetition(t types.Type) parquet.Repetition {
	if t.NotNull {
		return parquet.Repetitions.Required
	}
	return parquet.Repetitions.Optional
}

// node gives the schema of a field:
//
//	BOOLEAN                  BOOLEAN
//	TINYINT, SMALLINT, INT   INT32, the smaller ones annotated
//	BIGINT                   INT64
//	FLOAT, DOUBLE            FLOAT, DOUBLE
//	DECIMAL(p, s)            FIXED_LEN_BYTE_ARRAY of as many bytes as p digits need
//	CHAR, VARCHAR            BYTE_ARRAY, STRING
//	BINARY, VARBINARY        BYTE_ARRAY
//	DATE, TIME               INT32, DATE and TIME(MILLIS)
//	TIMESTAMP, TIMESTAMP_LTZ INT96, or INT64 with their annotation
//	ARRAY                    LIST of three levels
//	MAP, MULTISET            MAP; of the element to INT32
//	ROW                      a group
func (s *settings) node(name string, t types.Type) (schema.Node, error) {
	rep := repetition(t)
	leaf := func(physical parquet.Type, logical schema.LogicalType, length int) (schema.Node, error) {
		return schema.NewPrimitiveNodeLogical(name, rep, logical, physical, length, -1)
	}
	switch t.Kind {
	case types.Boolean:
		return leaf(parquet.Types.Boolean, nil, 0)
	case types.TinyInt:
		return leaf(parquet.Types.Int32, schema.NewIntLogicalType(8, true), 0)
	case types.SmallInt:
		return leaf(parquet.Types.Int32, schema.NewIntLogicalType(16, true), 0)
	case types.Int:
		return leaf(parquet.Types.Int32, nil, 0)
	case types.BigInt:
		return leaf(parquet.Types.Int64, nil, 0)
	case types.Float:
		return leaf(parquet.Types.Float, nil, 0)
	case types.Double:
		return leaf(parquet.Types.Double, nil, 0)
	case types.Decimal:
		return leaf(parquet.Types.FixedLenByteArray, schema.NewDecimalLogicalType(int32(t.Precision), int32(t.Scale)), decimalBytes(t.Precision))
	case types.Char, types.VarChar:
		return leaf(parquet.Types.ByteArray, schema.StringLogicalType{}, 0)
	case types.Binary, types.VarBinary:
		return leaf(parquet.Types.ByteArray, nil, 0)
	case types.Date:
		return leaf(parquet.Types.Int32, schema.DateLogicalType{}, 0)
	case types.Time:
		return leaf(parquet.Types.Int32, schema.NewTimeLogicalType(true, schema.TimeUnitMillis), 0)
	case types.Timestamp, types.TimestampLTZ:
		if !s.int64Times {
			return leaf(parquet.Types.Int96, nil, 0)
		}
		return leaf(parquet.Types.Int64, schema.NewTimestampLogicalType(t.Kind == types.TimestampLTZ, s.unit.logical()), 0)
	}
	return s.group(name, t)
}

func (s *settings) group(name string, t types.Type) (schema.Node, error) {
	switch t.Kind {
	case types.Array:
		element, err := s.node("element", *t.Elem)
		if err != nil {
			return nil, err
		}
		list, err := schema.NewGroupNode("list", parquet.Repetitions.Repeated, schema.FieldList{element}, -1)
		if err != nil {
			return nil, err
		}
		return schema.NewGroupNodeLogical(name, repetition(t), schema.FieldList{list}, schema.NewListLogicalType(), -1)
	case types.Map, types.Multiset:
		keyType, valueType := pairTypes(t)
		key, err := s.node("key", keyType.WithoutNull())
		if err != nil {
			return nil, err
		}
		value, err := s.node("value", valueType)
		if err != nil {
			return nil, err
		}
		pairs, err := schema.NewGroupNode("key_value", parquet.Repetitions.Repeated, schema.FieldList{key, value}, -1)
		if err != nil {
			return nil, err
		}
		return schema.NewGroupNodeLogical(name, repetition(t), schema.FieldList{pairs}, schema.MapLogicalType{}, -1)
	case types.Row, types.Structured:
		if len(t.Fields) == 0 {
			return nil, fmt.Errorf("a ROW without fields")
		}
		fields := make(schema.FieldList, len(t.Fields))
		for i, f := range t.Fields {
			n, err := s.node(f.Name, f.Type)
			if err != nil {
				return nil, err
			}
			fields[i] = n
		}
		return schema.NewGroupNode(name, repetition(t), fields, -1)
	}
	return nil, fmt.Errorf("type %s", t.WithNull())
}

// pairTypes gives the types of a MAP's keys and values, or of a MULTISET's elements and counts.
func pairTypes(t types.Type) (key, value types.Type) {
	if t.Kind == types.Multiset {
		return *t.Elem, types.New(types.Int).WithoutNull()
	}
	return *t.Key, *t.Elem
}

// decimalBytes gives the least bytes whose two's complement holds every number of so many digits.
func decimalBytes(precision int) int {
	n := 1
	for math.Ldexp(1, 8*n-1) < math.Pow10(precision) {
		n++
	}
	return n
}
