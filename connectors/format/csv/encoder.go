package csv

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/connectors/format/text"
	"github.com/weirstream/weir/runtime/civil"
	"github.com/weirstream/weir/runtime/decimal"
	"github.com/weirstream/weir/runtime/javatext"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

func encoding(c format.Config) (*format.Encoding, error) {
	d, err := readDialect(c.Options)
	if err != nil {
		return nil, err
	}
	scientific, err := c.Options.Bool("write-bigdecimal-in-scientific-notation", true)
	if err != nil {
		return nil, err
	}
	if err := checkColumns(c.Columns); err != nil {
		return nil, err
	}
	return &format.Encoding{
		Changes: connectors.InsertOnly,
		NewEncoder: func() (format.Encoder, error) {
			return &Encoder{dialect: d, scientific: scientific, safe: safeFrom(d), cols: c.Columns}, nil
		},
	}, nil
}

// Encoder writes records.
type Encoder struct {
	dialect
	scientific bool
	safe       byte // characters below this one may need quotes
	cols       []connectors.Column
	scratch    []byte
}

// maxUnquoted is the length past which Jackson quotes text without looking at it.
const maxUnquoted = 24

// safeFrom gives the first character that never needs quotes: those up to the delimiter,
// the quote and the line's end might.
func safeFrom(d dialect) byte {
	return byte(max(int(d.delimiter[0]), d.quote, '\r')) + 1
}

// AppendLines is format.Encoder's; the delimiter is a newline.
func (e *Encoder) AppendLines(dst []byte, b *vec.Batch, sel []int32) ([]byte, error) {
	for row := range b.Selected(sel) {
		out, err := e.AppendMessage(dst, b, row)
		if err != nil {
			return dst, err
		}
		dst = append(out, '\n')
	}
	return dst, nil
}

// AppendMessage is format.Encoder's.
func (e *Encoder) AppendMessage(dst []byte, b *vec.Batch, row int) ([]byte, error) {
	start := len(dst)
	var err error
	for c, v := range b.Cols {
		if c > 0 {
			dst = append(dst, e.delimiter...)
		}
		if dst, err = e.field(dst, v, row); err != nil {
			return dst[:start], &format.RecordError{Row: row, Field: e.cols[c].Name, Err: err}
		}
	}
	return dst, nil
}

// field writes value i of v. Numbers and booleans are never quoted, texts where they may
// need it.
func (e *Encoder) field(dst []byte, v *vec.Vector, i int) ([]byte, error) {
	if v.IsNull(i) {
		return append(dst, e.null...), nil
	}
	switch t := v.Type(); {
	case t.IsNumeric() && t.Kind != types.Decimal, t.IsInterval(), t.Kind == types.Boolean:
		return e.scalar(dst, v, i), nil
	case t.IsString():
		return e.text(dst, v.Bytes(i))
	case t.IsNested():
		e.scratch = e.nested(e.scratch[:0], v, i)
	default:
		e.scratch = e.scalar(e.scratch[:0], v, i)
	}
	return e.text(dst, e.scratch)
}

// nested joins the elements of an ARRAY or the fields of a ROW.
func (e *Encoder) nested(dst []byte, v *vec.Vector, i int) []byte {
	part := func(v *vec.Vector, i int, first bool) {
		if !first {
			dst = append(dst, e.element...)
		}
		if v.IsNull(i) {
			dst = append(dst, e.null...)
		} else {
			dst = e.scalar(dst, v, i)
		}
	}
	if v.Phys() == vec.Struct {
		for c, child := range v.Children() {
			part(child, i, c == 0)
		}
		return dst
	}
	from, to := int(v.Offsets()[i]), int(v.Offsets()[i+1])
	for k := from; k < to; k++ {
		part(v.Child(0), k, k == from)
	}
	return dst
}

// scalar writes a value that is neither NULL nor nested, without quotes.
func (e *Encoder) scalar(dst []byte, v *vec.Vector, i int) []byte {
	t := v.Type()
	switch v.Phys() {
	case vec.Bool:
		return strconv.AppendBool(dst, v.Bool(i))
	case vec.Int8:
		return strconv.AppendInt(dst, int64(vec.Values[int8](v)[i]), 10)
	case vec.Int16:
		return strconv.AppendInt(dst, int64(vec.Values[int16](v)[i]), 10)
	case vec.Int32:
		x := vec.Values[int32](v)[i]
		switch t.Kind {
		case types.Date:
			return text.AppendDate(dst, int64(x))
		case types.Time:
			return text.AppendTime(dst, x, civil.Least)
		}
		return strconv.AppendInt(dst, int64(x), 10)
	case vec.Int64:
		x := vec.Values[int64](v)[i]
		if !t.IsTimestamp() {
			return strconv.AppendInt(dst, x, 10)
		}
		dst = text.AppendTimestamp(dst, x, vec.UnitOf(t.Precision), ' ', civil.Least)
		if t.Kind == types.TimestampLTZ {
			dst = append(dst, 'Z')
		}
		return dst
	case vec.Float32:
		return javatext.AppendDouble(dst, float64(vec.Values[float32](v)[i]), 32)
	case vec.Float64:
		return javatext.AppendDouble(dst, vec.Values[float64](v)[i], 64)
	case vec.Decimal:
		if e.scientific {
			return javatext.AppendDecimal(dst, vec.Values[vec.Dec128](v)[i], t.Scale)
		}
		return decimal.Append(dst, vec.Values[vec.Dec128](v)[i], t.Scale)
	}
	if t.IsBinary() {
		return base64.StdEncoding.AppendEncode(dst, v.Bytes(i))
	}
	return append(dst, v.Bytes(i)...)
}

// text writes a text, in quotes where it may need them.
func (e *Encoder) text(dst, s []byte) ([]byte, error) {
	if e.quote < 0 {
		return e.bare(dst, s)
	}
	if !e.mayNeedQuotes(s) {
		return append(dst, s...), nil
	}
	q := byte(e.quote)
	dst = append(dst, q)
	for _, c := range s {
		if c == q || int(c) == e.escape {
			dst = append(dst, c)
		}
		dst = append(dst, c)
	}
	return append(dst, q), nil
}

// mayNeedQuotes is Jackson's test, for which the escape character is a backslash where none is set.
func (e *Encoder) mayNeedQuotes(s []byte) bool {
	if len(s) > maxUnquoted {
		return true
	}
	for _, c := range s {
		if c < e.safe || int(c) == e.escape || c == '\\' && e.escape < 0 {
			return true
		}
	}
	return false
}

var errNeedsQuotes = errors.New("the text holds a delimiter or a newline, but 'csv.disable-quote-character' is set")

// bare writes a text where there are no quotes: what would end the field is escaped, or an
// error where there is no escape character either.
func (e *Encoder) bare(dst, s []byte) ([]byte, error) {
	if e.escape < 0 {
		if strings.Contains(string(s), e.delimiter) || strings.ContainsAny(string(s), "\r\n") {
			return dst, fmt.Errorf("%s: %w", format.Excerpt(s), errNeedsQuotes)
		}
		return append(dst, s...), nil
	}
	for i, c := range s {
		switch {
		case c == '\n':
			dst = append(dst, byte(e.escape), 'n')
		case c == '\r':
			dst = append(dst, byte(e.escape), 'r')
		case int(c) == e.escape || strings.HasPrefix(string(s[i:]), e.delimiter):
			dst = append(dst, byte(e.escape), c)
		default:
			dst = append(dst, c)
		}
	}
	return dst, nil
}
