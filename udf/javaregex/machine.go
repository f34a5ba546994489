package javaregex

import (
	"bytes"
	"unicode/utf8"
)

// machine runs a program. It counts its steps and gives up past a budget, so that the
// caller can fall back to a matcher that is linear in the text.
type machine struct {
	*program
	loc   []int
	stack []frame
	steps int
}

// frame is a choice to come back to, or a slot's old value.
type frame struct {
	pc  int32 // to go on at; -1: restore slot
	pos int   // where; or the slot's value
	// The rest of a loop: greedy ones go back from pos to low, lazy ones on from pos.
	loop int32 // the loop's instruction, -1 for none
	low  int   // greedy: the first place; lazy: characters taken; or the slot
}

type verdict uint8

const (
	noMatch verdict = iota
	matched
	gaveUp
)

// budget is how many steps a search may take: enough for what is linear in practice.
func budget(n int) int { return 2000 + 40*n }

// find searches the first match at or behind from; the locations are valid till the next
// find.
func (m *machine) find(s []byte, from int) ([]int, verdict) {
	if m.loc == nil {
		m.loc = make([]int, m.saves)
	}
	m.steps = budget(len(s))
	for at := from; ; at++ {
		if at = m.next(s, at); at < 0 {
			return nil, noMatch
		}
		switch v := m.run(s, at); {
		case v != noMatch:
			return m.loc, v
		case m.anchored || at >= len(s):
			return nil, noMatch
		}
		if at < len(s) && s[at] >= utf8.RuneSelf { // the next character, not the next byte
			_, w := utf8.DecodeRune(s[at:])
			at += w - 1
		}
	}
}

// next gives the next place where a match may begin, or -1.
func (m *machine) next(s []byte, at int) int {
	switch {
	case m.anchored:
		if at > 0 {
			return -1
		}
	case m.prefix != nil:
		i := bytes.Index(s[at:], m.prefix)
		if i < 0 {
			return -1
		}
		return at + i
	case m.first != nil && m.orBegin && at == 0:
	case m.first != nil && m.only >= 0:
		i := bytes.IndexByte(s[at:], byte(m.only))
		if i < 0 {
			return -1
		}
		return at + i
	case m.first != nil:
		for at < len(s) && !m.first[s[at]] {
			at++
		}
		if at == len(s) {
			return -1
		}
	}
	return at
}

// step gives the width of the character at pos if it is of the set, or 0.
func (c *charSet) step(s []byte, pos int) int {
	if pos >= len(s) {
		return 0
	}
	if b := s[pos]; b < utf8.RuneSelf {
		if c.ascii[b] {
			return 1
		}
		return 0
	}
	r, w := utf8.DecodeRune(s[pos:])
	if c.has(r) {
		return w
	}
	return 0
}

// run matches at one place.
func (m *machine) run(s []byte, pos int) verdict {
	m.stack = m.stack[:0]
	for k := range m.loc {
		m.loc[k] = -1
	}
	pc := int32(0)
	for {
		if m.steps--; m.steps < 0 {
			return gaveUp
		}
		in := &m.insts[pc]
		ok := true
		pc++
		switch in.op {
		case opLiteral:
			if ok = len(s)-pos >= len(in.text) && string(s[pos:pos+len(in.text)]) == string(in.text); ok {
				pos += len(in.text)
			}
		case opSet:
			w := in.set.step(s, pos)
			pos, ok = pos+w, w > 0
		case opLoop:
			pos, ok = m.loop(s, pos, pc-1, in)
		case opSplit:
			m.stack = append(m.stack, frame{pc: in.y, pos: pos, loop: -1})
			pc = in.x
		case opJump:
			pc = in.x
		case opSave:
			if len(m.stack) > 0 {
				m.stack = append(m.stack, frame{pc: -1, pos: m.loc[in.x], low: int(in.x), loop: -1})
			}
			m.loc[in.x] = pos
		case opBegin:
			ok = pos == 0
		case opEnd:
			ok = pos == len(s)
		case opBoundary:
			ok = isBoundary(s, pos)
		case opNoBoundary:
			ok = !isBoundary(s, pos)
		case opFail:
			ok = false
		case opMatch:
			return matched
		}
		if !ok {
			if pc, pos, ok = m.back(s); !ok {
				return noMatch
			}
		}
	}
}

// loop takes characters of a set: as many as there are, or the fewest where lazy.
func (m *machine) loop(s []byte, pos int, pc int32, in *inst) (int, bool) {
	start, low, n := pos, pos, int32(0)
	most := in.max
	if in.lazy {
		most = in.min
	}
	for most < 0 || n < most {
		w := in.set.step(s, pos)
		if w == 0 {
			break
		}
		pos += w
		if n++; n == in.min {
			low = pos
		}
	}
	if n < in.min {
		return start, false
	}
	m.steps -= (pos - start) >> 3
	switch {
	case in.lazy && (in.max < 0 || n < in.max):
		m.stack = append(m.stack, frame{pc: pc + 1, pos: pos, loop: pc, low: int(n)})
	case !in.lazy && !in.fixed && pos > low:
		m.stack = append(m.stack, frame{pc: pc + 1, pos: pos, loop: pc, low: low})
	}
	return pos, true
}

// back takes the newest choice that is left.
func (m *machine) back(s []byte) (pc int32, pos int, ok bool) {
	for len(m.stack) > 0 {
		top := len(m.stack) - 1
		f := &m.stack[top]
		switch {
		case f.pc < 0:
			m.loc[f.low] = f.pos
			m.stack = m.stack[:top]
		case f.loop < 0:
			pc, pos = f.pc, f.pos
			m.stack = m.stack[:top]
			return pc, pos, true
		default:
			if pos, ok = m.again(s, f); ok {
				return f.pc, pos, true
			}
			m.stack = m.stack[:top]
		}
	}
	return 0, 0, false
}

// again gives a loop's next choice: one character fewer, or for lazy loops one more.
func (m *machine) again(s []byte, f *frame) (pos int, ok bool) {
	in := &m.insts[f.loop]
	if in.lazy {
		w := in.set.step(s, f.pos)
		if w == 0 || in.max >= 0 && f.low >= int(in.max) {
			return 0, false
		}
		f.pos += w
		f.low++
		return f.pos, true
	}
	if f.pos <= f.low {
		return 0, false
	}
	if f.pos--; s[f.pos] >= utf8.RuneSelf { // to the begin of the character before
		_, w := utf8.DecodeLastRune(s[:f.pos+1])
		f.pos -= w - 1
	}
	return f.pos, true
}

// isBoundary is \b between bytes, which are ASCII where it is asked.
func isBoundary(s []byte, pos int) bool {
	before := pos > 0 && isWordByte(s[pos-1])
	after := pos < len(s) && isWordByte(s[pos])
	return before != after
}

func isWordByte(c byte) bool {
	return c == '_' || c-'0' < 10 || (c|0x20)-'a' < 26
}
