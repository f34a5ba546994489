package javaregex

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestFind(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          []string // the whole and the groups; nil for no match
		linear        bool
	}{
		{`(\d+)-(\w+)`, "x 12-ab", []string{"12-ab", "12", "ab"}, true},
		{`\d`, "٣", nil, true},                               // Java's \d is ASCII
		{`a.c`, "a\nc", nil, true},                           //
		{`a.c`, "a\u2028c", nil, true},                       // a line terminator in Java
		{`(?s)a.c`, "a\nc", []string{"a\nc"}, true},          //
		{`b$`, "ab\r\n", []string{"b"}, true},                // $ stands before a last line end
		{`b$`, "ab\nc", nil, true},                           //
		{`(?i)straße`, "STRAßE", []string{"STRAßE"}, true},   //
		{`(?i)k`, "\u212A", nil, true},                       // ASCII folding only
		{`(?iu)k`, "\u212A", []string{"\u212A"}, true},       //
		{`[a-z&&[^aeiou]]+`, "aebcd", []string{"bcd"}, true}, // intersection
		{`[a-c[x-z]]+`, "qaxz", []string{"axz"}, true},       // union
		{`\Qa.b\E+`, "a.bb a-b", []string{"a.bb"}, true},     //
		{`(?<year>\d{4})-(?<m>\d\d)`, "2024-05", []string{"2024-05", "2024", "05"}, true},
		{`(?<a>x)(y)\k<a>`, "xyx", []string{"xyx", "x", "y"}, false},
		{`(\w)\1`, "abccd", []string{"cc", "c"}, false},
		{`(?<=\$)\d+`, "cost $42", []string{"42"}, false},
		{`a*+a`, "aaa", nil, false}, // possessive
		{`(a|ab)(c|bcd)`, "abcd", []string{"abcd", "a", "bcd"}, true},
		{`(?m)^b$`, "a\nb\nc", []string{"b"}, false},
		{`\p{Lu}\p{javaLowerCase}+`, "xÉté", []string{"Été"}, true},
		{`\p{Punct}`, "a$", []string{"$"}, true},
		{`(a*)*b`, "aab", []string{"aab", ""}, false},
		{`(&|^)channel_id=([^&]*)`, "/x?q=1&channel_id=7&z", []string{"&channel_id=7", "&", "7"}, true},
		{`(&|^)channel_id=([^&]*)`, "channel_id=", []string{"channel_id=", "", ""}, true},
		{`(&|^)channel_id=([^&]*)`, "/x?q=1&channel=7", nil, true},
		{`x{2,3}?`, "xxxx", []string{"xx"}, true},
		{`(?x) a b # comment`, "ab", []string{"ab"}, true},
		{`[\]\-x]+`, "a]-x", []string{"]-x"}, true},
		{`\x41\u0042\x{43}\0104`, "ABCD", []string{"ABCD"}, true},
		{`(a)|(b)`, "b", []string{"b", "-", "b"}, true},
	} {
		re, err := Compile(c.pattern)
		if err != nil {
			t.Errorf("%s: %v", c.pattern, err)
			continue
		}
		if got := re.linear != nil; got != c.linear {
			t.Errorf("%s: linear is %v", c.pattern, got)
		}
		loc, err := re.Find([]byte(c.text))
		if err != nil {
			t.Errorf("%s: %v", c.pattern, err)
		}
		if re.linear != nil && re.quick == nil {
			t.Errorf("%s: no quick program", c.pattern)
		}
		if d := cmp.Diff(c.want, groups(c.text, loc)); d != "" {
			t.Errorf("%s on %q (-want +got):\n%s", c.pattern, c.text, d)
		}
	}
}

func groups(text string, loc []int) []string {
	var out []string
	for k := 0; k < len(loc); k += 2 {
		if loc[k] < 0 {
			out = append(out, "-")
		} else {
			out = append(out, text[loc[k]:loc[k+1]])
		}
	}
	return out
}

