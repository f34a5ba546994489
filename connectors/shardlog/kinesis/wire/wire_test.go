package wire

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

// plain turns a Value into what the reference decoders give.
func plain(v Value) any {
	switch v.Kind {
	case Bool:
		return v.True()
	case Number, Time:
		return v.Num
	case String:
		return string(v.Text)
	case Bytes:
		return append([]byte{}, v.Text...)
	case List:
		list := []any{}
		for _, x := range v.Items {
			list = append(list, plain(x))
		}
		return list
	case Map:
		m := map[string]any{}
		for _, x := range v.Items {
			m[string(x.Key)] = plain(x)
		}
		return m
	}
	return nil
}

func TestParseJSON(t *testing.T) {
	for _, s := range []string{
		`{}`, `[]`, `null`, `true`, `false`, `0`, `-1.5e+3`, `""`, `"a\"\\\/\b\f\n\r\tA"`,
		`"é😀\ud83d\ude00"`, `"\ud83d"`, `"\ud83dx"`, `"\ud83d\u0041"`, `"\ude00"`,
		` { "StreamName" : "s" , "Records":[{"Data":"YQ==","PartitionKey":"k"},{}],"n":null } `,
		`{"a":1,"a":2}`, `12345678901234567890`, `1e400`,
		``, `{`, `{"a"}`, `{"a":}`, `{"a":1,}`, `[1,]`, `[1 2]`, `01`, `1.`, `.5`, `+1`, `-`, `"a`, `"\x"`, `"\u12"`, `nul`, `{}x`, "\"\n\"", "\xff", "\"a\xff\"",
	} {
		var want any
		wantErr := json.Unmarshal([]byte(s), &want)
		v, err := ParseJSON([]byte(s))
		if s == `1e400` || s == "\"a\xff\"" {
			continue // encoding/json refuses the one and repairs the other; neither matters to us
		}
		if (err == nil) != (wantErr == nil) || (err == nil && !reflect.DeepEqual(plain(v), want)) {
			t.Errorf("%s: got %#v, %v; want %#v, %v", s, plain(v), err, want, wantErr)
		}
		if err != nil && !errors.Is(err, ErrSyntax) {
			t.Errorf("%s: %v", s, err)
		}
	}
	if _, err := ParseJSON([]byte(strings.Repeat("[", 100))); !errors.Is(err, ErrSyntax) {
		t.Error("depth is not bounded")
	}
}

func TestParseCBOR(t *testing.T) {
	for name, c := range map[string]struct {
		hex  string
		want any
	}{
		"definite map":        {"a1" + "6161" + "01", map[string]any{"a": 1.0}},
		"indefinite map":      {"bf" + "6161" + "9f0102ff" + "ff", map[string]any{"a": []any{1.0, 2.0}}},
		"negative":            {"3903e7", -1000.0},
		"blob":                {"43616263", []byte("abc")},
		"pieces of a blob":    {"5f" + "4161" + "426263" + "ff", []byte("abc")},
		"pieces of a text":    {"7f" + "6161" + "626263" + "ff", "abc"},
		"time":                {"c11b000001a310c5f8ab", float64(0x1a310c5f8ab)},
		"time as float":       {"c1fb41d954fc4000000000"[:20], float64(1700000000)},
		"unknown tag":         {"d9d9f7" + "01", 1.0},
		"half float":          {"f93e00", 1.5},
		"single float":        {"fa3fc00000", 1.5},
		"null and undefined":  {"82f6f7", []any{nil, nil}},
		"true":                {"f5", true},
		"eight byte length":   {"5b0000000000000001" + "61", []byte("a")},
		"nested lists":        {"818180", []any{[]any{[]any{}}}},
		"length beyond input": {"5bffffffffffffffff", nil},
		"huge array":          {"9bffffffffffffffff", nil},
		"cut off":             {"a16161", nil},
		"break alone":         {"ff", nil},
		"key is a number":     {"a10102", nil},
		"not UTF-8":           {"61ff", nil},
		"reserved":            {"1c", nil},
		"two values":          {"0101", nil},
		"empty":               {"", nil},
		"time of a text":      {"c16161", nil},
		"indefinite number":   {"1f", nil},
	} {
		b, err := hex.DecodeString(c.hex)
		if err != nil {
			t.Fatal(name, err)
		}
		v, err := ParseCBOR(b)
		if c.want == nil {
			if !errors.Is(err, ErrSyntax) {
				t.Errorf("%s: got %#v, %v", name, plain(v), err)
			}
		} else if err != nil || !reflect.DeepEqual(plain(v), c.want) {
			t.Errorf("%s: got %#v, %v, want %#v", name, plain(v), err, c.want)
		}
	}
}

