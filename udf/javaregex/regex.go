// Package javaregex matches Java's regular expressions, which Flink's functions take.
//
// A pattern is parsed once and written out twice: for Go's regexp package, which is
// linear in the text, where the two agree; and for regexp2 (backtracking, with look-around,
// back-references and possessive quantifiers) for the rest. Which rows the first may
// answer is part of the compiled pattern: a $ in it, for example, means another thing to
// Java only where the text ends in a line terminator. Matches by regexp2 that take longer
// than a second are an error.
//
// In front of package regexp stands a small matcher of our own (machine), which is many
// times faster on the patterns that take log lines apart; where it would backtrack too
// much it gives up, and package regexp answers.
//
// Enter at Compile.
package javaregex

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"time"
	"unicode/utf8"
	"unsafe"

	"github.com/dlclark/regexp2"
)

// matchTimeout bounds backtracking on one text.
const matchTimeout = time.Second

// Regexp is a compiled pattern. It is for one goroutine.
type Regexp struct {
	pattern string
	groups  int

	linear   *regexp.Regexp // nil where only backtracking will do
	quick    *machine       // like linear, but may give up; nil for patterns that it does not know
	empty    bool           // may match the empty string
	ascii    bool           // linear is right for ASCII texts only
	noEOL    bool           // linear is right for texts that end in no line terminator only
	fallback string         // for regexp2
	back     *regexp2.Regexp

	offsets []int // of the runes of the text at hand, for back
	runes   []rune
}

// Compile parses a pattern; the error says what is wrong with it.
func Compile(pattern string) (*Regexp, error) {
	t := translator{src: []rune(pattern)}
	if err := t.run(); err != nil {
		return nil, fmt.Errorf("invalid regular expression '%s': %w", pattern, err)
	}
	r := &Regexp{pattern: pattern, groups: t.groups, ascii: t.wordBoundary, noEOL: t.dollar, fallback: t.net.String()}
	if !t.backtrack {
		if tree, err := syntax.Parse(t.re2.String(), syntax.Perl); err == nil && !loopsOverEmpty(tree) {
			r.linear, _ = regexp.Compile(t.re2.String())
			r.empty = canBeEmpty(tree)
			if p := newProgram(tree.Simplify()); p != nil {
				r.quick = &machine{program: p}
			}
		}
	}
	if r.linear == nil {
		if err := r.compileBack(); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (r *Regexp) compileBack() error {
	re, err := regexp2.Compile(r.fallback, regexp2.None)
	if err != nil {
		return fmt.Errorf("invalid regular expression '%s': %w", r.pattern, err)
	}
	re.MatchTimeout = matchTimeout
	r.back = re
	return nil
}

// Groups gives the number of capturing groups.
func (r *Regexp) Groups() int { return r.groups }

// Match reports whether some part of s matches.
func (r *Regexp) Match(s []byte) (bool, error) {
	if r.isLinear(s) {
		if r.quick != nil {
			if _, v := r.quick.find(s, 0); v != gaveUp {
				return v == matched, nil
			}
		}
		return r.linear.Match(s), nil
	}
	m, err := r.first(s)
	return m != nil, err
}

// Find gives the first match: begin and end of the whole and of each group, -1 where the
// group took no part; nil where nothing matches. The result is valid till the next call.
func (r *Regexp) Find(s []byte) ([]int, error) {
	if r.isLinear(s) {
		if r.quick != nil {
			if loc, v := r.quick.find(s, 0); v != gaveUp {
				return loc, nil
			}
		}
		return r.linear.FindSubmatchIndex(s), nil
	}
	m, err := r.first(s)
	if m == nil {
		return nil, err
	}
	return r.locations(m), nil
}

// Each calls f with every match, one behind the other, until it gives false.
func (r *Regexp) Each(s []byte, f func(loc []int) bool) error {
	if r.isLinear(s) && !r.empty {
		r.eachLinear(s, f)
		return nil
	}
	m, err := r.first(s)
	for m != nil && err == nil {
		if !f(r.locations(m)) {
			return nil
		}
		m, err = r.back.FindNextMatch(m)
	}
	return err
}

// eachLinear is Each for expressions that do not match the empty string.
func (r *Regexp) eachLinear(s []byte, f func(loc []int) bool) {
	done := 0
	for at := 0; r.quick != nil; done++ {
		loc, v := r.quick.find(s, at)
		if v == gaveUp {
			break
		}
		if v == noMatch || !f(loc) {
			return
		}
		at = loc[1]
	}
	for k, loc := range r.linear.FindAllSubmatchIndex(s, -1) {
		if k >= done && !f(loc) {
			return
		}
	}
}

// isLinear reports whether Go's regexp package gives Java's answer for s.
func (r *Regexp) isLinear(s []byte) bool {
	if r.linear == nil || r.noEOL && endsInTerminator(s) {
		return false
	}
	return !r.ascii || isASCII(s)
}

// endsInTerminator looks at the last byte only: U+0085 ends in 0x85, U+2028 and U+2029
// in 0xA8 and 0xA9.
func endsInTerminator(s []byte) bool {
	if len(s) == 0 {
		return false
	}
	switch s[len(s)-1] {
	case '\n', '\r', 0x85, 0xA8, 0xA9:
		return true
	}
	return false
}

func isASCII(s []byte) bool {
	for _, c := range s {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// first runs the backtracking matcher over s.
func (r *Regexp) first(s []byte) (*regexp2.Match, error) {
	if r.back == nil {
		if err := r.compileBack(); err != nil {
			return nil, err
		}
	}
	r.offsets, r.runes = r.offsets[:0], r.runes[:0]
	for i, c := range unsafe.String(unsafe.SliceData(s), len(s)) {
		r.offsets, r.runes = append(r.offsets, i), append(r.runes, c)
	}
	r.offsets = append(r.offsets, len(s))
	m, err := r.back.FindRunesMatch(r.runes)
	if err != nil {
		return nil, fmt.Errorf("the regular expression '%s' takes more than %v on one value", r.pattern, matchTimeout)
	}
	return m, nil
}

// locations turns runes' places into bytes'.
func (r *Regexp) locations(m *regexp2.Match) []int {
	loc := make([]int, 0, 2*(r.groups+1))
	for k := range r.groups + 1 {
		g := m.GroupByNumber(k)
		if g == nil || len(g.Captures) == 0 {
			loc = append(loc, -1, -1)
			continue
		}
		loc = append(loc, r.offsets[g.Index], r.offsets[g.Index+g.Length])
	}
	return loc
}

// loopsOverEmpty reports a loop whose body can match nothing: there the two engines do
// not always capture the same.
func loopsOverEmpty(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpStar, syntax.OpPlus, syntax.OpRepeat:
		if canBeEmpty(re.Sub[0]) {
			return true
		}
	}
	for _, sub := range re.Sub {
		if loopsOverEmpty(sub) {
			return true
		}
	}
	return false
}

func canBeEmpty(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpLiteral:
		return len(re.Rune) == 0
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL, syntax.OpNoMatch:
		return false
	case syntax.OpStar, syntax.OpQuest:
		return true
	case syntax.OpRepeat:
		return re.Min == 0 || canBeEmpty(re.Sub[0])
	case syntax.OpPlus, syntax.OpCapture:
		return canBeEmpty(re.Sub[0])
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			if !canBeEmpty(sub) {
				return false
			}
		}
		return true
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			if canBeEmpty(sub) {
				return true
			}
		}
		return false
	}
	return true // assertions
}
