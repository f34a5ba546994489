package parquet

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/apache/arrow-go/v18/parquet"

	"github.com/weirstream/weir/runtime/decimal"
	"github.com/weirstream/weir/runtime/vec"
)

// same copies values that are the same in Parquet.
func same[T vec.Fixed](v *vec.Vector, base int, vals []T, at []int32) error {
	out := vec.Values[T](v)[base:]
	if at == nil {
		copy(out, vals)
		return nil
	}
	for k, x := range vals {
		out[at[k]] = x
	}
	return nil
}

// mapped converts each value with f.
func mapped[D vec.Fixed, S any](f func(S) D) convert[S] {
	return func(v *vec.Vector, base int, vals []S, at []int32) error {
		out := vec.Values[D](v)[base:]
		for k, x := range vals {
			if at != nil {
				out[at[k]] = f(x)
			} else {
				out[k] = f(x)
			}
		}
		return nil
	}
}

// number converts between number types by Go's rules.
func number[D int8 | int16 | int32 | int64 | float32 | float64, S int32 | int64 | float32 | float64](x S) D {
	return D(x)
}

func booleans(v *vec.Vector, base int, vals []bool, at []int32) error {
	for k, x := range vals {
		if at != nil {
			v.SetBool(base+int(at[k]), x)
		} else {
			v.SetBool(base+k, x)
		}
	}
	return nil
}

// texts copies strings of either physical type.
func texts[T ~[]byte](v *vec.Vector, base int, vals []T, at []int32) error {
	for k, x := range vals {
		if at != nil {
			v.SetBytes(base+int(at[k]), x)
		} else {
			v.SetBytes(base+k, x)
		}
	}
	return nil
}

// decimals converts unscaled values of the file's scale to a DECIMAL(p, s).
func decimals[T any](unscaled func(T) (vec.Dec128, bool), from, precision, scale int) convert[T] {
	return func(v *vec.Vector, base int, vals []T, at []int32) error {
		out := vec.Values[vec.Dec128](v)[base:]
		for k, x := range vals {
			d, ok := unscaled(x)
			if ok {
				d, ok = decimal.Rescale(d, from, scale, precision)
			}
			if !ok {
				return fmt.Errorf("a value does not fit DECIMAL(%d, %d)", precision, scale)
			}
			if at != nil {
				out[at[k]] = d
			} else {
				out[k] = d
			}
		}
		return nil
	}
}

func unscaledInt[T int32 | int64](x T) (vec.Dec128, bool) {
	return vec.Dec128FromInt64(int64(x)), true
}

// unscaledBytes reads a big-endian two's complement; false where it needs more than 128 bits.
func unscaledBytes[T ~[]byte](x T) (vec.Dec128, bool) {
	var b [16]byte
	if len(x) > 0 && x[0]&0x80 != 0 {
		for i := range b {
			b[i] = 0xff
		}
	}
	sign := b[0]
	for len(x) > len(b) {
		if x[0] != sign || (x[1]^sign)&0x80 != 0 {
			return vec.Dec128{}, false
		}
		x = x[1:]
	}
	copy(b[len(b)-len(x):], x)
	return vec.Dec128{Lo: binary.BigEndian.Uint64(b[8:]), Hi: int64(binary.BigEndian.Uint64(b[:8]))}, true
}

// times converts INT64 times between units, and through shift where that is not nil.
func times(from, to timeUnit, shift func(int64) int64) convert[int64] {
	if from == to && shift == nil {
		return same[int64]
	}
	return mapped(func(x int64) int64 {
		x = rescale(x, from, to)
		if shift != nil {
			x = shift(x)
		}
		return x
	})
}

func int96s(to timeUnit, shift func(int64) int64) convert[parquet.Int96] {
	return mapped(func(x parquet.Int96) int64 {
		t := fromInt96(x, to)
		if shift != nil {
			t = shift(t)
		}
		return t
	})
}

// toWall and toInstant give the shift between instants and TIMESTAMPs in a zone; nil for UTC.
func toWall(unit timeUnit, zone *time.Location) func(int64) int64 {
	if zone == nil {
		return nil
	}
	return func(t int64) int64 { return wallTime(t, unit, zone) }
}

func toInstant(unit timeUnit, zone *time.Location) func(int64) int64 {
	if zone == nil {
		return nil
	}
	return func(t int64) int64 { return instant(t, unit, zone) }
}
