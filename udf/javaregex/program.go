package javaregex

import (
	"regexp/syntax"
	"slices"
	"unicode"
	"unicode/utf8"
)

// A program is a pattern compiled for the machine of this package: a backtracking matcher
// over bytes that is several times faster than package regexp on the short patterns of
// log lines, because a loop over a class whose successor cannot begin with that class
// never backtracks, and nothing is allocated.
type program struct {
	insts []inst
	saves int // 2 for the whole and 2 for each group
	// What a match begins with, to skip to its places: a literal, or else one of a set of bytes.
	prefix   []byte
	first    *[256]bool
	only     int  // the one byte of first, or -1
	orBegin  bool // or it begins with anything where the text begins
	anchored bool // begins with \A
}

type opcode uint8

const (
	opLiteral    opcode = iota // text
	opSet                      // one character of set
	opLoop                     // min to max characters of set
	opSplit                    // try x, then y
	opJump                     // to x
	opSave                     // the place into slot x
	opBegin                    // \A
	opEnd                      // \z
	opBoundary                 // \b, of ASCII
	opNoBoundary               // \B
	opFail
	opMatch
)

type inst struct {
	op       opcode
	lazy     bool
	fixed    bool // opLoop: giving characters back cannot help
	x, y     int32
	min, max int32 // max -1: no end
	text     []byte
	set      *charSet
}

// charSet is a set of characters with a table for the ASCII ones.
type charSet struct {
	ascii [utf8.RuneSelf]bool
	rest  runeSet // those past ASCII
	all   runeSet
}

func newCharSet(s runeSet) *charSet {
	c := &charSet{all: s}
	for _, r := range s {
		for b := r[0]; b <= min(r[1], utf8.RuneSelf-1); b++ {
			c.ascii[b] = true
		}
		if r[1] >= utf8.RuneSelf {
			c.rest = append(c.rest, [2]rune{max(r[0], utf8.RuneSelf), r[1]})
		}
	}
	return c
}

func (c *charSet) has(r rune) bool {
	_, ok := slices.BinarySearchFunc(c.rest, r, func(s [2]rune, r rune) int {
		switch {
		case s[1] < r:
			return -1
		case s[0] > r:
			return 1
		}
		return 0
	})
	return ok
}

// maxInsts bounds programs; patterns that need more stay with package regexp.
const maxInsts = 2000

// newProgram compiles a simplified tree; nil where the pattern has something that the
// machine does not know.
func newProgram(re *syntax.Regexp) *program {
	p := &program{saves: 2 * (re.MaxCap() + 1)}
	p.emit(inst{op: opSave, x: 0})
	if !p.compile(re) || len(p.insts) > maxInsts {
		return nil
	}
	p.emit(inst{op: opSave, x: 1})
	p.emit(inst{op: opMatch})
	for i := range p.insts {
		if in := &p.insts[i]; in.op == opLoop && !in.lazy {
			in.fixed = p.disjoint(in.set, i+1)
		}
	}
	p.findStart()
	return p
}

func (p *program) emit(i inst) int {
	p.insts = append(p.insts, i)
	return len(p.insts) - 1
}

func (p *program) here() int32 { return int32(len(p.insts)) }

func (p *program) compile(re *syntax.Regexp) bool {
	if len(p.insts) > maxInsts {
		return false
	}
	if s, ok := singleSet(re); ok {
		p.emit(inst{op: opSet, set: newCharSet(s)})
		return true
	}
	switch re.Op {
	case syntax.OpEmptyMatch:
	case syntax.OpNoMatch:
		p.emit(inst{op: opFail})
	case syntax.OpLiteral:
		p.literal(re)
	case syntax.OpBeginText:
		p.emit(inst{op: opBegin})
	case syntax.OpEndText:
		p.emit(inst{op: opEnd})
	case syntax.OpWordBoundary:
		p.emit(inst{op: opBoundary})
	case syntax.OpNoWordBoundary:
		p.emit(inst{op: opNoBoundary})
	case syntax.OpCapture:
		p.emit(inst{op: opSave, x: int32(2 * re.Cap)})
		ok := p.compile(re.Sub[0])
		p.emit(inst{op: opSave, x: int32(2*re.Cap + 1)})
		return ok
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			if !p.compile(sub) {
				return false
			}
		}
	case syntax.OpAlternate:
		return p.alternate(re.Sub)
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest:
		return p.repeat(re)
	default:
		return false
	}
	return true
}

// literal compiles text. Package syntax makes a folded literal of classes such as [Aa]
// that hold all cases of their letter.
func (p *program) literal(re *syntax.Regexp) {
	if re.Flags&syntax.FoldCase == 0 {
		p.emit(inst{op: opLiteral, text: []byte(string(re.Rune))})
		return
	}
	for _, r := range re.Rune {
		p.emit(inst{op: opSet, set: newCharSet(setOf([2]rune{r, r}).folded(true))})
	}
}

// singleSet gives the set that a node of one character matches.
func singleSet(re *syntax.Regexp) (runeSet, bool) {
	switch re.Op {
	case syntax.OpCharClass:
		var s runeSet
		for i := 0; i < len(re.Rune); i += 2 {
			s = append(s, [2]rune{re.Rune[i], re.Rune[i+1]})
		}
		return s.normal(), true
	case syntax.OpAnyChar:
		return everything, true
	case syntax.OpAnyCharNotNL:
		return setOf([2]rune{0, '\n' - 1}, [2]rune{'\n' + 1, unicode.MaxRune}), true
	}
	return nil, false
}

