package token

import (
	"fmt"
	"strings"
	"testing"

	"github.com/weirstream/weir/sql/diag"
)

// show writes a token as kind and text; keywords stand for themselves.
func show(t Token) string {
	switch t.Kind {
	case EOF:
		return "EOF"
	case Word:
		if t.Keyword != "" {
			return t.Keyword
		}
		return "word " + t.Text
	case Quoted:
		return "quoted " + t.Text
	case Number:
		return "number " + t.Text
	case String:
		return fmt.Sprintf("string %q", t.Text)
	case Binary:
		return fmt.Sprintf("binary %x", t.Text)
	case Illegal:
		return "illegal " + t.Text
	}
	return t.Text
}

func TestLex(t *testing.T) {
	tests := []struct{ sql, want string }{
		{"", "EOF"},
		{" \t\r\n\uFEFF\u00A0", "EOF"},
		{"select Select x _x $1 a1", "SELECT SELECT word x word _x word $1 word a1 EOF"},
		{"größe `x``y`", "word größe quoted x`y EOF"},
		{"1 1.5 .5 1. 1e3 1.5E-3 1.x 1..2", "number 1 number 1.5 number .5 number 1. number 1e3 number 1.5E-3 number 1 . word x number 1 . number .2 EOF"},
		{"1e 1e+ 1a 0x1", "illegal 1e illegal 1e + illegal 1a illegal 0x1 EOF"},
		{"'a''b' '' 'a\\'", `string "a'b" string "" string "a\\" EOF`},
		{"'a\nb'", `string "a\nb" EOF`},
		{"U&'\\0041' u&'+0041++' UESCAPE '+' x", `string "A" illegal u&'+0041++' UESCAPE '+' word x EOF`},
		{"U&'!0041!!' /* c */ uescape '!' y", `string "A!" word y EOF`},
		{"U&'a' UESCAPE x", `string "a" UESCAPE word x EOF`},
		{"E'\\n\\'\\x41\\u263A\\U0001F600\\101\\q' e''", `string "\n'A☺😀Aq" string "" EOF`},
		{"E'\\", `illegal E'\ EOF`},
		{"X'0aFF' x'1' X'gg'", "binary 0aff illegal x'1' illegal X'gg' EOF"},
		{"a--b\nc -- d", "word a word c EOF"},
		{"a/*b*/c/* /* */d", "word a word c word d EOF"},
		{"a /* b", "word a illegal /* b EOF"},
		{"/*+ OPTIONS('a'='b') */ * / */", "/*+ OPTIONS ( string \"a\" = string \"b\" ) */ * / * / EOF"},
		{"|| => <> != <= >= ( ) [ ] { } , ; . + - * / % = < > | ? :", "|| => <> != <= >= ( ) [ ] { } , ; . + - * / % = < > | ? : EOF"},
		{"ARRAY<ARRAY<INT>>", "ARRAY < ARRAY < INT > > EOF"},
		{"a==b :: -> ->> := && <=> << & ^ ~ ! # @ \\", "word a illegal == word b illegal :: illegal -> illegal ->> illegal := illegal && illegal <=> illegal << illegal & illegal ^ illegal ~ illegal ! illegal # illegal @ illegal \\ EOF"},
		{`"a" "b`, `illegal "a" illegal "b EOF`},
		{"'a", "illegal 'a EOF"},
		{"`a", "illegal `a EOF"},
		{"a\x00b\xff€", "word a illegal \x00 word b illegal \xff illegal € EOF"},
	}
	for _, test := range tests {
		var got []string
		for _, tok := range Lex(&diag.Text{Body: test.sql}) {
			got = append(got, show(tok))
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%q:\n got %s\nwant %s", test.sql, strings.Join(got, " "), test.want)
		}
	}
}

func TestIs(t *testing.T) {
	toks := Lex(&diag.Text{Body: "from `from` 'from' x"})
	if !toks[0].Is("FROM") || toks[1].Is("FROM") || toks[2].Is("FROM") || toks[3].Is("X") || toks[3].Is("") {
		t.Error("only the unquoted word is the keyword")
	}
	if toks[0].IsName() || !toks[1].IsName() || toks[2].IsName() || !toks[3].IsName() {
		t.Error("names are quoted, or not reserved")
	}
}

// FuzzLex checks that the tokens of any text lie in it one behind the other, and that an
// Illegal token, and no other, carries an error.
func FuzzLex(f *testing.F) {
	for _, s := range []string{"SELECT 'a', `b`, U&'\\0041' UESCAPE '!', E'\\x4' /*+ x */ -- y", "1e5.x||\"'", "/*"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		end := 0
		toks := Lex(&diag.Text{Body: sql})
		for i, tok := range toks {
			if tok.At.Start < end || tok.At.End < tok.At.Start || tok.At.End > len(sql) {
				t.Fatalf("token %d is at %v, the last one ended at %d", i, tok.At, end)
			}
			end = tok.At.End
			if (tok.Kind == Illegal) != (tok.Err != nil) || (tok.Kind == EOF) != (i == len(toks)-1) {
				t.Fatalf("token %d: %+v", i, tok)
			}
		}
	})
}
