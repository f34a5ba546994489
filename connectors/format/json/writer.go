package json

import (
	"encoding/base64"
	"errors"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/weirstream/weir/connectors/format/text"
	"github.com/weirstream/weir/runtime/civil"
	"github.com/weirstream/weir/runtime/decimal"
	"github.com/weirstream/weir/runtime/javatext"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// NullKeys says what becomes of an entry of a MAP whose key is NULL.
type NullKeys uint8

// The modes of 'map-null-key.mode'.
const (
	FailOnNullKey NullKeys = iota
	DropNullKey
	NullKeyLiteral
)

// ErrNullKey is given for a NULL key in the mode FailOnNullKey.
var ErrNullKey = errors.New("a MAP has a NULL key, which JSON cannot express")

// Style says how a Writer spells values. The zero Style is that of Flink's json format.
// NaN and the infinities are strings, BYTES base64, ROWs, MAPs and MULTISETs objects.
type Style struct {
	Format   string // the format's name, for messages
	Standard text.Standard
	// TypeDigits writes the fraction digits of a time's type, not as many as the value needs.
	TypeDigits bool
	// Zone, where it is set, is the zone in which TIMESTAMP_LTZ is written, without a suffix. Otherwise
	// it is UTC with a Z behind.
	Zone *time.Location
	// PlainDecimals writes DECIMALs with all digits of their scale, never with an exponent.
	PlainDecimals bool
	SkipNulls     bool // fields of ROWs and records that are NULL are left out
	NullKeys      NullKeys
	NullKey       string // the key in the mode NullKeyLiteral
}

// Writer writes values as JSON. It is used by one goroutine.
type Writer struct {
	Style
	scratch []byte
}

// NewWriter makes a Writer.
func NewWriter(s Style) *Writer { return &Writer{Style: s} }

// Append writes value i of v.
func (w *Writer) Append(dst []byte, v *vec.Vector, i int) ([]byte, error) {
	if v.IsNull(i) {
		return append(dst, "null"...), nil
	}
	t := v.Type()
	switch v.Phys() {
	case vec.Int64:
		if t.IsTimestamp() {
			return w.appendTimestamp(dst, vec.Values[int64](v)[i], t), nil
		}
		return strconv.AppendInt(dst, vec.Values[int64](v)[i], 10), nil
	case vec.View:
		if t.IsBinary() {
			return appendBase64(dst, v.Bytes(i)), nil
		}
		return AppendString(dst, v.Bytes(i)), nil
	case vec.Int32:
		return w.appendInt32(dst, vec.Values[int32](v)[i], t), nil
	case vec.Int16:
		return strconv.AppendInt(dst, int64(vec.Values[int16](v)[i]), 10), nil
	case vec.Int8:
		return strconv.AppendInt(dst, int64(vec.Values[int8](v)[i]), 10), nil
	case vec.Float64:
		return appendFloat(dst, vec.Values[float64](v)[i], 64), nil
	case vec.Float32:
		return appendFloat(dst, float64(vec.Values[float32](v)[i]), 32), nil
	case vec.Decimal:
		if w.PlainDecimals {
			return decimal.Append(dst, vec.Values[vec.Dec128](v)[i], t.Scale), nil
		}
		return javatext.AppendDecimal(dst, vec.Values[vec.Dec128](v)[i], t.Scale), nil
	case vec.Bool:
		return strconv.AppendBool(dst, v.Bool(i)), nil
	case vec.List:
		return w.appendArray(dst, v, i)
	case vec.MapOf:
		return w.appendMap(dst, v, i)
	default:
		return w.appendRow(dst, v, i)
	}
}

func (w *Writer) digits(t types.Type) int {
	if w.TypeDigits {
		return t.Precision
	}
	return civil.Least
}

func (w *Writer) appendInt32(dst []byte, x int32, t types.Type) []byte {
	switch t.Kind {
	case types.Date:
		dst = text.AppendDate(append(dst, '"'), int64(x))
	case types.Time:
		dst = text.AppendTime(append(dst, '"'), x, w.digits(t))
	default:
		return strconv.AppendInt(dst, int64(x), 10)
	}
	return append(dst, '"')
}

func (w *Writer) appendTimestamp(dst []byte, x int64, t types.Type) []byte {
	unit := vec.UnitOf(t.Precision)
	zoned := t.Kind == types.TimestampLTZ
	if zoned && w.Zone != nil {
		x += offsetAt(w.Zone, x, unit) * unit
	}
	dst = text.AppendTimestamp(append(dst, '"'), x, unit, " T"[w.Standard], w.digits(t))
	if zoned && w.Zone == nil {
		dst = append(dst, 'Z')
	}
	return append(dst, '"')
}

// offsetAt gives the zone's seconds east of UTC at an instant.
func offsetAt(zone *time.Location, x, unit int64) int64 {
	seconds := x / unit
	if x%unit < 0 {
		seconds--
	}
	_, offset := time.Unix(seconds, 0).In(zone).Zone()
	return int64(offset)
}

func appendFloat(dst []byte, f float64, bits int) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(javatext.AppendDouble(append(dst, '"'), f, bits), '"')
	}
	return javatext.AppendDouble(dst, f, bits)
}

