package parse

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/token"
)

// anOperator is tried where an expression may go on.
const anOperator = "an operator"

// operatorWords are the operators that a misspelt word is compared with.
const operatorWords = "AND OR LIKE BETWEEN SIMILAR ESCAPE"

// unexpected fails at the cursor: what was wanted there is said in the user's terms ("a
// table name", "FROM"), or taken from what was tried if it is "".
func (p *parser) unexpected(what string) {
	if p.err != nil {
		return
	}
	t := p.peek()
	if t.Kind == token.Illegal {
		p.fail(t.Err)
		return
	}
	if err := p.misspeltAlias(); err != nil {
		p.fail(err)
		return
	}
	if err := p.halfPhrase(); err != nil {
		p.fail(err)
		return
	}
	if err := p.unclosed(); err != nil {
		p.fail(err)
		return
	}
	if what == "" {
		what = p.triedList()
	} else if isSymbol(what) {
		what = quoteSymbol(what)
	}
	msg := "unexpected " + describe(t)
	if what != "" {
		msg = "expected " + what + ", found " + describe(t)
	}
	p.fail(&diag.Error{Span: t.At, Msg: msg, Hint: p.hint(t)})
}

// describe names a token for a message.
func describe(t *token.Token) string {
	switch t.Kind {
	case token.EOF:
		return "the end of the text"
	case token.String:
		return "the string '" + shorten(t.Text) + "'"
	case token.Binary:
		return "a binary value"
	case token.Quoted:
		return "`" + shorten(t.Text) + "`"
	case token.Hint:
		return "a hint"
	}
	if t.Text == ";" {
		return "the end of the statement"
	}
	if isSymbol(t.Text) {
		return quoteSymbol(t.Text)
	}
	return shorten(t.Text)
}

// isSymbol reports a phrase of symbols, which messages quote.
func isSymbol(s string) bool { return s != "" && strings.Trim(s, "()[]{}<>,;.+-*/%=|?:!") == "" }

func quoteSymbol(s string) string { return `"` + s + `"` }

func shorten(s string) string {
	const limit = 30
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	return string([]rune(s)[:limit]) + "…"
}

// misspeltAlias finds FROM t WHER x: a word before the cursor was taken for an alias, but
// is close to a keyword that could have stood there.
func (p *parser) misspeltAlias() *diag.Error {
	if p.bareAlias < 0 || p.bareAlias != p.pos-1 {
		return nil
	}
	t := &p.toks[p.bareAlias]
	if t.Kind != token.Word || t.Keyword != "" {
		return nil
	}
	if k := closest(t.Text, append(strings.Fields(operatorWords), clauseStarts...)); k != "" {
		return diag.Errorf(t.At, "unexpected %s", t.Text).WithHint("did you mean %s?", k)
	}
	return nil
}

// clauseStarts are the keywords that can follow a select item or a table.
var clauseStarts = []string{
	"FROM", "WHERE", "GROUP", "HAVING", "WINDOW", "QUALIFY", "ORDER", "LIMIT", "OFFSET", "FETCH", "UNION", "EXCEPT",
	"INTERSECT", "JOIN", "LEFT", "RIGHT", "FULL", "INNER", "CROSS", "NATURAL",
}

// halfPhrase finds the start of a phrase that could stand here, such as GROUP without BY.
func (p *parser) halfPhrase() *diag.Error {
	if p.triedAt != p.pos {
		return nil
	}
	for _, phrase := range p.tried {
		i := p.pos
		for word := range strings.SplitSeq(phrase, " ") {
			if !p.toks[i].Is(word) {
				if i > p.pos && p.toks[i-1].Kind == token.Word && p.toks[i].Kind != token.Illegal {
					return &diag.Error{
						Span: p.toks[i].At, Hint: suggestion(&p.toks[i], []string{word}),
						Msg: "expected " + word + " after " + p.toks[i-1].Text + ", found " + describe(&p.toks[i]),
					}
				}
				break
			}
			i++
		}
	}
	return nil
}

