// Package token splits Flink SQL text into tokens by the rules of Flink's lexer
// (Calcite's Lex.JAVA): identifiers keep their case and are quoted with backticks,
// strings stand in single quotes, a backslash is an ordinary character.
//
// Lex is the only entry. It accepts any text: what is no token of the dialect comes
// out as an Illegal token that carries its own error, so that the parser, which
// knows whether the place matters, decides when to report it.
package token

import "github.com/weirstream/weir/sql/diag"

// Kind is the lexical class of a token.
type Kind uint8

// The classes.
const (
	EOF     Kind = iota
	Word         // an unquoted identifier or keyword
	Quoted       // `an identifier in backticks`
	Number       // 12, 1.50, .5, 1e-3
	String       // 'x', U&'\263A', E'\n'
	Binary       // X'0aff'
	Symbol       // operators and punctuation
	Hint         // the opening /*+ of a hint; its closing */ is a Symbol
	Illegal      // no token of the dialect; Err says why
)

// Token is one token of a text.
type Token struct {
	Kind Kind
	At   diag.Span
	// Text is the token's value: an identifier without its quotes, a string with its
	// escapes resolved, the bytes of a Binary; for the other kinds what was written.
	Text string
	// Keyword is the upper-case form of a Word that the dialect knows, else "".
	Keyword string
	Err     *diag.Error // for Illegal
}

// Is reports whether the token is the symbol or, in upper case, the keyword s.
func (t *Token) Is(s string) bool {
	switch t.Kind {
	case Word:
		return t.Keyword == s && s != ""
	case Symbol, Hint:
		return t.Text == s
	}
	return false
}

// IsName reports whether the token can stand as an identifier as it is: quoted, or a
// word that is not reserved.
func (t *Token) IsName() bool {
	return t.Kind == Quoted || t.Kind == Word && !Reserved(t.Keyword)
}
