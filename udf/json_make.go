package udf

import (
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/weirstream/weir/runtime/civil"
	"github.com/weirstream/weir/runtime/javatext"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/udf/cast"
	"github.com/weirstream/weir/udf/datetime"
	"github.com/weirstream/weir/udf/jsonpath"
)

var errNotArray = errors.New("the value at the JSON path is no array")

// jsonObjectRule is JSON_OBJECT(on null, key, value, key, value …).
func jsonObjectRule(args []Arg) (Signature, error) {
	s := Signature{Result: types.String().WithoutNull()}
	if len(args)%2 != 1 {
		return s, diag.Errorf(diag.Span{}, "each key needs a value")
	}
	for i, a := range args {
		if _, ok := a.constString(); !ok && i%2 == 1 {
			return s, diag.Errorf(diag.Span{}, "the keys must be string literals")
		}
		s.Params = append(s.Params, a.Type)
	}
	return s, nil
}

// jsonArrayRule is JSON_ARRAY(on null, value …).
func jsonArrayRule(args []Arg) (Signature, error) {
	s := Signature{Result: types.String().WithoutNull()}
	if len(args) == 0 {
		return s, wrongCount(0, 1, 1<<16)
	}
	for _, a := range args {
		s.Params = append(s.Params, a.Type)
	}
	return s, nil
}

func bindJSONObject(c Call) (Kernel, error) {
	onNull, _ := c.Args[0].constString()
	type entry struct {
		key string
		arg int
	}
	var entries []entry
	for k := 1; k < len(c.Args); k += 2 {
		key, _ := c.Args[k].constString()
		entries = append(entries, entry{key, k + 1})
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return strings.Compare(a.key, b.key) })
	p := newJSONPrinter(c)
	return bindText(func(r row, dst []byte) []byte {
		dst = append(dst, '{')
		begin := len(dst)
		for i, e := range entries {
			if i+1 < len(entries) && entries[i+1].key == e.key || onNull == "ABSENT" && r.isNull(e.arg) {
				continue
			}
			if len(dst) > begin {
				dst = append(dst, ',')
			}
			dst = append(jsonpath.AppendString(dst, []byte(e.key)), ':')
			dst = p.argument(dst, r, e.arg)
		}
		return append(dst, '}')
	})(c)
}

func bindJSONArray(c Call) (Kernel, error) {
	onNull, _ := c.Args[0].constString()
	p := newJSONPrinter(c)
	return bindText(func(r row, dst []byte) []byte {
		dst = append(dst, '[')
		begin := len(dst)
		for k := 1; k < r.n(); k++ {
			if r.isNull(k) && onNull != "NULL" {
				continue
			}
			if len(dst) > begin {
				dst = append(dst, ',')
			}
			dst = p.argument(dst, r, k)
		}
		return append(dst, ']')
	})(c)
}

func bindJSONString(c Call) (Kernel, error) {
	p := newJSONPrinter(c)
	return bindText(func(r row, dst []byte) []byte { return p.argument(dst, r, 0) })(c)
}

// jsonPrinter writes SQL values as JSON.
type jsonPrinter struct {
	raw  []bool // by argument: it is JSON already
	env  *Env
	zone *datetime.Zone
}

func newJSONPrinter(c Call) *jsonPrinter {
	p := &jsonPrinter{env: c.Env, zone: datetime.NewZone(c.Env.zone())}
	for _, a := range c.Args {
		p.raw = append(p.raw, a.JSON)
	}
	return p
}

func (p *jsonPrinter) argument(dst []byte, r row, k int) []byte {
	if p.raw[k] && !r.isNull(k) {
		return append(dst, r.bytes(k)...)
	}
	return p.value(dst, r.args[k], r.i)
}

func (p *jsonPrinter) value(dst []byte, v *vec.Vector, i int) []byte {
	if v.IsNull(i) {
		return append(dst, "null"...)
	}
	t := v.Type()
	switch {
	case t.IsString():
		return jsonpath.AppendString(dst, v.Bytes(i))
	case t.IsBinary():
		dst = append(dst, '"')
		dst = base64.StdEncoding.AppendEncode(dst, v.Bytes(i))
		return append(dst, '"')
	case t.Kind == types.Boolean:
		if v.Bool(i) {
			return append(dst, "true"...)
		}
		return append(dst, "false"...)
	case t.IsTimestamp():
		return p.timestamp(dst, t, vec.Values[int64](v)[i])
	case t.IsNumeric():
		return p.number(dst, v, i)
	case t.IsNested():
		return p.nested(dst, v, i)
	}
	return jsonpath.AppendString(dst, cast.Append(nil, v, i, p.env.zone()))
}

