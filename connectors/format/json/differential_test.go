package json

import (
	"bytes"
	stdjson "encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// randomType makes a type that encoding/json decodes the same way.
func randomType(rng *rand.Rand, depth int) types.Type {
	n := 7
	if depth == 0 {
		n = 4
	}
	switch rng.IntN(n) {
	case 0:
		return types.New(types.BigInt)
	case 1:
		return types.String()
	case 2:
		return types.New(types.Double)
	case 3:
		return types.New(types.Boolean)
	case 4:
		return types.ArrayOf(randomType(rng, depth-1))
	case 5:
		return types.MapOf(types.String(), randomType(rng, depth-1))
	}
	var fields []types.Field
	for i := range 1 + rng.IntN(4) {
		fields = append(fields, types.Field{Name: fmt.Sprintf("f%d", i), Type: randomType(rng, depth-1)})
	}
	return types.RowOf(fields...)
}

var someStrings = []string{"", "x", "exactly 12ch", "thirteen char", "a \"quoted\" \\ / \b\f\n\r\t", "grün 😀 \u2028", strings.Repeat("long ", 20), "\x7f", "<&>"}

// randomText writes a value of a type, or now and then null, with random white space.
func randomText(rng *rand.Rand, w *bytes.Buffer, t types.Type) {
	space := func() {
		for rng.IntN(8) == 0 {
			w.WriteString([]string{" ", "\t", "\r", "  "}[rng.IntN(4)])
		}
	}
	defer space()
	space()
	if rng.IntN(10) == 0 {
		w.WriteString("null")
		return
	}
	switch t.Kind {
	case types.BigInt:
		fmt.Fprint(w, rng.Int64()>>rng.IntN(63)*int64(1-2*rng.IntN(2)))
	case types.Double:
		switch rng.IntN(3) {
		case 0:
			fmt.Fprint(w, rng.IntN(1000))
		case 1:
			fmt.Fprintf(w, "%.*f", 1+rng.IntN(9), rng.NormFloat64())
		default:
			fmt.Fprintf(w, "%e", rng.NormFloat64())
		}
	case types.Boolean:
		fmt.Fprint(w, rng.IntN(2) == 0)
	case types.VarChar:
		randomString(rng, w, someStrings[rng.IntN(len(someStrings))])
	case types.Array:
		w.WriteByte('[')
		for i := range rng.IntN(4) {
			if i > 0 {
				w.WriteByte(',')
			}
			randomText(rng, w, *t.Elem)
		}
		w.WriteByte(']')
	default:
		randomObject(rng, w, t)
	}
}

func randomString(rng *rand.Rand, w *bytes.Buffer, s string) {
	if rng.IntN(3) == 0 { // everything escaped
		w.WriteByte('"')
		for _, r := range s {
			if r > 0xffff {
				r -= 0x10000
				fmt.Fprintf(w, `\u%04x\u%04X`, 0xd800+r>>10, 0xdc00+r&0x3ff)
				continue
			}
			fmt.Fprintf(w, `\u%04x`, r)
		}
		w.WriteByte('"')
		return
	}
	b, _ := stdjson.Marshal(s)
	w.Write(b)
}

// randomObject writes a MAP, or a ROW with its fields in any order, some of them missing,
// twice, or unknown.
func randomObject(rng *rand.Rand, w *bytes.Buffer, t types.Type) {
	type entry struct {
		key string
		typ types.Type
	}
	var entries []entry
	if t.Kind == types.Map {
		for range rng.IntN(4) {
			entries = append(entries, entry{someStrings[rng.IntN(len(someStrings))], *t.Elem})
		}
	}
	for _, f := range t.Fields {
		for range []int{1, 1, 1, 1, 1, 1, 0, 2}[rng.IntN(8)] {
			entries = append(entries, entry{f.Name, f.Type})
		}
	}
	if t.Kind == types.Row && rng.IntN(4) == 0 {
		entries = append(entries, entry{"unknown", randomType(rng, 2)})
	}
	if rng.IntN(3) == 0 {
		rng.Shuffle(len(entries), func(i, j int) { entries[i], entries[j] = entries[j], entries[i] })
	}
	w.WriteByte('{')
	for i, e := range entries {
		if i > 0 {
			w.WriteByte(',')
		}
		randomString(rng, w, e.key)
		w.WriteByte(':')
		randomText(rng, w, e.typ)
	}
	w.WriteByte('}')
}

// expected turns what encoding/json gives into boxed values of a type.
func expected(t *testing.T, typ types.Type, x any) any {
	t.Helper()
	if x == nil {
		return nil
	}
	switch typ.Kind {
	case types.BigInt:
		n, err := x.(stdjson.Number).Int64()
		if err != nil {
			t.Fatal(err)
		}
		return n
	case types.Double:
		f, err := x.(stdjson.Number).Float64()
		if err != nil {
			t.Fatal(err)
		}
		return f
	case types.Array:
		out := []any{}
		for _, e := range x.([]any) {
			out = append(out, expected(t, *typ.Elem, e))
		}
		return out
	case types.Map:
		out := []vec.Entry{}
		m := x.(map[string]any)
		for _, k := range slices.Sorted(maps.Keys(m)) {
			out = append(out, vec.Entry{Key: k, Value: expected(t, *typ.Elem, m[k])})
		}
		return out
	case types.Row:
		var out []any
		for _, f := range typ.Fields {
			out = append(out, expected(t, f.Type, x.(map[string]any)[f.Name]))
		}
		return out
	}
	return x
}

// sorted orders the entries of maps in a boxed value.
func sorted(x any) any {
	switch v := x.(type) {
	case []any:
		for i := range v {
			v[i] = sorted(v[i])
		}
	case []vec.Entry:
		for i := range v {
			v[i].Value = sorted(v[i].Value)
		}
		slices.SortFunc(v, func(a, b vec.Entry) int { return strings.Compare(a.Key.(string), b.Key.(string)) })
	}
	return x
}

func TestAgreesWithEncodingJSON(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for round := range 60 {
		var cols []connectors.Column
		var fields []types.Field
		for i := range 1 + rng.IntN(6) {
			typ := randomType(rng, 3)
			cols = append(cols, col(fmt.Sprintf("f%d", i), typ))
			fields = append(fields, types.Field{Name: fmt.Sprintf("f%d", i), Type: typ})
		}
		row := types.RowOf(fields...)
		var data bytes.Buffer
		var want [][]any
		for range 50 {
			var doc bytes.Buffer
			randomObject(rng, &doc, row)
			dec := stdjson.NewDecoder(bytes.NewReader(doc.Bytes()))
			dec.UseNumber()
			var x any
			if err := dec.Decode(&x); err != nil {
				t.Fatalf("%s: %v", doc.Bytes(), err)
			}
			want = append(want, expected(t, row, x).([]any))
			data.Write(doc.Bytes())
			data.WriteByte('\n')
		}
		d := newDecoder(Settings{}, format.DecodeRequest{Columns: cols})
		got, err := decodeAll(d, cols, data.String(), 1+rng.IntN(60))
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		for i := range got {
			sorted(got[i])
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("round %d, %s: %s", round, row, diff)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		`{"a":1,"b":"x","c":[1,{"d":null}],"s":"y"}`, `{"a":-0.5e+3,"s":"\u00e9\n"}`, ` { } `, `{"s":{"x":[]},"t":"2024-01-01 00:00:00.123"}`,
		`{"a":12345678901234567890}`, `{"a":01}`, `{"s":"\ud83d\ude00"`, `[1]`, `{"f":1.7976931348623159e308,"a":true,"m":{"k":1,"k":2}}`,
	} {
		f.Add([]byte(s), []byte(s))
	}
	cols := []connectors.Column{
		col("a", types.New(types.BigInt)), col("s", types.String()), col("t", types.TimestampOf(3)), col("f", types.New(types.Double)),
		col("c", types.ArrayOf(types.New(types.Int))), col("m", types.MapOf(types.String(), types.String())), col("d", types.DecimalOf(10, 2)),
		col("r", types.RowOf(types.Field{Name: "x", Type: types.ArrayOf(types.String())})), col("y", types.Bytes()), col("b", types.New(types.Boolean)),
	}
	f.Fuzz(func(t *testing.T, first, second []byte) {
		d := newDecoder(Settings{ignoreErrors: true}, format.DecodeRequest{Columns: cols})
		none := newDecoder(Settings{}, format.DecodeRequest{})
		b, empty := newBatch(cols), newBatch(nil)
		// The second document is read with the layout of the first in mind.
		for _, doc := range [][]byte{first, second, first} {
			b.Reset()
			empty.Reset()
			if err := d.DecodeMessage(doc, b); err != nil {
				t.Fatalf("an ignored error came out: %v", err)
			}
			for _, c := range b.Cols {
				if c.Len() != b.Len() {
					t.Fatalf("a column of %d values in %d rows", c.Len(), b.Len())
				}
				for i := range c.Len() {
					c.Value(i)
				}
			}
			checkValidity(t, doc, none.DecodeMessage(doc, empty), empty.Len())
			if b.Len() == 1 {
				checkString(t, doc, b.Cols[1].Value(0))
			}
		}
	})
}

// checkValidity compares the verdict on a document with encoding/json's. Control
// characters in strings are allowed here and not there, and deep nesting the other way.
func checkValidity(t *testing.T, doc []byte, err error, rows int) {
	t.Helper()
	body := bytes.Trim(doc, " \t\r\n")
	if len(body) == 0 || bytes.HasPrefix(body, []byte(mark)) || strings.Count(string(doc), "[")+strings.Count(string(doc), "{") > maxDepth {
		return
	}
	valid := stdjson.Valid(doc) && body[0] == '{'
	if bytes.ContainsFunc(body, func(r rune) bool { return r < ' ' }) && err == nil {
		return
	}
	if valid != (err == nil) || valid != (rows == 1) {
		if !utf8.Valid(doc) {
			return
		}
		t.Fatalf("%q: error %v, %d rows, encoding/json says valid: %v", doc, err, rows, valid)
	}
}

func checkString(t *testing.T, doc []byte, got any) {
	t.Helper()
	var want map[string]stdjson.RawMessage
	if stdjson.Unmarshal(bytes.TrimPrefix(doc, []byte(mark)), &want) != nil || !utf8.Valid(doc) {
		return
	}
	raw := bytes.TrimSpace(want["s"])
	if len(raw) == 0 || raw[0] != '"' {
		return
	}
	var s string
	if err := stdjson.Unmarshal(raw, &s); err != nil {
		t.Fatal(err)
	}
	if got != s {
		t.Fatalf("%q: %q, encoding/json gives %q", doc, got, s)
	}
}