// unclosed finds the bracket that the statement ends without closing.
func (p *parser) unclosed() *diag.Error {
	if t := p.peek(); t.Kind != token.EOF && !t.Is(";") {
		return nil
	}
	open := p.openBracket()
	if open == nil {
		return nil
	}
	return diag.Errorf(open.At, "this %s is never closed", open.Text)
}

// openBracket is the innermost bracket of the statement that is open at the cursor.
func (p *parser) openBracket() *token.Token {
	var open []int
	for i := p.first; i < p.pos; i++ {
		switch t := &p.toks[i]; {
		case t.Kind != token.Symbol:
		case strings.Contains("([{", t.Text):
			open = append(open, i)
		case strings.Contains(")]}", t.Text) && len(open) > 0:
			open = open[:len(open)-1]
		}
	}
	if len(open) == 0 {
		return nil
	}
	return &p.toks[open[len(open)-1]]
}

// triedList says what was tried at the cursor, unless that is too much to read.
func (p *parser) triedList() string {
	if p.triedAt != p.pos {
		return ""
	}
	var out []string
	for _, s := range p.tried {
		if isSymbol(s) {
			s = quoteSymbol(s)
		}
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	if len(out) > 6 {
		return ""
	}
	return alternatives(out)
}

// alternatives joins phrases as in "A, B or C".
func alternatives(phrases []string) string {
	if len(phrases) < 2 {
		return strings.Join(phrases, "")
	}
	last := len(phrases) - 1
	return strings.Join(phrases[:last], ", ") + " or " + phrases[last]
}

// hint finds a next step for an unexpected token.
func (p *parser) hint(t *token.Token) string {
	if p.triedAt == p.pos {
		if s := suggestion(t, p.tried); s != "" {
			return s
		}
	}
	var before token.Token
	if p.pos > p.first {
		before = p.toks[p.pos-1]
	}
	switch {
	case t.Kind == token.EOF || t.Is(";"):
		return ""
	case p.unclosedText():
		open := p.toks[len(p.toks)-2]
		return open.Err.Msg + " at " + place(p.text.Position(open.At.Start)) + "; a quote inside of a string is written ''"
	case before.Is(",") && (t.Kind == token.Word && t.Keyword != "" || t.Is(")")):
		return "remove the comma before " + t.Text
	case t.Is("|"):
		return "write || to join strings; there are no bit operators in the dialect"
	case t.Is("?"):
		return "there are no statement parameters in the dialect: write the value itself"
	case p.triesAny(",") && startsOperand(t) && t.Keyword == "" && (before.Kind != token.Symbol || before.Is(")")):
		return "a comma may be missing before " + shorten(t.Text)
	case p.triesAny(")") && t.Kind == token.Word && p.openBracket() != nil:
		open := p.openBracket()
		at := p.text.Position(open.At.Start)
		return "the " + open.Text + " at " + place(at) + " is not closed"
	}
	return ""
}

func place(pos diag.Position) string {
	return "line " + strconv.Itoa(pos.Line) + ", column " + strconv.Itoa(pos.Column)
}

func (p *parser) triesAny(phrase string) bool {
	return p.triedAt == p.pos && slices.Contains(p.tried, phrase)
}

// startsOperand reports whether the token could be the first of a name or a value.
func startsOperand(t *token.Token) bool {
	switch t.Kind {
	case token.Number, token.String, token.Binary, token.Quoted:
		return true
	case token.Word:
		return !token.Reserved(t.Keyword)
	}
	return false
}

// suggestion gives "did you mean …?" for a word that is close to one of the phrases.
func suggestion(t *token.Token, phrases []string) string {
	if t.Kind != token.Word || token.Reserved(t.Keyword) {
		return ""
	}
	var firsts []string
	for _, s := range phrases {
		word, _, _ := strings.Cut(s, " ")
		if s == anOperator {
			firsts = append(firsts, strings.Fields(operatorWords)...)
		} else {
			firsts = append(firsts, word)
		}
	}
	if k := closest(t.Text, firsts); k != "" {
		return "did you mean " + k + "?"
	}
	return ""
}
