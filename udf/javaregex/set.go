package javaregex

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// A runeSet is a set of characters: sorted, disjoint, inclusive ranges. Java's classes
// are computed to sets, with intersections and nesting, and written out as plain ranges.
type runeSet [][2]rune

func setOf(ranges ...[2]rune) runeSet { return runeSet(ranges).normal() }

func (s runeSet) normal() runeSet {
	s = slices.Clone(s)
	slices.SortFunc(s, func(a, b [2]rune) int { return int(a[0]) - int(b[0]) })
	out := s[:0]
	for _, r := range s {
		if n := len(out); n > 0 && r[0] <= out[n-1][1]+1 {
			out[n-1][1] = max(out[n-1][1], r[1])
			continue
		}
		out = append(out, r)
	}
	return out
}

func (s runeSet) union(o runeSet) runeSet { return append(slices.Clone(s), o...).normal() }

func (s runeSet) negate() runeSet {
	var out runeSet
	next := rune(0)
	for _, r := range s {
		if r[0] > next {
			out = append(out, [2]rune{next, r[0] - 1})
		}
		next = r[1] + 1
	}
	if next <= unicode.MaxRune {
		out = append(out, [2]rune{next, unicode.MaxRune})
	}
	return out
}

func (s runeSet) intersect(o runeSet) runeSet { return s.negate().union(o.negate()).negate() }

// folded adds the other case of each letter: of ASCII letters, as Java's flag i does, or
// of all (flags i and u).
func (s runeSet) folded(all bool) runeSet {
	out := slices.Clone(s)
	for _, r := range s {
		if low, high := max(r[0], 'a'), min(r[1], 'z'); low <= high {
			out = append(out, [2]rune{low - 32, high - 32})
		}
		if low, high := max(r[0], 'A'), min(r[1], 'Z'); low <= high {
			out = append(out, [2]rune{low + 32, high + 32})
		}
		if !all || r[1]-r[0] > 1<<12 {
			continue
		}
		for c := r[0]; c <= r[1]; c++ {
			for f := unicode.SimpleFold(c); f != c; f = unicode.SimpleFold(f) {
				out = append(out, [2]rune{f, f})
			}
		}
	}
	return out.normal()
}

func fromTable(t *unicode.RangeTable) runeSet {
	var out runeSet
	add := func(lo, hi, stride rune) {
		if stride == 1 {
			out = append(out, [2]rune{lo, hi})
			return
		}
		for c := lo; c <= hi; c += stride {
			out = append(out, [2]rune{c, c})
		}
	}
	for _, r := range t.R16 {
		add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
	}
	for _, r := range t.R32 {
		add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
	}
	return out.normal()
}

// The named classes.
var (
	digits      = setOf([2]rune{'0', '9'})
	wordChars   = setOf([2]rune{'0', '9'}, [2]rune{'A', 'Z'}, [2]rune{'a', 'z'}, [2]rune{'_', '_'})
	spaces      = setOf([2]rune{'\t', '\r'}, [2]rune{' ', ' '})
	horizontal  = setOf([2]rune{'\t', '\t'}, [2]rune{' ', ' '}, [2]rune{0xA0, 0xA0}, [2]rune{0x1680, 0x1680}, [2]rune{0x180e, 0x180e}, [2]rune{0x2000, 0x200a}, [2]rune{0x202f, 0x202f}, [2]rune{0x205f, 0x205f}, [2]rune{0x3000, 0x3000})
	vertical    = setOf([2]rune{'\n', '\r'}, [2]rune{0x85, 0x85}, [2]rune{0x2028, 0x2029})
	terminators = setOf([2]rune{'\n', '\n'}, [2]rune{'\r', '\r'}, [2]rune{0x85, 0x85}, [2]rune{0x2028, 0x2029})
	everything  = setOf([2]rune{0, unicode.MaxRune})
)

var escapeClasses = map[rune]runeSet{
	'd': digits, 'D': digits.negate(), 'w': wordChars, 'W': wordChars.negate(), 's': spaces, 'S': spaces.negate(),
	'h': horizontal, 'H': horizontal.negate(), 'v': vertical, 'V': vertical.negate(),
}

var posixClasses = map[string]runeSet{
	"Lower": setOf([2]rune{'a', 'z'}), "Upper": setOf([2]rune{'A', 'Z'}), "ASCII": setOf([2]rune{0, 127}),
	"Alpha": setOf([2]rune{'a', 'z'}, [2]rune{'A', 'Z'}), "Digit": digits,
	"Alnum": setOf([2]rune{'a', 'z'}, [2]rune{'A', 'Z'}, [2]rune{'0', '9'}),
	"Punct": setOf([2]rune{'!', '/'}, [2]rune{':', '@'}, [2]rune{'[', '`'}, [2]rune{'{', '~'}),
	"Graph": setOf([2]rune{'!', '~'}), "Print": setOf([2]rune{' ', '~'}), "Blank": setOf([2]rune{' ', ' '}, [2]rune{'\t', '\t'}),
	"Cntrl": setOf([2]rune{0, 31}, [2]rune{127, 127}), "XDigit": setOf([2]rune{'0', '9'}, [2]rune{'a', 'f'}, [2]rune{'A', 'F'}),
	"Space": spaces,
}

// property finds \p{name}.
func property(name string) (runeSet, error) {
	if s, ok := posixClasses[name]; ok {
		return s, nil
	}
	for _, prefix := range []string{"Is", "general_category=", "gc=", "script=", "sc="} {
		name = strings.TrimPrefix(name, prefix)
	}
	switch name {
	case "javaLowerCase", "Lowercase":
		return fromTable(unicode.Lower), nil
	case "javaUpperCase", "Uppercase":
		return fromTable(unicode.Upper), nil
	case "Alphabetic", "javaLetter":
		return fromTable(unicode.Letter), nil
	case "javaDigit":
		return fromTable(unicode.Digit), nil
	case "javaWhitespace", "White_Space":
		return fromTable(unicode.White_Space), nil
	}
	if t, ok := unicode.Categories[name]; ok {
		return fromTable(t), nil
	}
	if t, ok := unicode.Scripts[name]; ok {
		return fromTable(t), nil
	}
	return nil, fmt.Errorf("unknown character property {%s}", name)
}

// write gives the set as a class of Go's regexp and of regexp2.
func (s runeSet) write(re2, net *strings.Builder) {
	if len(s) == 0 { // matches nothing
		re2.WriteString(`[^\x00-\x{10FFFF}]`)
		net.WriteString(`(?!)`)
		return
	}
	re2.WriteByte('[')
	net.WriteByte('[')
	for _, r := range s {
		fmt.Fprintf(re2, `\x{%X}`, r[0])
		writeNet(net, r[0])
		if r[1] > r[0] {
			fmt.Fprintf(re2, `-\x{%X}`, r[1])
			net.WriteByte('-')
			writeNet(net, r[1])
		}
	}
	re2.WriteByte(']')
	net.WriteByte(']')
}

// writeNet writes one character for regexp2, which has no escapes past four digits.
func writeNet(net *strings.Builder, c rune) {
	if c <= 0xFFFF {
		fmt.Fprintf(net, `\u%04X`, c)
		return
	}
	net.WriteRune(c)
}