// encodeSample writes one of everything.
func encodeSample(e *Encoder) {
	e.BeginMap()
	e.Key("Records")
	e.BeginList()
	for range 2 {
		e.BeginMap()
		e.Key("Data")
		e.Blob([]byte{1, 2, 255})
		e.Key("PartitionKey")
		e.Text([]byte("k\"\\\n\x01é"))
		e.Key("ApproximateArrivalTimestamp")
		e.Time(1800000000007)
		e.EndMap()
	}
	e.EndList()
	e.Key("MillisBehindLatest")
	e.Int(-300)
	e.Key("HasMore")
	e.Bool(false)
	e.Key("Empty")
	e.BeginList()
	e.EndList()
	e.Key("NextShardIterator")
	e.String("abc")
	e.EndMap()
}

func TestGoldenBytes(t *testing.T) {
	e := &Encoder{}
	encodeSample(e)
	record := `{"Data":"AQL/","PartitionKey":"k\"\\\n\u0001é","ApproximateArrivalTimestamp":1800000000.007}`
	want := `{"Records":[` + record + `,` + record + `],"MillisBehindLatest":-300,"HasMore":false,"Empty":[],"NextShardIterator":"abc"}`
	if string(e.Buf) != want {
		t.Errorf("JSON: got %s", e.Buf)
	}
	e.Reset(true)
	encodeSample(e)
	text := func(s string) string { return hex.EncodeToString(append([]byte{0x60 | byte(len(s))}, s...)) }
	rec := "bf" + text("Data") + "430102ff" + text("PartitionKey") + text("k\"\\\n\x01é") +
		"781b" + hex.EncodeToString([]byte("ApproximateArrivalTimestamp")) + "c11b000001a3185c5007" + "ff"
	golden := "bf" + text("Records") + "9f" + rec + rec + "ff" + text("MillisBehindLatest") + "39012b" +
		text("HasMore") + "f4" + text("Empty") + "9fff" + text("NextShardIterator") + text("abc") + "ff"
	if hex.EncodeToString(e.Buf) != golden {
		t.Errorf("CBOR: got  %x\nwant %s", e.Buf, golden)
	}
}

func FuzzParseJSON(f *testing.F) {
	f.Add([]byte(`{"Records":[{"Data":"YQ==","PartitionKey":"k\u00e9"}],"Limit":10}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := ParseJSON(b)
		var want any
		if wantErr := json.Unmarshal(b, &want); err == nil && wantErr == nil && !reflect.DeepEqual(plain(v), want) {
			t.Fatalf("got %#v, want %#v", plain(v), want)
		}
	})
}

func FuzzParseCBOR(f *testing.F) {
	e := &Encoder{CBOR: true}
	encodeSample(e)
	f.Add(e.Buf)
	f.Add([]byte{0xa1, 0x61, 0x61, 0xc1, 0x01})
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := ParseCBOR(b)
		if err != nil {
			return
		}
		if v.Kind == Map {
			// What we take for sound, the reference decoder takes too (it may refuse repeated keys, and tag 1 on odd numbers).
			var m map[string]any
			if err := cbor.Unmarshal(b, &m); err == nil && len(m) > len(v.Items) {
				t.Fatalf("%d members, want %d", len(v.Items), len(m))
			}
		}
	})
}

func BenchmarkParsePutRecords(b *testing.B) {
	data := base64.StdEncoding.EncodeToString(make([]byte, 200))
	body := []byte(`{"StreamName":"s","Records":[` + strings.Repeat(`{"Data":"`+data+`","PartitionKey":"key-1"},`, 499) + `{"Data":"","PartitionKey":"k"}]}`)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseJSON(body); err != nil {
			b.Fatal(err)
		}
	}
}

// A request has so many values and no more, in lists and maps of all sizes.
func TestTooManyValues(t *testing.T) {
	list := func(n int) []byte { return []byte("[0" + strings.Repeat(",0", n-1) + "]") }
	maps := func(n int) []byte { return []byte(`[{"a":0}` + strings.Repeat(`,{"a":0}`, n/2-1) + "]") }
	for _, text := range []func(int) []byte{list, maps} {
		for n, ok := range map[int]bool{maxValues: true, maxValues + 2: false} {
			if _, err := ParseJSON(text(n)); (err == nil) != ok || err != nil && !errors.Is(err, ErrSyntax) {
				t.Errorf("%d values: %v", n, err)
			}
		}
	}
	for n, ok := range map[int]bool{maxValues: true, maxValues + 1: false} {
		if _, err := ParseCBOR(append(append([]byte{0x9f}, make([]byte, n)...), 0xff)); (err == nil) != ok {
			t.Errorf("%d values in CBOR: %v", n, err)
		}
	}
}

func TestBase64(t *testing.T) {
	src := make([]byte, 300)
	for i := range src {
		src[i] = byte(rand.Uint32())
	}
	for n := range src {
		if got, want := appendBase64([]byte("x"), src[:n]), "x"+base64.StdEncoding.EncodeToString(src[:n]); string(got) != want {
			t.Fatalf("% x: got %s, want %s", src[:n], got, want)
		}
	}
}

func BenchmarkBlob(b *testing.B) {
	var e Encoder
	blob := make([]byte, 200)
	b.ReportAllocs()
	for b.Loop() {
		e.Reset(false)
		e.Blob(blob)
	}
}
