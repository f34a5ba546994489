package json

import (
	"encoding/binary"
	"unsafe"

	"github.com/weirstream/weir/connectors/format"
)

// layout remembers the texts between values that were seen, and which followed which.
// The prediction for a place is what followed last time.
type layout struct {
	byText map[string]*between
	first  *between // what a record began with
	none   between  // matches nothing: no prediction yet
	free   between  // for texts that are not remembered
}

// maxTexts bounds the layout where keys are data.
const (
	maxTexts   = 1 << 10
	maxTextLen = 1 << 8
)

func (l *layout) forget() {
	l.byText = map[string]*between{}
	l.none = between{head: 1} // under the mask 0
	l.first = &l.none
}

// between is a text that stands before a value ({"a": or ,"b":), or that ends the
// document (}), and what it means.
type between struct {
	text string
	n    int // its length
	kind kind
	col  *column // nil for none
	next *between

	// For texts up to 16 bytes, what to compare: the first eight bytes and the last eight, both under a
	// mask where the text is shorter than eight.
	head, tail, mask uint64
	tailAt           int
}

// word gives the eight bytes at i, the first in the lowest byte. The caller has checked that
// they are there: without a check for each of them, a row is read a sixth faster.
func word(b []byte, i int) uint64 {
	return binary.LittleEndian.Uint64((*[8]byte)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(b)), i))[:])
}

// matches reports whether data, in which 16 bytes follow p, has the text there. For longer
// texts it says no.
func (t *between) matches(data []byte, p int) bool {
	return (word(data, p)&t.mask^t.head)|(word(data, p+t.tailAt)&t.mask^t.tail) == 0
}

// matchesSlowly compares a text of any length, at any place.
func (t *between) matchesSlowly(data []byte, p int) bool {
	return t.n > 0 && p+t.n <= len(data) && string(data[p:p+t.n]) == t.text
}

// remember finds or makes the entry of a text; a text that is too long, or one too many,
// is only described.
func (l *layout) remember(text []byte, k kind, col *column) *between {
	if t := l.byText[string(text)]; t != nil {
		return t
	}
	if len(text) > maxTextLen || len(l.byText) >= maxTexts {
		l.free = between{kind: k, col: col, next: &l.none}
		return &l.free
	}
	t := &between{text: string(text), n: len(text), kind: k, col: col}
	t.compile()
	t.next = &l.none
	l.byText[t.text] = t
	return t
}

// compile sets up what matches compares.
func (t *between) compile() {
	if t.n > 16 {
		t.head = 1 // under the mask 0 nothing has it
		return
	}
	var buf [16]byte
	copy(buf[:], t.text)
	t.mask = ^uint64(0)
	if t.n < 8 {
		t.mask = 1<<(8*t.n) - 1
	} else {
		t.tailAt = t.n - 8
	}
	t.head, t.tail = word(buf[:], 0), word(buf[:], t.tailAt)
}

// between reads what stands at p where the prediction failed: the separator and the next
// key, or the document's end. It gives the entry and the place behind it.
func (d *Decoder) between(p int, first bool) (*between, int, error) {
	from := p
	p = d.space(p)
	if p >= len(d.data) {
		return nil, p, d.fault(p, "the document ends too early")
	}
	open := byte(',')
	if first {
		open = '{'
		if d.data[p] != '{' {
			return nil, p, d.fault(p, "a JSON object is expected")
		}
	}
	switch c := d.data[p]; {
	case c == open:
		p = d.space(p + 1)
	case c == '}':
		return d.memory.remember(d.data[from:p+1], kindEnd, nil), p + 1, nil
	default:
		return nil, p, d.fault(p, "',' or '}' is expected")
	}
	if first && p < len(d.data) && d.data[p] == '}' {
		return d.memory.remember(d.data[from:p+1], kindEnd, nil), p + 1, nil
	}
	name, p, err := d.key(p)
	if err != nil {
		return nil, p, err
	}
	k, col := kindSkip, (*column)(nil)
	for i := range d.cols {
		if c := &d.cols[i]; c.node.name == string(name) {
			k, col = c.kind, c
		}
	}
	return d.memory.remember(d.data[from:p], k, col), p, nil
}

// key reads a field's name and the colon behind it, up to the value.
func (d *Decoder) key(p int) (name []byte, next int, err error) {
	if p >= len(d.data) || d.data[p] != '"' {
		return nil, p, d.fault(p, "a field's name in double quotes is expected")
	}
	name, p, err = d.str(p)
	if err != nil {
		return nil, p, err
	}
	p = d.space(p)
	if p >= len(d.data) || d.data[p] != ':' {
		return nil, p, d.fault(p, "':' is expected behind a field's name")
	}
	return name, d.space(p + 1), nil
}

// space skips white space.
func (d *Decoder) space(p int) int {
	for p < len(d.data) && isSpace(d.data[p]) {
		p++
	}
	return p
}

// fault makes the error for text at p that is no JSON.
func (d *Decoder) fault(p int, what string) *format.RecordError {
	return &format.RecordError{Start: d.start, Offset: p, Err: errSyntax{what + found(d.data, p)}}
}

func found(data []byte, p int) string {
	if p >= len(data) {
		return ", but the record ends"
	}
	return ", found " + format.Excerpt(data[p:min(len(data), p+16)])
}

// errSyntax says why a record is no JSON.
type errSyntax struct{ what string }

func (e errSyntax) Error() string { return "the record is not valid JSON: " + e.what }