func (p *program) alternate(subs []*syntax.Regexp) bool {
	var ends []int
	for k, sub := range subs {
		if k == len(subs)-1 {
			if !p.compile(sub) {
				return false
			}
			break
		}
		split := p.emit(inst{op: opSplit, x: p.here() + 1})
		if !p.compile(sub) {
			return false
		}
		ends = append(ends, p.emit(inst{op: opJump}))
		p.insts[split].y = p.here()
	}
	for _, e := range ends {
		p.insts[e].x = p.here()
	}
	return true
}

func (p *program) repeat(re *syntax.Regexp) bool {
	lazy := re.Flags&syntax.NonGreedy != 0
	sub := re.Sub[0]
	if s, ok := loopSet(sub); ok {
		in := inst{op: opLoop, set: newCharSet(s), lazy: lazy, max: -1}
		switch re.Op {
		case syntax.OpPlus:
			in.min = 1
		case syntax.OpQuest:
			in.max = 1
		}
		p.emit(in)
		return true
	}
	start := p.here()
	split := -1
	if re.Op != syntax.OpPlus {
		split = p.emit(inst{op: opSplit})
	}
	body := p.here()
	if !p.compile(sub) {
		return false
	}
	switch re.Op {
	case syntax.OpStar:
		p.emit(inst{op: opJump, x: start})
	case syntax.OpPlus:
		split = p.emit(inst{op: opSplit})
		body = start
	}
	p.insts[split].x, p.insts[split].y = body, p.here()
	if lazy {
		p.insts[split].x, p.insts[split].y = p.insts[split].y, p.insts[split].x
	}
	return true
}

// loopSet is singleSet, and a literal of one character.
func loopSet(re *syntax.Regexp) (runeSet, bool) {
	if re.Op == syntax.OpLiteral && len(re.Rune) == 1 {
		s := setOf([2]rune{re.Rune[0], re.Rune[0]})
		if re.Flags&syntax.FoldCase != 0 {
			s = s.folded(true)
		}
		return s, true
	}
	return singleSet(re)
}

// disjoint reports whether what begins at instruction i can never match a character of
// the set, or accepts wherever the loop before it ends.
func (p *program) disjoint(set *charSet, i int) bool {
	for ; i < len(p.insts); i++ {
		switch in := &p.insts[i]; in.op {
		case opSave:
		case opEnd, opMatch, opFail:
			return true
		case opLiteral:
			r, _ := utf8.DecodeRune(in.text)
			return !set.all.contains(r)
		case opSet:
			return len(set.all.intersect(in.set.all)) == 0
		case opLoop:
			if len(set.all.intersect(in.set.all)) > 0 {
				return false
			}
			if in.min > 0 {
				return true
			}
		default:
			return false
		}
	}
	return false
}

func (s runeSet) contains(r rune) bool {
	for _, x := range s {
		if r >= x[0] && r <= x[1] {
			return true
		}
	}
	return false
}

// findStart notes what a match begins with.
func (p *program) findStart() {
	for i := range p.insts {
		switch in := &p.insts[i]; in.op {
		case opSave:
			continue
		case opBegin:
			p.anchored = true
			return
		case opLiteral:
			p.prefix = in.text
			return
		}
		break
	}
	var t [256]bool
	if begin, ok := p.firstOf(0, &t, startDepth); ok {
		p.first, p.orBegin = &t, begin
		p.only = onlyByte(&t)
	}
}

// startDepth bounds the branches that firstOf follows.
const startDepth = 20

// firstOf adds the bytes that a match from instruction i on can begin with. begin says that it may also
// begin with anything at the text's own beginning; ok is false where it may be empty elsewhere, or where
// that is not known.
func (p *program) firstOf(i int32, t *[256]bool, depth int) (begin, ok bool) {
	for ; ; i++ {
		if depth--; depth < 0 {
			return false, false
		}
		switch in := &p.insts[i]; in.op {
		case opSave, opBoundary, opNoBoundary:
		case opJump:
			i = in.x - 1
		case opBegin:
			return true, true
		case opFail:
			return begin, true
		case opLiteral:
			if len(in.text) > 0 {
				t[in.text[0]] = true
				return begin, true
			}
		case opSet:
			in.set.addFirstBytes(t)
			return begin, true
		case opLoop:
			in.set.addFirstBytes(t)
			if in.min > 0 {
				return begin, true
			}
		case opSplit:
			x, okX := p.firstOf(in.x, t, depth)
			y, okY := p.firstOf(in.y, t, depth)
			return x || y, okX && okY
		default: // opEnd, opMatch
			return false, false
		}
	}
}

// onlyByte gives the one byte of a set, or -1.
func onlyByte(t *[256]bool) int {
	only := -1
	for b, in := range t {
		if in && only >= 0 {
			return -1
		}
		if in {
			only = b
		}
	}
	return only
}

// addFirstBytes adds the bytes that a character of the set can begin with.
func (c *charSet) addFirstBytes(t *[256]bool) {
	for b, in := range c.ascii {
		t[b] = t[b] || in
	}
	if len(c.rest) > 0 {
		for b := utf8.RuneSelf; b < 256; b++ {
			t[b] = true
		}
	}
}
