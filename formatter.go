package weir

import (
	"time"

	"github.com/weirstream/weir/connectors/format/json"
	"github.com/weirstream/weir/runtime/vec"
)

// Formatter writes a result's values as text: TIMESTAMP as SQL text with the digits of its type, DATE and TIME
// as SQL text, TIMESTAMP_LTZ as TIMESTAMP in the session's zone, DECIMAL with its scale kept, BYTES in base64,
// arrays, maps and rows as JSON. It is used by one goroutine.
type Formatter struct {
	json *json.Writer
	buf  []byte
}

// NewFormatter makes a Formatter that writes TIMESTAMP_LTZ in a zone.
func NewFormatter(zone *time.Location) *Formatter {
	return &Formatter{json: json.NewWriter(json.Style{
		TypeDigits: true, Zone: zone, PlainDecimals: true, NullKeys: json.NullKeyLiteral, NullKey: "null",
	})}
}

// AppendJSON appends value i of v as JSON.
func (f *Formatter) AppendJSON(dst []byte, v *vec.Vector, i int) ([]byte, error) {
	return f.json.Append(dst, v, i)
}

// AppendObject appends row i of b as a JSON object; names are the columns'.
func (f *Formatter) AppendObject(dst []byte, names []string, b *vec.Batch, i int) ([]byte, error) {
	dst = append(dst, '{')
	for c, v := range b.Cols {
		if c > 0 {
			dst = append(dst, ',')
		}
		dst = append(json.AppendString(dst, []byte(names[c])), ':')
		var err error
		if dst, err = f.json.Append(dst, v, i); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

// Text gives value i of v as it stands in a table: a string as it is, NULL as NULL, anything
// else as in JSON, without quotes.
func (f *Formatter) Text(v *vec.Vector, i int) (string, error) {
	if v.IsNull(i) {
		return "NULL", nil
	}
	if v.Phys() == vec.View && !v.Type().IsBinary() {
		return string(v.Bytes(i)), nil
	}
	var err error
	f.buf, err = f.json.Append(f.buf[:0], v, i)
	s := string(f.buf)
	if len(s) > 1 && s[0] == '"' { // a time, base64, NaN: nothing in it is escaped
		s = s[1 : len(s)-1]
	}
	return s, err
}
