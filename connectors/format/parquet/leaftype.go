package parquet

import (
	"fmt"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/schema"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// newLeaf makes the reader of a column of a file for a type of the table. Numbers may be
// narrower in the file than in the table.
func (s *settings) newLeaf(p place, c *schema.Column, t types.Type) (leaf, error) {
	var l leaf
	switch c.PhysicalType() {
	case parquet.Types.Boolean:
		if t.Kind == types.Boolean {
			l = leafOf(p, booleans)
		}
	case parquet.Types.Int32:
		l = leafOf(p, fromInt32(c, t))
	case parquet.Types.Int64:
		l = leafOf(p, s.fromInt64(c, t))
	case parquet.Types.Int96:
		l = leafOf(p, s.fromInt96(t))
	case parquet.Types.Float:
		l = leafOf(p, fromFloat(t))
	case parquet.Types.Double:
		if t.Kind == types.Double {
			l = leafOf(p, same[float64])
		}
	case parquet.Types.ByteArray:
		l = leafOf(p, fromBytes[parquet.ByteArray](c, t))
	case parquet.Types.FixedLenByteArray:
		l = leafOf(p, fromBytes[parquet.FixedLenByteArray](c, t))
	}
	if l == nil {
		return nil, fmt.Errorf("'%s' is %s in the file, which cannot be read as %s", c.Path(), describe(c), t.WithNull())
	}
	return l, nil
}

// leafOf makes a leaf, or nil where there is no conversion.
func leafOf[T any](p place, c convert[T]) leaf {
	switch {
	case c == nil:
		return nil
	case p.maxRep > 0:
		return &listLeaf[T]{place: p, convert: c}
	}
	return &flatLeaf[T]{place: p, convert: c}
}

func describe(c *schema.Column) string {
	if l := c.LogicalType(); l != nil && !l.IsNone() {
		return fmt.Sprintf("%s (%s)", c.PhysicalType(), l)
	}
	return c.PhysicalType().String()
}

func fromInt32(c *schema.Column, t types.Type) convert[int32] {
	switch logical := c.LogicalType().(type) {
	case schema.DecimalLogicalType:
		if t.Kind == types.Decimal {
			return decimals(unscaledInt[int32], int(logical.Scale()), t.Precision, t.Scale)
		}
		return nil
	case schema.IntLogicalType:
		if !logical.IsSigned() {
			if t.Kind == types.BigInt {
				return mapped(func(x int32) int64 { return int64(uint32(x)) })
			}
			return nil
		}
	}
	switch t.Kind {
	case types.TinyInt:
		return mapped(number[int8, int32])
	case types.SmallInt:
		return mapped(number[int16, int32])
	case types.Int, types.Date, types.Time:
		return same[int32]
	case types.BigInt:
		return mapped(number[int64, int32])
	case types.Double:
		return mapped(number[float64, int32])
	}
	return nil
}

func (s *settings) fromInt64(c *schema.Column, t types.Type) convert[int64] {
	switch logical := c.LogicalType().(type) {
	case schema.DecimalLogicalType:
		if t.Kind == types.Decimal {
			return decimals(unscaledInt[int64], int(logical.Scale()), t.Precision, t.Scale)
		}
		return nil
	case schema.TimestampLogicalType:
		return s.fromTimestamp(logical, t)
	case schema.TimeLogicalType:
		if t.Kind == types.Time {
			unit := unitOf(logical.TimeUnit())
			return mapped(func(x int64) int32 { return int32(rescale(x, unit, millis)) })
		}
		return nil
	case schema.IntLogicalType:
		if !logical.IsSigned() {
			return nil
		}
	}
	if t.Kind == types.BigInt {
		return same[int64]
	}
	return nil
}

// fromTimestamp reads INT64 timestamps. Those adjusted to UTC are instants, the others what
// clocks show.
func (s *settings) fromTimestamp(logical schema.TimestampLogicalType, t types.Type) convert[int64] {
	from, to := unitOf(logical.TimeUnit()), timeUnit(vec.UnitOf(t.Precision))
	switch {
	case t.Kind == types.Timestamp && logical.IsAdjustedToUTC():
		return times(from, to, toWall(to, s.zone))
	case t.Kind == types.TimestampLTZ && !logical.IsAdjustedToUTC():
		return times(from, to, toInstant(to, s.zone))
	case t.IsTimestamp():
		return times(from, to, nil)
	}
	return nil
}

func (s *settings) fromInt96(t types.Type) convert[parquet.Int96] {
	unit := timeUnit(vec.UnitOf(t.Precision))
	switch t.Kind {
	case types.Timestamp:
		return int96s(unit, toWall(unit, s.zone))
	case types.TimestampLTZ:
		return int96s(unit, nil)
	}
	return nil
}

func fromFloat(t types.Type) convert[float32] {
	switch t.Kind {
	case types.Float:
		return same[float32]
	case types.Double:
		return mapped(number[float64, float32])
	}
	return nil
}

func fromBytes[T ~[]byte](c *schema.Column, t types.Type) convert[T] {
	switch logical, isDecimal := c.LogicalType().(schema.DecimalLogicalType); {
	case t.Kind == types.Decimal && isDecimal:
		return decimals(unscaledBytes[T], int(logical.Scale()), t.Precision, t.Scale)
	case !isDecimal && (t.IsString() || t.IsBinary()):
		return texts[T]
	}
	return nil
}
