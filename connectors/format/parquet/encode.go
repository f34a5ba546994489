package parquet

import (
	"encoding/binary"
	"fmt"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// encode writes the values of a leaf's vector at the given places, with their levels.
type encode func(w file.ColumnChunkWriter, v *vec.Vector, at []int32, def, rep []int16) error

// chunkWriter is what the typed column writers of arrow-go have in common.
type chunkWriter[T any] interface {
	WriteBatch(values []T, def, rep []int16) (int64, error)
}

// encodeWith gathers values of the physical type T, which may point into the vector.
func encodeWith[T any](gather func(dst []T, v *vec.Vector, at []int32) []T) encode {
	var buf []T
	return func(w file.ColumnChunkWriter, v *vec.Vector, at []int32, def, rep []int16) error {
		cw, ok := w.(chunkWriter[T])
		if !ok {
			return fmt.Errorf("a column of type %s cannot take values of type %T", w.Type(), buf)
		}
		buf = gather(buf[:0], v, at)
		if len(buf) == 0 { // arrow-go tells "no values" from "values" by nil
			buf = make([]T, 0, 1)
		}
		_, err := cw.WriteBatch(buf, def, rep)
		return err
	}
}

// encodeMapped converts each fixed-width value with f.
func encodeMapped[S vec.Fixed, T any](f func(S) T) encode {
	return encodeWith(func(dst []T, v *vec.Vector, at []int32) []T {
		vals := vec.Values[S](v)
		for _, i := range at {
			dst = append(dst, f(vals[i]))
		}
		return dst
	})
}

func identity[T any](x T) T { return x }

func widen[T int8 | int16](x T) int32 { return int32(x) }

// encoder gives how values of a type that is not nested are written. An encoder has a buffer, and
// belongs to one writer.
func (s *settings) encoder(t types.Type) encode {
	switch t.Kind {
	case types.Boolean:
		return encodeWith(func(dst []bool, v *vec.Vector, at []int32) []bool {
			for _, i := range at {
				dst = append(dst, v.Bool(int(i)))
			}
			return dst
		})
	case types.TinyInt:
		return encodeMapped(widen[int8])
	case types.SmallInt:
		return encodeMapped(widen[int16])
	case types.Int, types.Date, types.Time:
		return encodeMapped(identity[int32])
	case types.Float:
		return encodeMapped(identity[float32])
	case types.Double:
		return encodeMapped(identity[float64])
	case types.Decimal:
		return encodeDecimals(decimalBytes(t.Precision))
	case types.Timestamp, types.TimestampLTZ:
		return s.encodeTimes(t)
	case types.BigInt:
		return encodeMapped(identity[int64])
	}
	return encodeWith(func(dst []parquet.ByteArray, v *vec.Vector, at []int32) []parquet.ByteArray {
		for _, i := range at {
			dst = append(dst, v.Bytes(int(i)))
		}
		return dst
	})
}

// encodeTimes writes timestamps. INT96 is an instant, to which a TIMESTAMP is made in the session's zone,
// as Flink does; unlike Flink, a TIMESTAMP_LTZ stays the instant that it is.
func (s *settings) encodeTimes(t types.Type) encode {
	unit := timeUnit(vec.UnitOf(t.Precision))
	if s.int64Times {
		return encodeMapped(func(x int64) int64 { return rescale(x, unit, s.unit) })
	}
	if t.Kind == types.TimestampLTZ || s.zone == nil {
		return encodeMapped(func(x int64) parquet.Int96 { return toInt96(x, unit) })
	}
	return encodeMapped(func(x int64) parquet.Int96 { return toInt96(instant(x, unit, s.zone), unit) })
}

// encodeDecimals writes big-endian two's complements of a fixed length.
func encodeDecimals(length int) encode {
	var bytes []byte
	return encodeWith(func(dst []parquet.FixedLenByteArray, v *vec.Vector, at []int32) []parquet.FixedLenByteArray {
		vals := vec.Values[vec.Dec128](v)
		bytes = resize(bytes, 16*len(at))
		for k, i := range at {
			b := bytes[16*k : 16*k+16]
			binary.BigEndian.PutUint64(b, uint64(vals[i].Hi))
			binary.BigEndian.PutUint64(b[8:], vals[i].Lo)
			dst = append(dst, b[16-length:])
		}
		return dst
	})
}
