package cast

import (
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/weirstream/weir/runtime/civil"
	"github.com/weirstream/weir/runtime/decimal"
	"github.com/weirstream/weir/runtime/javatext"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/udf/datetime"
)

// Text prints a boxed value as CAST AS STRING does; zone is TIMESTAMP_LTZ's, nil is UTC.
// NULL is "NULL".
func Text(x any, t types.Type, zone *time.Location) string {
	v, err := vec.Of(t, x)
	if err != nil {
		return err.Error()
	}
	return string(Append(nil, v, 0, zone))
}

// Append prints value i of v as CAST AS STRING does, NULL as NULL.
func Append(dst []byte, v *vec.Vector, i int, zone *time.Location) []byte {
	p := printer{zone: datetime.NewZone(zone)}
	return p.value(dst, v, i)
}

type printer struct{ zone *datetime.Zone }

func (p *printer) value(dst []byte, v *vec.Vector, i int) []byte {
	if v.IsNull(i) {
		return append(dst, "NULL"...)
	}
	t := v.Type()
	switch v.Phys() {
	case vec.Bool:
		return appendBool(dst, v.Bool(i))
	case vec.Int8:
		return strconv.AppendInt(dst, int64(vec.Values[int8](v)[i]), 10)
	case vec.Int16:
		return strconv.AppendInt(dst, int64(vec.Values[int16](v)[i]), 10)
	case vec.Int32:
		return p.int32(dst, t, vec.Values[int32](v)[i])
	case vec.Int64:
		return p.int64(dst, t, vec.Values[int64](v)[i])
	case vec.Float32:
		return javatext.AppendDouble(dst, float64(vec.Values[float32](v)[i]), 32)
	case vec.Float64:
		return javatext.AppendDouble(dst, vec.Values[float64](v)[i], 64)
	case vec.Decimal:
		return decimal.Append(dst, vec.Values[vec.Dec128](v)[i], t.Scale)
	case vec.View:
		return append(dst, v.Bytes(i)...)
	}
	return p.nested(dst, v, i)
}

func appendBool(dst []byte, x bool) []byte {
	if x {
		return append(dst, "TRUE"...)
	}
	return append(dst, "FALSE"...)
}

func (p *printer) int32(dst []byte, t types.Type, x int32) []byte {
	switch t.Kind {
	case types.Date:
		return civil.AppendDate(dst, int64(x))
	case types.Time:
		return appendTime(dst, int64(x), t.Precision)
	}
	return strconv.AppendInt(dst, int64(x), 10)
}

// appendTime prints milliseconds; those outside of a day are taken modulo.
func appendTime(dst []byte, ms int64, digits int) []byte {
	ms = civil.FloorMod(ms, datetime.MillisPerDay)
	return civil.AppendTime(dst, ms/1000, ms%1000*1e6, digits)
}

func (p *printer) int64(dst []byte, t types.Type, x int64) []byte {
	switch t.Kind {
	case types.Timestamp:
		return civil.AppendTimestamp(dst, x, vec.UnitOf(t.Precision), ' ', t.Precision)
	case types.TimestampLTZ:
		unit := vec.UnitOf(t.Precision)
		return civil.AppendTimestamp(dst, p.zone.ToLocal(x, unit), unit, ' ', t.Precision)
	case types.IntervalMonth:
		return datetime.AppendIntervalMonths(dst, x)
	case types.IntervalMilli:
		return datetime.AppendIntervalMillis(dst, x)
	}
	return strconv.AppendInt(dst, x, 10)
}

func (p *printer) nested(dst []byte, v *vec.Vector, i int) []byte {
	if v.Phys() == vec.Struct {
		dst = append(dst, '(')
		for k, c := range v.Children() {
			if k > 0 {
				dst = append(dst, ", "...)
			}
			dst = p.value(dst, c, i)
		}
		return append(dst, ')')
	}
	open, end := byte('['), byte(']')
	if v.Phys() == vec.MapOf {
		open, end = '{', '}'
	}
	dst = append(dst, open)
	off := v.Offsets()
	for j := off[i]; j < off[i+1]; j++ {
		if j > off[i] {
			dst = append(dst, ", "...)
		}
		dst = p.value(dst, v.Child(0), int(j))
		if v.Phys() == vec.MapOf {
			dst = append(dst, '=')
			dst = p.value(dst, v.Child(1), int(j))
		}
	}
	return append(dst, end)
}

// toString prints each value to a scratch buffer and stores it, cut and padded to the
// type's length.
func (b *binder) toString() Func {
	fit := b.lengthFitter()
	if b.from.IsString() || b.from.IsBinary() {
		return b.stringToString(fit)
	}
	p := printer{zone: datetime.NewZone(b.Zone)}
	var scratch []byte
	return func(in *vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		for _, i := range sel {
			scratch = p.value(scratch[:0], in, int(i))
			if fit != nil {
				scratch = fit(scratch)
			}
			out.SetBytes(int(i), scratch)
		}
		return nil
	}
}

// stringToString shares the input's bytes where nothing is padded.
func (b *binder) stringToString(fit func([]byte) []byte) Func {
	from, to := b.from, b.to
	same := fit == nil || to.Kind == types.VarChar && from.IsString() && from.Length <= to.Length
	var scratch []byte
	return func(in *vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		if same {
			out.CopyRows(in, sel)
			return nil
		}
		for _, i := range sel {
			scratch = append(scratch[:0], in.Bytes(int(i))...)
			scratch = fit(scratch)
			out.SetBytes(int(i), scratch)
		}
		return nil
	}
}

// lengthFitter cuts to VARCHAR(n) and CHAR(n), and pads to CHAR(n); nil for STRING.
func (b *binder) lengthFitter() func([]byte) []byte {
	n := b.to.Length
	if n == types.MaxLength {
		return nil
	}
	pad := b.to.Kind == types.Char
	return func(s []byte) []byte {
		count := 0
		for i := 0; i < len(s); count++ {
			if count == n {
				return s[:i]
			}
			_, w := utf8.DecodeRune(s[i:])
			i += w
		}
		for ; pad && count < n; count++ {
			s = append(s, ' ')
		}
		return s
	}
}

// toBinary takes the bytes, cut to the length and, for BINARY(n), padded with zeros.
func (b *binder) toBinary() Func {
	n, pad := b.to.Length, b.to.Kind == types.Binary
	if n == types.MaxLength {
		return func(in *vec.Vector, sel []int32, _ int, out *vec.Vector) error {
			out.CopyRows(in, sel)
			return nil
		}
	}
	var scratch []byte
	return func(in *vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		for _, i := range sel {
			s := in.Bytes(int(i))
			scratch = append(scratch[:0], s[:min(n, len(s))]...)
			for pad && len(scratch) < n {
				scratch = append(scratch, 0)
			}
			out.SetBytes(int(i), scratch)
		}
		return nil
	}
}
