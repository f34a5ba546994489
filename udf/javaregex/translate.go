package javaregex

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// translator reads a Java pattern and writes it for both engines at once. Case folding
// and what . stands for are written out, so that neither engine needs a flag.
type translator struct {
	src []rune
	i   int

	re2, net strings.Builder
	flags    flags
	groups   int
	names    map[string]int
	depth    int

	backtrack    bool // regexp2 is needed
	dollar       bool
	wordBoundary bool
}

// flags are Java's (?…) flags.
type flags struct{ fold, unicodeFold, dotAll, multiline, comments bool }

var errUnclosedGroup = errors.New("a group is not closed")

// maxDepth keeps nested groups from exhausting the stack.
const maxDepth = 200

func (t *translator) run() error {
	if err := t.alternatives(); err != nil {
		return err
	}
	if t.i < len(t.src) {
		return errors.New("unmatched )")
	}
	return nil
}

func (t *translator) more() bool { return t.i < len(t.src) }

func (t *translator) peek(s string) bool {
	for k, c := range []rune(s) {
		if t.i+k >= len(t.src) || t.src[t.i+k] != c {
			return false
		}
	}
	return true
}

func (t *translator) take(s string) bool {
	if t.peek(s) {
		t.i += len([]rune(s))
		return true
	}
	return false
}

func (t *translator) both(s string) {
	t.re2.WriteString(s)
	t.net.WriteString(s)
}

// backOnly writes what only regexp2 can do.
func (t *translator) backOnly(s string) {
	t.backtrack = true
	t.net.WriteString(s)
}

// alternatives reads up to a closing parenthesis or the end. Flags set inside hold to
// its end.
func (t *translator) alternatives() error {
	if t.depth++; t.depth > maxDepth {
		return errors.New("groups are nested too deep")
	}
	saved := t.flags
	for t.more() && t.src[t.i] != ')' {
		if t.take("|") {
			t.both("|")
			continue
		}
		if t.flags.comments && t.skipComment() {
			continue
		}
		if err := t.piece(); err != nil {
			return err
		}
	}
	t.flags = saved
	t.depth--
	return nil
}

func (t *translator) skipComment() bool {
	switch c := t.src[t.i]; {
	case c == '#':
		for t.more() && t.src[t.i] != '\n' {
			t.i++
		}
		return true
	case c == ' ' || c >= '\t' && c <= '\r':
		t.i++
		return true
	}
	return false
}

// piece reads an atom with its quantifier.
func (t *translator) piece() error {
	netAt := t.net.Len()
	quantifiable, err := t.atom()
	if err != nil {
		return err
	}
	q, ok := t.quantifier()
	if !ok {
		return nil
	}
	if !quantifiable {
		return errors.New("a quantifier follows nothing that it could repeat")
	}
	switch {
	case t.take("+"): // possessive
		t.backtrack = true
		atom := t.net.String()[netAt:]
		head := t.net.String()[:netAt]
		t.net.Reset()
		t.net.WriteString(head + "(?>" + atom + q + ")")
	case t.take("?"):
		t.both(q + "?")
	default:
		t.both(q)
	}
	return nil
}

func (t *translator) quantifier() (string, bool) {
	if !t.more() {
		return "", false
	}
	switch c := t.src[t.i]; c {
	case '*', '+', '?':
		t.i++
		return string(c), true
	case '{':
		end := t.i + 1
		for end < len(t.src) && t.src[end] != '}' {
			end++
		}
		body := string(t.src[t.i+1 : min(end, len(t.src))])
		low, high, comma := strings.Cut(body, ",")
		if end == len(t.src) || !isNumber(low) || comma && high != "" && !isNumber(high) {
			return "", false
		}
		t.i = end + 1
		return "{" + body + "}", true
	}
	return "", false
}

func isNumber(s string) bool {
	_, err := strconv.ParseUint(s, 10, 31)
	return err == nil
}

// atom reads one thing that a quantifier may follow, or an assertion.
func (t *translator) atom() (quantifiable bool, err error) {
	c := t.src[t.i]
	t.i++
	switch c {
	case '(':
		return true, t.group()
	case '[':
		set, err := t.class()
		if err != nil {
			return false, err
		}
		t.set(set)
		return true, nil
	case '\\':
		return t.escape()
	case '.':
		set := everything
		if !t.flags.dotAll {
			set = terminators.negate()
		}
		set.write(&t.re2, &t.net)
		return true, nil
	case '^':
		if t.flags.multiline {
			t.backOnly(`(?:\A|(?<=[\n\u0085\u2028\u2029]|\r(?!\n))(?!\z))`)
		} else {
			t.both(`\A`)
		}
		return false, nil
	case '$':
		t.endOfText(t.flags.multiline)
		return false, nil
	case '*', '+', '?':
		return false, fmt.Errorf("%c follows nothing that it could repeat", c)
	case '{':
		return false, errors.New("{ follows nothing that it could repeat; write \\{ for the character")
	}
	t.set(setOf([2]rune{c, c}))
	return true, nil
}

func (t *translator) endOfText(multiline bool) {
	if multiline {
		t.backOnly(`(?=\z|\r|[\u0085\u2028\u2029]|(?<!\r)\n)`)
		return
	}
	t.dollar = true
	t.re2.WriteString(`\z`)
	t.net.WriteString(`(?=(?:\r\n|(?<!\r)\n|[\r\u0085\u2028\u2029])?\z)`)
}

// set writes a class, folded where the flags say so.
func (t *translator) set(s runeSet) {
	if t.flags.fold {
		s = s.folded(t.flags.unicodeFold)
	}
	s.write(&t.re2, &t.net)
}

// group reads behind its opening parenthesis.
func (t *translator) group() error {
	switch {
	case t.take("?:"):
		t.both("(?:")
	case t.take("?="):
		t.backOnly("(?=")
	case t.take("?!"):
		t.backOnly("(?!")
	case t.take("?<="):
		t.backOnly("(?<=")
	case t.take("?<!"):
		t.backOnly("(?<!")
	case t.take("?>"):
		t.backOnly("(?>")
	case t.take("?<"):
		if err := t.groupName(); err != nil {
			return err
		}
	case t.take("?"):
		f, colon, err := t.readFlags()
		if err != nil {
			return err
		}
		if !colon { // to the end of the enclosing group
			t.flags = f
			t.both("(?:)")
			return nil
		}
		defer func(outer flags) { t.flags = outer }(t.flags)
		t.flags = f
		t.both("(?:")
	default:
		t.groups++
		t.both("(")
	}
	if err := t.alternatives(); err != nil {
		return err
	}
	if !t.take(")") {
		return errUnclosedGroup
	}
	t.both(")")
	return nil
}
