package raw

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

func config(t types.Type, options map[string]string) format.Config {
	return format.Config{Options: connectors.NewOptions(options, nil), Columns: []connectors.Column{{Name: "x", Type: t}}}
}

func newDecoder(t testing.TB, c format.Config) format.Decoder {
	t.Helper()
	dec, err := decoding(c)
	if err != nil {
		t.Fatal(err)
	}
	d, err := dec.NewDecoder(format.DecodeRequest{Columns: c.Columns})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func newBatch(t types.Type) *vec.Batch { return vec.NewBatch(vec.Schema{{Name: "x", Type: t}}) }

func values(b *vec.Batch) []any {
	var out []any
	for i := range b.Len() {
		out = append(out, b.Cols[0].Value(i))
	}
	return out
}

func TestLines(t *testing.T) {
	long := strings.Repeat("long ", 9)
	for _, c := range []struct {
		typ     types.Type
		options map[string]string
		data    string
		want    []any
		back    string // what is written, "" for data
	}{
		{types.String(), nil, "a\n\n" + long + "\n", []any{"a", "", long}, ""},
		{types.String(), nil, "a\r\nb", []any{"a", "b"}, "a\nb\n"},
		{types.Bytes(), nil, "\x00\xff\n", []any{[]byte{0, 255}}, ""},
		{types.String(), map[string]string{"line-delimiter": "||"}, "a\nb|||c||", []any{"a\nb", "|c"}, ""},
		{types.String(), map[string]string{"charset": "ISO-8859-1"}, "gr\xfcn\n", []any{"grün"}, ""},
		{types.String(), map[string]string{"charset": "UTF-16LE"}, "a\x00\x00\x0a\n\x00b\x00\n\x00", []any{"a\u0a00", "b"}, ""},
		{types.New(types.SmallInt), nil, "\x01\x02\n", []any{int64(258)}, ""},
		{types.New(types.Boolean), nil, "\x01\n\x00\n", []any{true, false}, ""},
	} {
		for _, limit := range []int{1, 100} {
			cfg := config(c.typ, c.options)
			d := newDecoder(t, cfg)
			var got []any
			all := newBatch(c.typ)
			for data := []byte(c.data); len(data) > 0; {
				b := newBatch(c.typ)
				n, err := d.DecodeLines(data, true, b, limit)
				if err != nil || n == 0 {
					t.Fatalf("%q: took %d, error %v", data, n, err)
				}
				got = append(got, values(b)...)
				all.AppendRows(b, nil)
				data = data[n:]
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%q: %s", c.data, diff)
			}
			enc, err := encodingOf(cfg)
			if err != nil {
				t.Fatal(err)
			}
			e, err := enc.NewEncoder()
			if err != nil {
				t.Fatal(err)
			}
			out, err := e.AppendLines(nil, all, nil)
			if c.back == "" {
				c.back = c.data
			}
			if err != nil || string(out) != c.back {
				t.Errorf("written: %q, %v, want %q", out, err, c.back)
			}
		}
	}
}

func TestMessages(t *testing.T) {
	little := map[string]string{"endianness": "little-endian"}
	for _, c := range []struct {
		typ     types.Type
		options map[string]string
		data    string
		want    any
	}{
		{types.String(), nil, "a\nb", "a\nb"},
		{types.New(types.TinyInt), nil, "\xff", int64(-1)},
		{types.New(types.Int), nil, "\x00\x00\x01\x00", int64(256)},
		{types.New(types.BigInt), little, "\x01\x00\x00\x00\x00\x00\x00\x00", int64(1)},
		{types.New(types.Double), nil, "\x3f\xf8\x00\x00\x00\x00\x00\x00", 1.5},
		{types.New(types.Float), little, "\x00\x00\xc0\x3f", 1.5},
	} {
		cfg := config(c.typ, c.options)
		b := newBatch(c.typ)
		if err := newDecoder(t, cfg).DecodeMessage([]byte(c.data), b); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff([]any{c.want}, values(b)); d != "" {
			t.Error(d)
		}
		enc, err := encodingOf(cfg)
		if err != nil {
			t.Fatal(err)
		}
		e, err := enc.NewEncoder()
		if err != nil {
			t.Fatal(err)
		}
		if out, err := e.AppendMessage(nil, b, 0); err != nil || string(out) != c.data {
			t.Errorf("written %q, %v, want %q", out, err, c.data)
		}
	}
	b := newBatch(types.String())
	d := newDecoder(t, config(types.String(), map[string]string{"line-delimiter": "\n"}))
	if err := d.DecodeMessage([]byte("a\n\nb\n"), b); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]any{"a", "", "b"}, values(b)); d != "" {
		t.Error(d)
	}
}

func TestFaults(t *testing.T) {
	two := format.Config{Options: connectors.NewOptions(nil, nil), Columns: []connectors.Column{{Name: "a", Type: types.String()}, {Name: "b", Type: types.String()}}}
	for want, c := range map[string]format.Config{
		"needs a table of one column, this one has 2 (a, b)": two,
		"has no form for this type":                          config(types.New(types.Date), nil),
		"there is no charset 'x'":                            config(types.String(), map[string]string{"charset": "x"}),
		"there is no order 'x'":                              config(types.String(), map[string]string{"endianness": "x"}),
		"cannot be empty":                                    config(types.String(), map[string]string{"line-delimiter": ""}),
	} {
		if _, err := decoding(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	b := newBatch(types.New(types.Int))
	err := newDecoder(t, config(types.New(types.Int), nil)).DecodeMessage([]byte("abc"), b)
	if err == nil || err.Error() != "field 'x': a INT has 4 bytes, the record 3" || b.Len() != 0 {
		t.Errorf("error %v", err)
	}
	null := newBatch(types.String())
	null.Cols[0].AppendNull()
	null.SetLen(1)
	enc, err := encodingOf(config(types.String(), nil))
	if err != nil {
		t.Fatal(err)
	}
	e, err := enc.NewEncoder()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.AppendLines(nil, null, nil); err == nil {
		t.Error("NULL was written")
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("a\nb\r\n"), uint8(0))
	f.Add([]byte("a\x00\n\x00"), uint8(1))
	f.Fuzz(func(t *testing.T, data []byte, kind uint8) {
		cfgs := []format.Config{
			config(types.String(), nil),
			config(types.String(), map[string]string{"charset": "UTF-16"}),
			config(types.String(), map[string]string{"line-delimiter": "ab"}),
			config(types.New(types.Int), nil),
		}
		cfg := cfgs[int(kind)%len(cfgs)]
		d := newDecoder(t, cfg)
		b := newBatch(cfg.Columns[0].Type)
		for len(data) > 0 {
			b.Reset()
			n, err := d.DecodeLines(data, true, b, 3)
			if err != nil {
				return
			}
			if n == 0 {
				t.Fatal("no progress")
			}
			values(b)
			data = data[n:]
		}
	})
}

func BenchmarkDecodeLines(b *testing.B) {
	line := `83.149.9.216 - - [17/May/2015:10:05:03 +0000] "GET /presentations/logstash-monitorama-2013/images/kibana-search.png HTTP/1.1" 200 203023` + "\n"
	const rows = 1 << 14
	data := []byte(strings.Repeat(line, rows))
	d := newDecoder(b, config(types.String(), nil))
	batch := newBatch(types.String())
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		for rest := data; len(rest) > 0; {
			batch.Reset()
			n, err := d.DecodeLines(rest, true, batch, vec.DefaultBatchSize)
			if err != nil {
				b.Fatal(err)
			}
			rest = rest[n:]
		}
	}
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
}
