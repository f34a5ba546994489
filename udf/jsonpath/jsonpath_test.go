package jsonpath

import (
	"encoding/json"
	"strings"
	"testing"
)

const doc = `{"a": {"b": [1, {"c": "x\"y\u00e9\ud83d\ude00"}, null, -2.50e1]}, "": 0, "a.b": true,
	"list": [{"p": 5, "n": "five"}, {"p": 12, "n": "twelve"}, {"p": 9}], "twice": 1, "twice": 2}`

func TestFind(t *testing.T) {
	for path, want := range map[string]string{
		"$":                          "",
		"$.a.b[0]":                   "1",
		"$.a.b[1].c":                 `"x\"yé😀"`,
		"$['a']['b'][-1]":            "-25.0",
		"$.a.b[2]":                   "null",
		"$.a.b[9]":                   "none",
		"$.a.c.d":                    "none",
		"$.a[0]":                     "none",
		"$.twice":                    "2",
		"$['a.b']":                   "true",
		"a.b[0]":                     "1",
		"lax $.a.b[0]":               "1",
		"$.list[*].p":                "[5,12,9]",
		"$.list[0,2].p":              "[5,9]",
		"$.list[1:].n":               `["twelve"]`,
		"$.list[-2:-1].p":            "[12]",
		"$..p":                       "[5,12,9]",
		"$.list[?(@.p > 6)].p":       "[12,9]",
		"$.list[?(@.n)].p":           "[5,12]",
		"$.list[?(@.n == 'five')].p": "[5]",
		"$.list[?(@.p<6||@.p==9)].p": "[5,9]",
		"$.list[?(@.p>6 && !@.n)].p": "[9]",
		"$.list[0]['p','n']":         `[5,"five"]`,
		"$.a.b.*":                    `[1,{"c":"x\"yé😀"},null,-25.0]`,
		"$.nope[*]":                  "[]",
		"$.list[0]":                  `{"n":"five","p":5}`,
	} {
		p, err := Compile(path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if want == "" {
			continue
		}
		if got := findText(t, p); got != want {
			t.Errorf("%s = %s, want %s", path, got, want)
		}
		if !p.IsPlain() {
			continue
		}
		f, ok, err := p.Lookup([]byte(doc))
		if err != nil || ok != (want != "none") {
			t.Errorf("looking up %s: %v, %v", path, ok, err)
		}
		var d Document
		if ok && d.Parse(f.Raw) == nil && string(d.Append(nil, Root)) != want {
			t.Errorf("looking up %s gives %s", path, f.Raw)
		}
	}
}

func findText(t *testing.T, p *Path) string {
	var d Document
	if err := d.Parse([]byte(doc)); err != nil {
		t.Fatal(err)
	}
	nodes, ok := d.Find(p)
	if !ok {
		return "none"
	}
	if p.IsPlain() {
		return string(d.Append(nil, nodes[0]))
	}
	parts := make([]string, len(nodes))
	for i, n := range nodes {
		parts[i] = string(d.Append(nil, n))
	}
	return "[" + strings.Join(parts, ",") + "]"
}

func TestBadPaths(t *testing.T) {
	for _, p := range []string{"", "$.", "$[", "$['a", "$[a]", "$.a b", "$.length()", "$[?(@.a =~ /x/)]", "$[1:x]", "lax"} {
		if _, err := Compile(p); err == nil && p != "lax" {
			t.Errorf("%q compiled", p)
		}
	}
}

func TestSyntax(t *testing.T) {
	for text, valid := range map[string]bool{
		`{}`: true, `[]`: true, ` "a" `: true, `1.5e-3`: true, `null`: true, `[1,2`: false, `{"a":}`: false, `{"a" 1}`: false,
		`01`: false, `1.`: false, `-`: false, `"a`: false, "\"a\nb\"": false, `"\x"`: false, `"\u12"`: false, `tru`: false, ``: false,
		`true+`: true, `true,`: true, `null]x`: true, `"a"x`: true, `{}}`: true, `12 x`: true,
		`[1,]`: false, `{"a":1,}`: false, `[` + strings.Repeat("[", 2000) + strings.Repeat("]", 2001): false,
	} {
		if _, ok := KindOf([]byte(text)); ok != valid {
			t.Errorf("%.30q is JSON: %v", text, ok)
		}
		var d Document
		if err := d.Parse([]byte(text)); (err == nil) != valid {
			t.Errorf("parsing %.30q: %v", text, err)
		}
	}
}

func TestNumbersPrintAsJavas(t *testing.T) {
	for in, want := range map[string]string{
		"1": "1", "1.10": "1.10", "1e3": "1E+3", "1.5e3": "1.5E+3", "12e-1": "1.2", "1e-7": "1E-7", "-0.5e1": "-5", "0e2": "0E+2",
	} {
		if got := string(appendNumber(nil, []byte(in))); got != want {
			t.Errorf("%s prints as %s, want %s", in, got, want)
		}
	}
}

func FuzzPath(f *testing.F) {
	for _, p := range []string{"$.a.b[0]", "lax $['a'][*]", "$..p", "$[?(@.p > 6 && !@.n)]", "$[1:-1]"} {
		f.Add(p, doc)
	}
	f.Fuzz(func(t *testing.T, path, text string) {
		var d Document
		err := d.Parse([]byte(text))
		_, ok := KindOf([]byte(text))
		if (err == nil) != ok {
			t.Fatalf("%q: %v, but %v", text, err, ok)
		}
		if err == nil && json.Valid([]byte(text)) {
			if out := d.Append(nil, Root); !json.Valid(out) {
				t.Fatalf("%q is written as %q", text, out)
			}
		}
		p, perr := Compile(path)
		if perr != nil {
			return
		}
		if err == nil {
			nodes, found := d.Find(p)
			if p.IsPlain() {
				_, ok, lerr := p.Lookup([]byte(text))
				if lerr != nil || ok != (found && len(nodes) > 0) {
					t.Fatalf("%q of %q: found %v, looked up %v %v", path, text, found, ok, lerr)
				}
			}
		} else if p.IsPlain() {
			if _, _, lerr := p.Lookup([]byte(text)); lerr == nil {
				t.Fatalf("%q of %q, which is no JSON", path, text)
			}
		}
	})
}
