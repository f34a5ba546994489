package jsonpath

import "bytes"

// Found is a value in a text: its kind and its bytes as written, strings with their
// quotes.
type Found struct {
	Kind Kind
	Raw  []byte
}

// Lookup finds the value of a plain path (see IsPlain). The whole text is checked:
// err is ErrSyntax where it is no JSON. ok is false where the path leads nowhere.
func (p *Path) Lookup(s []byte) (f Found, ok bool, err error) {
	i := skipBlanks(s, 0)
	at, end := i, skipValueOr(s, i, p)
	if end < 0 {
		return f, false, ErrSyntax
	}
	for k := range p.steps {
		if at = p.steps[k].find(s, at, end); at < 0 {
			// The first step walks over the text's outermost value to its end, or finds it
			// unfit: only then was it checked.
			if at == unchecked {
				return f, false, ErrSyntax
			}
			return f, false, nil
		}
		if end = skipValue(s, at, 0); end < 0 {
			return f, false, ErrSyntax
		}
	}
	return Found{kindAt(s[at]), s[at:end]}, true, nil
}

const (
	missing   = -1
	unchecked = -2
)

// skipValueOr checks the whole text, unless the first step does that on its way.
func skipValueOr(s []byte, i int, p *Path) int {
	if i >= len(s) {
		return -1
	}
	if len(p.steps) > 0 && (s[i] == '{' && p.steps[0].op == opName || s[i] == '[' && p.steps[0].op == opIndex) {
		return len(s)
	}
	return skipValue(s, i, 0)
}

// find gives where the step's value begins in the value at i.
func (st *step) find(s []byte, i, end int) int {
	switch {
	case s[i] == '{' && st.op == opName:
		return st.findMember(s[:end], i)
	case s[i] == '[' && st.op == opIndex:
		return st.findElement(s[:end], i)
	}
	return missing
}

// findMember walks over all members: the last one of that name counts.
func (st *step) findMember(s []byte, i int) int {
	found := missing
	if i = skipBlanks(s, i+1); i < len(s) && s[i] == '}' {
		return missing
	}
	var buf [64]byte
	for {
		key, escaped, value := member(s, i)
		if value < 0 {
			return unchecked
		}
		if escaped {
			key = unescape(buf[:0], key)
		} else {
			key = key[1 : len(key)-1]
		}
		if bytes.Equal(key, st.name) {
			found = value
		}
		if i = skipValue(s, value, 1); i < 0 {
			return unchecked
		}
		var more bool
		if i, more = separator(s, i, '}'); !more {
			if i < 0 {
				return unchecked
			}
			return found
		}
	}
}

// findElement counts from 0; from the end where the index is negative.
func (st *step) findElement(s []byte, i int) int {
	start := i
	n, found := 0, missing
	if i = skipBlanks(s, i+1); i < len(s) && s[i] == ']' {
		return missing
	}
	for {
		if n == st.index {
			found = i
		}
		n++
		if i = skipValue(s, i, 1); i < 0 {
			return unchecked
		}
		var more bool
		if i, more = separator(s, i, ']'); !more {
			break
		}
	}
	switch {
	case i < 0:
		return unchecked
	case st.index < 0 && n+st.index >= 0:
		fromStart := step{op: opIndex, index: n + st.index}
		return fromStart.findElement(s, start)
	}
	return found
}

// Text appends what the value is as a SQL string: a string's contents, other values as
// written.
func (f Found) Text(dst []byte) []byte {
	if f.Kind == String {
		return unescape(dst, f.Raw)
	}
	if f.Kind == Number {
		return appendNumber(dst, f.Raw)
	}
	return append(dst, f.Raw...)
}
