package javaregex

import (
	"errors"
	"fmt"
	"strconv"
)

var errEscape = errors.New("a backslash ends the pattern")

// readFlags reads behind (? up to ) or :, and reports whether it was the colon.
func (t *translator) readFlags() (f flags, colon bool, err error) {
	f = t.flags
	on := true
	for t.more() {
		c := t.src[t.i]
		t.i++
		switch c {
		case ')':
			return f, false, nil
		case ':':
			return f, true, nil
		case '-':
			on = false
		case 'i':
			f.fold = on
		case 'u', 'U':
			f.unicodeFold = on
		case 's':
			f.dotAll = on
		case 'm':
			f.multiline = on
		case 'x':
			f.comments = on
		default:
			return f, false, fmt.Errorf("unknown group or flag (?%c", c)
		}
	}
	return f, false, errUnclosedGroup
}

// groupName reads behind (?<. Named groups are numbered among the others, as in Java.
func (t *translator) groupName() error {
	start := t.i
	for t.more() && t.src[t.i] != '>' {
		t.i++
	}
	name := string(t.src[start:t.i])
	if !t.take(">") || name == "" {
		return errors.New("a group's name is not closed by >")
	}
	t.groups++
	if t.names == nil {
		t.names = map[string]int{}
	}
	if _, ok := t.names[name]; ok {
		return fmt.Errorf("two groups are named %s", name)
	}
	t.names[name] = t.groups
	t.both("(")
	return nil
}

// escape reads behind a backslash, outside of a class.
func (t *translator) escape() (quantifiable bool, err error) {
	if !t.more() {
		return false, errEscape
	}
	c := t.src[t.i]
	switch c {
	case 'b', 'B':
		t.i++
		t.wordBoundary = true
		t.both(`\` + string(c))
		return false, nil
	case 'A', 'z':
		t.i++
		t.both(`\` + string(c))
		return false, nil
	case 'Z':
		t.i++
		t.endOfText(false)
		return false, nil
	case 'G':
		t.i++
		t.backOnly(`\G`)
		return false, nil
	case 'R':
		t.i++
		t.backOnly(`(?:\r\n|[\n-\r\u0085\u2028\u2029])`)
		return true, nil
	case 'Q':
		t.i++
		t.quote(func(r rune) { t.set(setOf([2]rune{r, r})) })
		return true, nil
	case 'k':
		return true, t.namedReference()
	}
	if c >= '1' && c <= '9' {
		return true, t.reference()
	}
	set, err := t.escapedSet()
	if err != nil {
		return false, err
	}
	t.set(set)
	return true, nil
}

// quote gives the characters up to \E.
func (t *translator) quote(f func(rune)) {
	for t.more() && !t.take(`\E`) {
		f(t.src[t.i])
		t.i++
	}
}

func (t *translator) reference() error {
	n := 0
	for t.more() && t.src[t.i] >= '0' && t.src[t.i] <= '9' {
		if next := n*10 + int(t.src[t.i]-'0'); n > 0 && next > t.groups {
			break
		} else {
			n = next
		}
		t.i++
	}
	if n > t.groups {
		t.backOnly(`(?!)`) // a group that is not there never matches
		return nil
	}
	t.backOnly(`(?:\` + strconv.Itoa(n) + `)`)
	return nil
}

func (t *translator) namedReference() error {
	t.i++
	if !t.take("<") {
		return errors.New(`\k is followed by the group's name in < >`)
	}
	start := t.i
	for t.more() && t.src[t.i] != '>' {
		t.i++
	}
	n, ok := t.names[string(t.src[start:t.i])]
	if !t.take(">") || !ok {
		return fmt.Errorf(`\k names no group`)
	}
	t.backOnly(`(?:\` + strconv.Itoa(n) + `)`)
	return nil
}

// escapedSet reads an escape that stands for characters, behind its backslash.
func (t *translator) escapedSet() (runeSet, error) {
	if !t.more() {
		return nil, errEscape
	}
	c := t.src[t.i]
	t.i++
	if s, ok := escapeClasses[c]; ok {
		return s, nil
	}
	one := func(r rune) (runeSet, error) { return setOf([2]rune{r, r}), nil }
	switch c {
	case 'n':
		return one('\n')
	case 't':
		return one('\t')
	case 'r':
		return one('\r')
	case 'f':
		return one('\f')
	case 'a':
		return one('\a')
	case 'e':
		return one(0x1B)
	case 'c':
		if !t.more() {
			return nil, errEscape
		}
		t.i++
		return one(t.src[t.i-1] ^ 64)
	case '0':
		return t.octal()
	case 'x', 'u':
		r, err := t.hex(c)
		if err != nil {
			return nil, err
		}
		return one(r)
	case 'p', 'P':
		return t.property(c == 'P')
	}
	if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
		return nil, fmt.Errorf(`unknown escape \%c`, c)
	}
	return one(c)
}

func (t *translator) octal() (runeSet, error) {
	n, k := rune(0), 0
	for ; k < 3 && t.more() && t.src[t.i] >= '0' && t.src[t.i] <= '7' && n*8+t.src[t.i]-'0' <= 0o377; k++ {
		n = n*8 + t.src[t.i] - '0'
		t.i++
	}
	if k == 0 {
		return nil, errors.New(`\0 is followed by octal digits`)
	}
	return setOf([2]rune{n, n}), nil
}

// hex reads xhh, x{h…} or uhhhh behind its letter.
func (t *translator) hex(kind rune) (rune, error) {
	width := 2
	if kind == 'u' {
		width = 4
	}
	from, to := t.i, t.i+width
	if kind == 'x' && t.take("{") {
		from = t.i
		for to = from; to < len(t.src) && t.src[to] != '}'; to++ {
		}
		t.i = to + 1
	} else {
		t.i = to
	}
	if to > len(t.src) {
		return 0, fmt.Errorf(`\%c is followed by hexadecimal digits`, kind)
	}
	n, err := strconv.ParseUint(string(t.src[from:to]), 16, 32)
	if err != nil || n > 0x10FFFF {
		return 0, fmt.Errorf(`\%c is followed by hexadecimal digits`, kind)
	}
	return rune(n), nil
}

// property reads {name} or a letter behind p or P.
func (t *translator) property(negated bool) (runeSet, error) {
	name := ""
	if t.take("{") {
		start := t.i
		for t.more() && t.src[t.i] != '}' {
			t.i++
		}
		name = string(t.src[start:t.i])
		if !t.take("}") {
			return nil, errors.New(`\p{ is not closed`)
		}
	} else if t.more() {
		name = string(t.src[t.i])
		t.i++
	}
	s, err := property(name)
	if negated {
		s = s.negate()
	}
	return s, err
}
