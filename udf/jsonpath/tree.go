package jsonpath

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

// Document is a parsed text. Its memory is used again by the next Parse.
type Document struct {
	nodes []node
	buf   []byte // unescaped strings and keys
}

// node is a value: children are a list by first and next. Texts are a string's contents
// or another scalar as written; key is the name in an object.
type node struct {
	kind        Kind
	text, key   span
	first, next int32 // -1: none
}

// span is a part of the document's buffer.
type span struct{ from, to int32 }

// Root is the node of the whole document.
const Root = 0

// Parse reads a text.
func (d *Document) Parse(s []byte) error {
	d.nodes, d.buf = d.nodes[:0], d.buf[:0]
	if _, end := d.value(s, skipBlanks(s, 0), 0); end < 0 {
		return ErrSyntax
	}
	return nil
}

func (d *Document) value(s []byte, i, depth int) (id int32, end int) {
	if i >= len(s) || depth > maxDepth {
		return -1, -1
	}
	id = int32(len(d.nodes))
	d.nodes = append(d.nodes, node{kind: kindAt(s[i]), first: -1, next: -1})
	switch d.nodes[id].kind {
	case Object, Array:
		return id, d.children(id, s, i, depth)
	case String:
		if end, _ = skipString(s, i); end >= 0 {
			d.nodes[id].text = d.str(s[i:end])
		}
	default:
		if end = skipValue(s, i, depth); end >= 0 {
			from := len(d.buf)
			d.buf = append(d.buf, s[i:end]...)
			d.nodes[id].text = span{int32(from), int32(len(d.buf))}
		}
	}
	return id, end
}

func (d *Document) str(quoted []byte) span {
	from := len(d.buf)
	d.buf = unescape(d.buf, quoted)
	return span{int32(from), int32(len(d.buf))}
}

func (d *Document) children(id int32, s []byte, i, depth int) int {
	closing := byte(']')
	if d.nodes[id].kind == Object {
		closing = '}'
	}
	if i = skipBlanks(s, i+1); i < len(s) && s[i] == closing {
		return i + 1
	}
	last := int32(-1)
	for {
		var name span
		if closing == '}' {
			key, _, value := member(s, i)
			if value < 0 {
				return -1
			}
			name, i = d.str(key), value
		}
		child, end := d.value(s, i, depth+1)
		if end < 0 {
			return -1
		}
		d.nodes[child].key = name
		if last < 0 {
			d.nodes[id].first = child
		} else {
			d.nodes[last].next = child
		}
		last = child
		var more bool
		if i, more = separator(s, end, closing); !more {
			return i
		}
	}
}

func (d *Document) bytes(s span) []byte { return d.buf[s.from:s.to] }

// Kind gives a node's kind.
func (d *Document) Kind(id int32) Kind { return d.nodes[id].kind }

// Text appends a scalar as a SQL string.
func (d *Document) Text(dst []byte, id int32) []byte {
	n := &d.nodes[id]
	if n.kind == Number {
		return appendNumber(dst, d.bytes(n.text))
	}
	return append(dst, d.bytes(n.text)...)
}

// Raw gives a string's contents, or another scalar as written.
func (d *Document) Raw(id int32) []byte { return d.bytes(d.nodes[id].text) }

// Elements appends the nodes of an array's elements or an object's values.
func (d *Document) Elements(dst []int32, id int32) []int32 {
	for k := d.nodes[id].first; k >= 0; k = d.nodes[k].next {
		dst = append(dst, k)
	}
	return dst
}

// member finds a member by name: of equal ones, the last.
func (d *Document) member(id int32, name []byte) int32 {
	if d.nodes[id].kind != Object {
		return -1
	}
	found := int32(-1)
	for k := d.nodes[id].first; k >= 0; k = d.nodes[k].next {
		if bytes.Equal(d.bytes(d.nodes[k].key), name) {
			found = k
		}
	}
	return found
}

// Append writes a value as JSON, the members of objects in the order of their names.
func (d *Document) Append(dst []byte, id int32) []byte {
	n := &d.nodes[id]
	switch n.kind {
	case String:
		return AppendString(dst, d.bytes(n.text))
	case Number:
		return appendNumber(dst, d.bytes(n.text))
	case Array:
		dst = append(dst, '[')
		for k := n.first; k >= 0; k = d.nodes[k].next {
			if k != n.first {
				dst = append(dst, ',')
			}
			dst = d.Append(dst, k)
		}
		return append(dst, ']')
	case Object:
		return d.appendObject(dst, id)
	}
	return append(dst, d.bytes(n.text)...)
}

func (d *Document) appendObject(dst []byte, id int32) []byte {
	key := func(k int32) []byte { return d.bytes(d.nodes[k].key) }
	members := d.Elements(nil, id)
	slices.SortStableFunc(members, func(a, b int32) int { return bytes.Compare(key(a), key(b)) })
	dst = append(dst, '{')
	begin := len(dst)
	for i, k := range members {
		if i+1 < len(members) && bytes.Equal(key(k), key(members[i+1])) {
			continue // the last of equal ones counts
		}
		if len(dst) > begin {
			dst = append(dst, ',')
		}
		dst = append(AppendString(dst, key(k)), ':')
		dst = d.Append(dst, k)
	}
	return append(dst, '}')
}

// AppendString writes a JSON string.
func AppendString(dst, s []byte) []byte {
	const hex = "0123456789ABCDEF"
	dst = append(dst, '"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c >= ' ':
			dst = append(dst, c)
		case c == '\n':
			dst = append(dst, '\\', 'n')
		case c == '\r':
			dst = append(dst, '\\', 'r')
		case c == '\t':
			dst = append(dst, '\\', 't')
		case c == '\b':
			dst = append(dst, '\\', 'b')
		case c == '\f':
			dst = append(dst, '\\', 'f')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	return append(dst, '"')
}

// Unquote appends the value of a JSON string; false where s is none.
func Unquote(dst, s []byte) ([]byte, bool) {
	if len(s) < 2 || s[0] != '"' {
		return dst, false
	}
	end, _ := skipString(s, 0)
	if end != len(s) {
		return dst, false
	}
	return unescape(dst, s), true
}

// KindOf tells what a text is; false where it is no JSON.
func KindOf(s []byte) (Kind, bool) {
	i := skipBlanks(s, 0)
	end := skipValue(s, i, 0)
	if end < 0 {
		return Null, false
	}
	k := kindAt(s[i])
	if end < len(s) && (k == Number && skipBlanks(s, end) == end || (k == Bool || k == Null) && inName(s[end])) {
		return Null, false
	}
	return k, true
}

// inName tells the characters that cannot follow true, false and null; a number must be followed by a blank.
func inName(c byte) bool {
	return c >= utf8.RuneSelf || c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}