// number writes as Java's BigDecimal does, a FLOAT with all its digits; NaN and infinities, which JSON has not, as
// strings.
func (p *jsonPrinter) number(dst []byte, v *vec.Vector, i int) []byte {
	var f float64
	switch v.Phys() {
	case vec.Float32:
		f = float64(vec.Values[float32](v)[i])
	case vec.Float64:
		f = vec.Values[float64](v)[i]
	case vec.Decimal:
		return javatext.AppendDecimal(dst, vec.Values[vec.Dec128](v)[i], v.Type().Scale)
	default:
		return cast.Append(dst, v, i, nil)
	}
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return jsonpath.AppendString(dst, javatext.AppendDouble(nil, f, 64))
	}
	return javatext.AppendBigDecimal(dst, f)
}

// timestamp writes ISO-8601; instants in UTC.
func (p *jsonPrinter) timestamp(dst []byte, t types.Type, ticks int64) []byte {
	dst = append(dst, '"')
	from := len(dst)
	dst = civil.AppendTimestamp(dst, ticks, vec.UnitOf(t.Precision), ' ', t.Precision)
	for k := from; k < len(dst); k++ {
		if dst[k] == ' ' {
			dst[k] = 'T'
		}
	}
	if t.Precision > 0 {
		for dst[len(dst)-1] == '0' {
			dst = dst[:len(dst)-1]
		}
		if dst[len(dst)-1] == '.' {
			dst = dst[:len(dst)-1]
		}
	}
	if t.Kind == types.TimestampLTZ {
		dst = append(dst, 'Z')
	}
	return append(dst, '"')
}

func (p *jsonPrinter) nested(dst []byte, v *vec.Vector, i int) []byte {
	switch v.Phys() {
	case vec.List:
		dst = append(dst, '[')
		for j := v.Offsets()[i]; j < v.Offsets()[i+1]; j++ {
			if j > v.Offsets()[i] {
				dst = append(dst, ',')
			}
			dst = p.value(dst, v.Child(0), int(j))
		}
		return append(dst, ']')
	case vec.MapOf:
		dst = append(dst, '{')
		for j := v.Offsets()[i]; j < v.Offsets()[i+1]; j++ {
			if j > v.Offsets()[i] {
				dst = append(dst, ',')
			}
			key := cast.Append(nil, v.Child(0), int(j), p.env.zone())
			dst = append(jsonpath.AppendString(dst, key), ':')
			dst = p.value(dst, v.Child(1), int(j))
		}
		return append(dst, '}')
	}
	dst = append(dst, '{')
	for k, c := range v.Children() {
		if k > 0 {
			dst = append(dst, ',')
		}
		dst = append(jsonpath.AppendString(dst, []byte(v.Type().Fields[k].Name)), ':')
		dst = p.value(dst, c, i)
	}
	return append(dst, '}')
}

// bindJSON is JSON(text): the text in canonical form.
func bindJSON(Call) (Kernel, error) {
	var doc jsonpath.Document
	var scratch []byte
	return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		for _, i := range sel {
			s := args[0].Bytes(int(i))
			if strings.TrimSpace(string(s)) == "" {
				out.SetNull(int(i))
				continue
			}
			if err := doc.Parse(s); err != nil {
				return &RowError{Row: int(i), Err: fmt.Errorf("%w: %.100s", err, s)}
			}
			scratch = doc.Append(scratch[:0], jsonpath.Root)
			out.SetBytes(int(i), scratch)
		}
		return nil
	}, nil
}

// jsonQuote escapes slashes and all that is not ASCII too.
func jsonQuote(dst, s []byte) []byte {
	plain := jsonpath.AppendString(nil, s)
	for _, c := range string(plain) {
		switch {
		case c == '/':
			dst = append(dst, '\\', '/')
		case c < utf8.RuneSelf:
			dst = append(dst, byte(c))
		case c > 0xffff:
			hi, lo := utf16.EncodeRune(c)
			dst = fmt.Appendf(dst, "\\u%04x\\u%04x", hi, lo)
		default:
			dst = fmt.Appendf(dst, "\\u%04x", c)
		}
	}
	return dst
}

func jsonUnquote(dst, s []byte) []byte {
	if out, ok := jsonpath.Unquote(dst, s); ok {
		return out
	}
	return append(dst, s...)
}

// isJSON is IS [NOT] JSON what.
func isJSON(what string, not bool) *Func {
	name := "IS JSON"
	if not {
		name = "IS NOT JSON"
	}
	f := &Func{
		Name: name + " " + what, Family: "json", Syntax: "string " + name + " " + what, NullCall: true,
		Doc:     "Whether the string is JSON of that kind.",
		Resolve: neverNull(returns(types.New(types.Boolean), strArg())),
		Bind: truth(func(r row) bool {
			return (!r.isNull(0) && jsonIs(r.bytes(0), what)) != not
		}),
	}
	if not {
		f.Doc = "Whether the string is not JSON of that kind."
	}
	if what == "VALUE" {
		f.Aliases = []string{name}
	}
	return f
}

func jsonIs(s []byte, what string) bool {
	kind, ok := jsonpath.KindOf(s)
	switch what {
	case "SCALAR":
		return ok && kind < jsonpath.Array
	case "ARRAY":
		return ok && kind == jsonpath.Array
	case "OBJECT":
		return ok && kind == jsonpath.Object
	}
	return ok
}
