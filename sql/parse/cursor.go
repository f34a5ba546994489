package parse

import (
	"strings"

	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/token"
)

// maxDepth bounds how deep brackets, subqueries, types and patterns may nest.
const maxDepth = 500

// parser is a cursor over the tokens of a text. The first error sticks in err and puts the
// cursor on EOF, where nothing is accepted any more; so callers need not look at err
// between steps, and what they build after an error is thrown away.
type parser struct {
	text  *diag.Text
	toks  []token.Token // the last one is EOF
	pos   int
	first int // where the present statement starts
	depth int
	err   error
	mysql *mysqlParser // made when first needed

	// recovers makes the parser go on behind a wrong statement (recover.go).
	recovers bool
	failedAt int // where the cursor was at the first error
	wrong    []Wrong

	// tried are the phrases that were not found at toks[triedAt]: what could have stood
	// there. Errors are made from them.
	tried   []string
	triedAt int
	// bareAlias is the position of the last alias written without AS, which may in truth
	// be a misspelt keyword.
	bareAlias int
}

func newParser(text *diag.Text) *parser {
	return &parser{text: text, toks: token.Lex(text), bareAlias: -1}
}

// peek is the token at the cursor.
func (p *parser) peek() *token.Token { return &p.toks[p.pos] }

// ahead is the token i places behind the cursor, EOF at the end.
func (p *parser) ahead(i int) *token.Token { return &p.toks[min(p.pos+i, len(p.toks)-1)] }

// next takes the token at the cursor.
func (p *parser) next() *token.Token {
	t := p.peek()
	if t.Kind != token.EOF {
		p.pos++
	}
	return t
}

// at reports whether the phrase, keywords and symbols separated by blanks, stands at the
// cursor.
func (p *parser) at(phrase string) bool { return p.match(p.pos, phrase) > 0 }

// match is the number of tokens of the phrase if it stands at position i, else 0.
func (p *parser) match(i int, phrase string) int {
	for n := 1; ; n++ {
		word, rest, more := strings.Cut(phrase, " ")
		if i >= len(p.toks) || !p.toks[i].Is(word) {
			return 0
		}
		if !more {
			return n
		}
		i, phrase = i+1, rest
	}
}

// accept takes the phrase if it stands at the cursor.
func (p *parser) accept(phrase string) bool {
	n := p.match(p.pos, phrase)
	if n == 0 {
		p.try(phrase)
		return false
	}
	p.pos += n
	return true
}

// acceptAny takes one of the phrases and returns it, or "".
func (p *parser) acceptAny(phrases ...string) string {
	for _, s := range phrases {
		if p.accept(s) {
			return s
		}
	}
	return ""
}

// try notes that the phrase could stand at the cursor.
func (p *parser) try(phrase string) {
	if p.triedAt != p.pos {
		p.tried, p.triedAt = p.tried[:0], p.pos
	}
	p.tried = append(p.tried, phrase)
}

// expect takes the phrase or fails.
func (p *parser) expect(phrase string) {
	if !p.accept(phrase) {
		p.unexpected(phrase)
	}
}

// expectAny takes one of the phrases and returns it, or fails.
func (p *parser) expectAny(phrases ...string) string {
	s := p.acceptAny(phrases...)
	if s == "" {
		p.unexpected(alternatives(phrases))
	}
	return s
}

// end fails unless the cursor is at the end of the text.
func (p *parser) end() {
	if p.peek().Kind != token.EOF {
		p.unexpected("")
	}
}

// fail notes the first error and puts the cursor on EOF.
func (p *parser) fail(err error) {
	if p.err == nil {
		p.err, p.failedAt = err, p.pos
	}
	p.pos = len(p.toks) - 1
}

// ok reports that there is no error yet.
func (p *parser) ok() bool { return p.err == nil }

// enter counts one level of nesting and fails when there are too many; leave goes back.
func (p *parser) enter() {
	if p.depth++; p.depth > maxDepth {
		p.fail(diag.Errorf(p.peek().At, "this is nested more than %d levels deep", maxDepth))
	}
}

func (p *parser) leave() { p.depth-- }

// start is the offset of the token at the cursor.
func (p *parser) start() int { return p.peek().At.Start }

// since is the place from an offset to the end of the last token taken.
func (p *parser) since(start int) ast.Place {
	end := start
	if p.pos > 0 {
		end = max(end, p.toks[p.pos-1].At.End)
	}
	return ast.Place{At: diag.Span{Start: start, End: end}}
}

// list reads one or more items separated by commas.
func (p *parser) list(item func()) {
	item()
	for p.accept(",") {
		item()
	}
}

// parens reads ( item, item, … ), at least one item.
func (p *parser) parens(item func()) {
	p.expect("(")
	p.list(item)
	p.expect(")")
}