func TestBothEnginesAgree(t *testing.T) {
	texts := []string{"", "a", "aab", "GET /x?y=1 HTTP/1.1", "a.b", "ab\n", "ééa_b", "2024-05-06 07:08:09"}
	for _, p := range []string{`(a|ab)*?b`, `(?:(\w)x|(\w)y)+`, `[a-z]*[a-y]b?`, `\b\w`, `.+?-(.*)-`, `(a+)(a*)b`, `a+`, `\w+`, `[^ ]+ (\S+)`, `(a|b)+$`, `^.`, `\bx\b`, `(\d+)-(\d+)`, `.*?b`, `[é-ü]`, `a{1,2}`, `(?:b|^)a`, `(?:^|a)?b`, `(?:[a-b]*|^)\.`, `(?:^a|^b)b*`, `(?:é|G|\bx)=?`, `(a|)b`} {
		re, err := Compile(p)
		if err != nil || re.linear == nil {
			t.Fatalf("%s: %v", p, err)
		}
		back, _ := Compile(p)
		back.linear = nil
		slow, _ := Compile(p)
		slow.quick = nil
		for _, text := range texts {
			a, err1 := re.Find([]byte(text))
			b, err2 := back.Find([]byte(text))
			if d := cmp.Diff(a, b); d != "" || err1 != nil || err2 != nil {
				t.Errorf("%s on %q: %s %v %v", p, text, d, err1, err2)
			}
			c, err := slow.Find([]byte(text))
			if d := cmp.Diff(a, c); d != "" || err != nil {
				t.Errorf("%s on %q: %s %v", p, text, d, err)
			}
		}
	}
}

func TestEach(t *testing.T) {
	for pattern, want := range map[string]string{`a*`: "x|b|x|x|c|x", `a+`: "b|x|c", `b|c`: "x|aaa|x"} {
		re, err := Compile(pattern)
		if err != nil {
			t.Fatal(err)
		}
		text, at := "baaac", 0
		var parts []string
		err = re.Each([]byte(text), func(loc []int) bool {
			if loc[0] > at {
				parts = append(parts, text[at:loc[0]])
			}
			parts, at = append(parts, "x"), loc[1]
			return true
		})
		if at < len(text) {
			parts = append(parts, text[at:])
		}
		if got := strings.Join(parts, "|"); got != want || err != nil {
			t.Errorf("%s: %s, want %s (%v)", pattern, got, want, err)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, p := range []string{`(`, `)`, `[a`, `*a`, `\`, `a{2}{`, `[b-a]`, `\p{Nope}`, `(?z)`, `\k<x>`, `\i`, strings.Repeat("(", 300)} {
		if _, err := Compile(p); err == nil {
			t.Errorf("%.20s compiled", p)
		}
	}
}

func TestBacktrackingTimesOut(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a second")
	}
	re, err := Compile(`(x+x+)+y\1`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := re.Match([]byte(strings.Repeat("x", 40) + "zy")); err == nil {
		t.Error("no error for catastrophic backtracking")
	}
}

func FuzzCompile(f *testing.F) {
	for _, s := range []string{`(\d+)-[a-z&&[^x]]`, `(?i:a)|b{2,}$`, `\Qx\E\p{L}`, `(?<n>a)\k<n>`} {
		f.Add(s, "text 12-b")
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 200 || len(text) > 200 {
			return
		}
		re, err := Compile(pattern)
		if err != nil {
			return
		}
		loc, err := re.Find([]byte(text))
		if re.quick != nil && re.isLinear([]byte(text)) && utf8.ValidString(text) && utf8.ValidString(pattern) {
			if d := cmp.Diff(re.linear.FindStringSubmatchIndex(text), loc); d != "" {
				t.Fatalf("%q on %q: %s", pattern, text, d)
			}
		}
		if err == nil && loc != nil && (loc[0] < 0 || loc[1] > len(text) || loc[0] > loc[1]) {
			t.Fatalf("%q on %q: %v", pattern, text, loc)
		}
	})
}
