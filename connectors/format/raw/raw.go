// Package raw is Flink's raw format: a table of one column whose value is the record's
// bytes. In files a record is a line, unless 'raw.line-delimiter' says otherwise.
//
// A STRING in UTF-8 and BYTES are taken as they are, without a check; strings in other
// charsets are converted. Numbers and BOOLEANs are binary, big-endian unless
// 'raw.endianness' says otherwise. Enter at Format.
package raw

import (
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/unicode"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

// Format describes the format.
func Format() *format.Format {
	return &format.Format{
		Name: "raw",
		Doc:  "One column that holds the record's bytes, as text or as a binary value.",
		Options: []connectors.Option{
			{Key: "charset", Type: connectors.StringOption, Default: "UTF-8", Doc: "How a STRING is encoded: an IANA name such as ISO-8859-1."},
			{Key: "endianness", Type: connectors.EnumOption, Values: []string{"big-endian", "little-endian"}, Default: "big-endian", Doc: "The order of a number's bytes."},
			{Key: "line-delimiter", Type: connectors.StringOption, Doc: "What stands between records. Without it, a line of a file or a whole message is one record."},
		},
		Extensions: []string{"txt", "log"},
		Decoding:   decoding,
		Encoding:   encodingOf,
	}
}

// layout is how the column's value is written.
type layout struct {
	name      string
	typ       types.Type
	width     int // bytes of a binary value, 0 for strings
	little    bool
	charset   encoding.Encoding // nil: UTF-8, or no string
	delimiter []byte
	unit      int  // delimiters stand at multiples of this many bytes of a record
	ownEnd    bool // the delimiter was set: it divides messages too
}

var widths = map[types.Kind]int{
	types.Boolean: 1, types.TinyInt: 1, types.SmallInt: 2, types.Int: 4, types.BigInt: 8, types.Float: 4, types.Double: 8,
}

func readLayout(c format.Config) (*layout, error) {
	if len(c.Columns) != 1 {
		names := make([]string, len(c.Columns))
		for i, col := range c.Columns {
			names[i] = col.Name
		}
		return nil, diag.Errorf(diag.Span{}, "the format 'raw' needs a table of one column, this one has %d (%s)", len(names), strings.Join(names, ", "))
	}
	l := &layout{name: c.Columns[0].Name, typ: c.Columns[0].Type, unit: 1}
	l.width = widths[l.typ.Kind]
	if l.width == 0 && !l.typ.IsString() && !l.typ.IsBinary() {
		return nil, diag.Errorf(diag.Span{}, "column '%s' of type %s: the format 'raw' has no form for this type", l.name, l.typ)
	}
	switch o := c.Options; strings.ToLower(o.String("endianness", "big-endian")) {
	case "big-endian":
	case "little-endian":
		l.little = true
	default:
		return nil, o.Errorf("endianness", "there is no order '%s'", o.Get("endianness")).WithHint("use 'big-endian' or 'little-endian'")
	}
	return l, l.readText(c.Options)
}

// readText reads the options about text.
func (l *layout) readText(o *connectors.Options) error {
	name := o.String("charset", "UTF-8")
	charset, err := ianaindex.IANA.Encoding(name)
	if err != nil || charset == nil {
		return o.Errorf("charset", "there is no charset '%s'", name).WithHint("for example 'UTF-8', 'ISO-8859-1' or 'UTF-16LE'")
	}
	if charset == unicode.UTF8 || strings.EqualFold(name, "UTF-8") {
		charset = nil
	}
	l.ownEnd = o.Has("line-delimiter")
	end := o.String("line-delimiter", "\n")
	if end == "" {
		return o.Errorf("line-delimiter", "cannot be empty")
	}
	l.delimiter = []byte(end)
	if charset != nil {
		if l.delimiter, err = encodeBare(charset, end); err != nil {
			return o.Errorf("line-delimiter", "the charset '%s' cannot express it", name)
		}
		one, err := encodeBare(charset, "\n")
		if err != nil {
			return o.Errorf("charset", "the charset '%s' has no newline", name)
		}
		l.unit = len(one)
	}
	if l.typ.IsString() {
		l.charset = charset
	}
	return nil
}

// encodeBare encodes without a byte order mark.
func encodeBare(charset encoding.Encoding, s string) ([]byte, error) {
	plain, err := charset.NewEncoder().Bytes(nil)
	if err != nil {
		return nil, err
	}
	out, err := charset.NewEncoder().Bytes([]byte(s))
	if err != nil {
		return nil, err
	}
	for _, mark := range [][]byte{plain, {0xfe, 0xff}, {0xff, 0xfe}} {
		if len(mark) > 0 && len(out) > len(mark) && string(out[:len(mark)]) == string(mark) {
			return out[len(mark):], nil
		}
	}
	return out, nil
}

func decoding(c format.Config) (*format.Decoding, error) {
	l, err := readLayout(c)
	if err != nil {
		return nil, err
	}
	return &format.Decoding{
		Changes:    connectors.InsertOnly,
		Splittable: string(l.delimiter) == "\n",
		NewDecoder: func(r format.DecodeRequest) (format.Decoder, error) {
			d := &Decoder{layout: l, read: len(r.Columns) > 0}
			if l.charset != nil {
				d.text = l.charset.NewDecoder()
			}
			return d, nil
		},
	}, nil
}

func encodingOf(c format.Config) (*format.Encoding, error) {
	l, err := readLayout(c)
	if err != nil {
		return nil, err
	}
	return &format.Encoding{
		Changes: connectors.InsertOnly,
		NewEncoder: func() (format.Encoder, error) {
			e := &Encoder{layout: l}
			if l.charset != nil {
				e.text = l.charset.NewEncoder()
			}
			return e, nil
		},
	}, nil
}
