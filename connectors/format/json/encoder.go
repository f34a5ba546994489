package json

import (
	"strings"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/runtime/vec"
)

func encoding(c format.Config) (*format.Encoding, error) {
	style, err := ReadStyle("json", c.Options)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(c.Columns))
	if err := CheckTypes("json", c.Columns); err != nil {
		return nil, err
	}
	for i, col := range c.Columns {
		names[i] = col.Name
	}
	return &format.Encoding{
		Changes:    connectors.InsertOnly,
		NewEncoder: func() (format.Encoder, error) { return NewEncoder(style, names), nil },
	}, nil
}

// ReadStyle reads the options that say how the format called name writes values.
func ReadStyle(name string, o *connectors.Options) (s Style, err error) {
	s.Format = name
	if s.Standard, err = readStandard(o); err != nil {
		return s, err
	}
	if s.PlainDecimals, err = o.Bool("encode.decimal-as-plain-number", false); err != nil {
		return s, err
	}
	if s.SkipNulls, err = o.Bool("encode.ignore-null-fields", false); err != nil {
		return s, err
	}
	s.NullKey = o.String("map-null-key.literal", "null")
	const key = "map-null-key.mode"
	switch strings.ToUpper(o.String(key, "FAIL")) {
	case "FAIL":
		s.NullKeys = FailOnNullKey
	case "DROP":
		s.NullKeys = DropNullKey
	case "LITERAL":
		s.NullKeys = NullKeyLiteral
	default:
		return s, o.Errorf(key, "there is no mode '%s'", o.Get(key)).WithHint("use 'FAIL', 'DROP' or 'LITERAL'")
	}
	return s, nil
}

// Encoder writes rows as JSON objects.
type Encoder struct {
	w    *Writer
	keys [][]byte // "name":
}

// NewEncoder makes an Encoder of columns with the given names.
func NewEncoder(s Style, names []string) *Encoder {
	e := &Encoder{w: NewWriter(s)}
	for _, n := range names {
		e.keys = append(e.keys, append(AppendString(nil, []byte(n)), ':'))
	}
	return e
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
	dst = append(dst, '{')
	first := true
	for c, v := range b.Cols {
		if e.w.SkipNulls && v.IsNull(row) {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(dst, e.keys[c]...)
		var err error
		if dst, err = e.w.Append(dst, v, row); err != nil {
			name := string(e.keys[c][1 : len(e.keys[c])-2])
			hint := "set '" + e.w.Format + ".map-null-key.mode' = 'DROP' or 'LITERAL'"
			return dst[:start], &format.RecordError{Row: row, Field: name, Err: err, Hint: hint}
		}
	}
	return append(dst, '}'), nil
}