func appendBase64(dst, b []byte) []byte {
	return append(base64.StdEncoding.AppendEncode(append(dst, '"'), b), '"')
}

func (w *Writer) appendArray(dst []byte, v *vec.Vector, i int) ([]byte, error) {
	var err error
	from, to := v.Offsets()[i], v.Offsets()[i+1]
	dst = append(dst, '[')
	for k := from; k < to; k++ {
		if k > from {
			dst = append(dst, ',')
		}
		if dst, err = w.Append(dst, v.Child(0), int(k)); err != nil {
			return dst, err
		}
	}
	return append(dst, ']'), nil
}

func (w *Writer) appendMap(dst []byte, v *vec.Vector, i int) ([]byte, error) {
	var err error
	keys, values := v.Child(0), v.Child(1)
	dst = append(dst, '{')
	first := true
	for k := int(v.Offsets()[i]); k < int(v.Offsets()[i+1]); k++ {
		if keys.IsNull(k) && w.NullKeys == DropNullKey {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		if dst, err = w.appendKey(dst, keys, k); err != nil {
			return dst, err
		}
		if dst, err = w.Append(append(dst, ':'), values, k); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

// appendKey writes a key of a MAP; one that is no string becomes one.
func (w *Writer) appendKey(dst []byte, keys *vec.Vector, k int) ([]byte, error) {
	if keys.IsNull(k) {
		if w.NullKeys == FailOnNullKey {
			return dst, ErrNullKey
		}
		return AppendString(dst, []byte(w.NullKey)), nil
	}
	start := len(dst)
	dst, err := w.Append(dst, keys, k)
	if err != nil || dst[start] == '"' {
		return dst, err
	}
	w.scratch = append(w.scratch[:0], dst[start:]...)
	return AppendString(dst[:start], w.scratch), nil
}

func (w *Writer) appendRow(dst []byte, v *vec.Vector, i int) ([]byte, error) {
	var err error
	dst = append(dst, '{')
	first := true
	for c, f := range v.Type().Fields {
		child := v.Child(c)
		if w.SkipNulls && child.IsNull(i) {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(AppendString(dst, []byte(f.Name)), ':')
		if dst, err = w.Append(dst, child, i); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

// AppendString writes s in double quotes, escaped as Jackson does it: only what must be.
// What is not UTF-8 becomes U+FFFD.
func AppendString(dst, s []byte) []byte {
	dst = append(dst, '"')
	n := plainPrefix(s)
	dst = append(dst, s[:n]...)
	if n < len(s) {
		dst = appendEscaped(dst, s[n:])
	}
	return append(dst, '"')
}

// plainPrefix gives how many bytes, about, from the beginning are ASCII that needs no
// escape.
func plainPrefix(s []byte) int {
	i := 0
	for ; i+8 <= len(s); i += 8 {
		w := word(s, i)
		if special(w, highBits)|(w-ones*' ')&^w&highBits != 0 {
			return i
		}
	}
	for ; i < len(s) && s[i] >= ' ' && s[i] < utf8.RuneSelf && s[i] != '"' && s[i] != '\\'; i++ {
		continue
	}
	return i
}

func appendEscaped(dst, s []byte) []byte {
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRune(s[i:])
			if r == utf8.RuneError && n == 1 {
				dst = append(append(dst, s[from:i]...), "\ufffd"...)
				from = i + 1
			}
			i += n
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		dst = appendEscape(append(dst, s[from:i]...), c)
		i++
		from = i
	}
	return append(dst, s[from:]...)
}

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, `\b`...)
	case '\f':
		return append(dst, `\f`...)
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	}
	const hex = "0123456789ABCDEF"
	return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}
