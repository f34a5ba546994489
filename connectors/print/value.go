package print

import (
	"strconv"

	"github.com/weirstream/weir/connectors/format/text"
	"github.com/weirstream/weir/runtime/javatext"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// appendRow writes a row, also one inside another, as Flink's Row.toString does.
func appendRow(dst []byte, k vec.ChangeKind, cols []*vec.Vector, row int) []byte {
	dst = append(append(dst, k.String()...), '[')
	for i, c := range cols {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = appendValue(dst, c, row)
	}
	return append(dst, ']')
}

// appendValue writes a value as the toString of the Java class does to which Flink's print
// connector converts it.
func appendValue(dst []byte, v *vec.Vector, i int) []byte {
	if v.IsNull(i) {
		return append(dst, "null"...)
	}
	switch v.Phys() {
	case vec.Bool:
		return strconv.AppendBool(dst, v.Bool(i))
	case vec.Int8:
		return strconv.AppendInt(dst, int64(vec.Values[int8](v)[i]), 10)
	case vec.Int16:
		return strconv.AppendInt(dst, int64(vec.Values[int16](v)[i]), 10)
	case vec.Int32:
		return appendInt32(dst, vec.Values[int32](v)[i], v.Type().Kind)
	case vec.Int64:
		return appendInt64(dst, vec.Values[int64](v)[i], v.Type())
	case vec.Float32:
		return javatext.AppendDouble(dst, float64(vec.Values[float32](v)[i]), 32)
	case vec.Float64:
		return javatext.AppendDouble(dst, vec.Values[float64](v)[i], 64)
	case vec.Decimal:
		return javatext.AppendDecimal(dst, vec.Values[vec.Dec128](v)[i], v.Type().Scale)
	case vec.View:
		if v.Type().IsBinary() {
			return appendBytes(dst, v.Bytes(i))
		}
		return append(dst, v.Bytes(i)...)
	case vec.List:
		return appendList(dst, v, i)
	case vec.MapOf:
		return appendMap(dst, v, i)
	}
	return appendRow(dst, vec.Insert, v.Children(), i)
}

func appendInt32(dst []byte, x int32, k types.Kind) []byte {
	switch k {
	case types.Date:
		return text.AppendDate(dst, int64(x))
	case types.Time:
		dst = text.AppendTime(dst, x, javaDigits(int64(x)%1000*1e6))
		return dropZeroSeconds(dst, int64(x)%60000 == 0)
	}
	return strconv.AppendInt(dst, int64(x), 10)
}

func appendInt64(dst []byte, x int64, t types.Type) []byte {
	switch t.Kind {
	case types.Timestamp, types.TimestampLTZ:
		unit := vec.UnitOf(t.Precision)
		nanos := ((x%unit + unit) % unit) * (1e9 / unit)
		dst = text.AppendTimestamp(dst, x, unit, 'T', javaDigits(nanos))
		if t.Kind == types.TimestampLTZ {
			return append(dst, 'Z')
		}
		return dropZeroSeconds(dst, x%(60*unit) == 0)
	case types.IntervalMonth:
		return appendPeriod(dst, x)
	case types.IntervalMilli:
		return appendDuration(dst, x)
	}
	return strconv.AppendInt(dst, x, 10)
}

// javaDigits gives how many digits of a fraction java.time prints: as many groups of three as are
// needed.
func javaDigits(nanos int64) int {
	switch {
	case nanos == 0:
		return 0
	case nanos%1e6 == 0:
		return 3
	case nanos%1e3 == 0:
		return 6
	}
	return 9
}

// dropZeroSeconds takes the ":00" off that LocalTime and LocalDateTime leave out.
func dropZeroSeconds(dst []byte, zero bool) []byte {
	if zero {
		return dst[:len(dst)-3]
	}
	return dst
}

// appendPeriod writes months as java.time.Period does: P1Y2M.
func appendPeriod(dst []byte, months int64) []byte {
	dst = append(dst, 'P')
	if months == 0 {
		return append(dst, "0D"...)
	}
	if y := months / 12; y != 0 {
		dst = append(strconv.AppendInt(dst, y, 10), 'Y')
	}
	if m := months % 12; m != 0 {
		dst = append(strconv.AppendInt(dst, m, 10), 'M')
	}
	return dst
}

// appendDuration writes milliseconds as java.time.Duration does: PT26H3M4.005S.
func appendDuration(dst []byte, ms int64) []byte {
	dst = append(dst, "PT"...)
	if ms == 0 {
		return append(dst, "0S"...)
	}
	if h := ms / 3600_000; h != 0 {
		dst = append(strconv.AppendInt(dst, h, 10), 'H')
	}
	if m := ms / 60_000 % 60; m != 0 {
		dst = append(strconv.AppendInt(dst, m, 10), 'M')
	}
	rest := ms % 60_000
	if rest == 0 {
		return dst
	}
	if rest < 0 {
		dst, rest = append(dst, '-'), -rest
	}
	dst = strconv.AppendInt(dst, rest/1000, 10)
	if f := rest % 1000; f != 0 {
		dst = append(dst, '.', byte('0'+f/100), byte('0'+f/10%10), byte('0'+f%10))
		for dst[len(dst)-1] == '0' {
			dst = dst[:len(dst)-1]
		}
	}
	return append(dst, 'S')
}

// appendBytes writes an array of Java's signed bytes.
func appendBytes(dst, b []byte) []byte {
	dst = append(dst, '[')
	for i, x := range b {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = strconv.AppendInt(dst, int64(int8(x)), 10)
	}
	return append(dst, ']')
}

func appendList(dst []byte, v *vec.Vector, i int) []byte {
	from, to := v.Offsets()[i], v.Offsets()[i+1]
	dst = append(dst, '[')
	for j := from; j < to; j++ {
		if j > from {
			dst = append(dst, ", "...)
		}
		dst = appendValue(dst, v.Child(0), int(j))
	}
	return append(dst, ']')
}

func appendMap(dst []byte, v *vec.Vector, i int) []byte {
	from, to := v.Offsets()[i], v.Offsets()[i+1]
	dst = append(dst, '{')
	for j := from; j < to; j++ {
		if j > from {
			dst = append(dst, ", "...)
		}
		dst = append(appendValue(dst, v.Child(0), int(j)), '=')
		dst = appendValue(dst, v.Child(1), int(j))
	}
	return append(dst, '}')
}
