package filesystem

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sort"
	"sync"
	"unicode/utf8"

	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/sql/diag"
)

// place tells where in a file a record is, for messages. Lines of a plain file are counted
// when a message needs them, of other inputs as they pass.
type place struct {
	name   string
	ignore string // the option that lets faults pass; "" where the format has none
	plain  io.ReaderAt
	index  *lineIndex
	passed int64 // lines, where plain is nil
	exact  bool  // passed counts from the file's beginning
}

func (s *source) placeOf(f file, in input, start int64) *place {
	p := &place{name: f.path, exact: start == 0}
	if f.path == stdinPath {
		p.name = "stdin"
	}
	for _, o := range s.format.Options {
		if o.Key == "ignore-parse-errors" {
			p.ignore = s.format.Name + ".ignore-parse-errors"
		}
	}
	if r, ok := in.(*byteRange); ok {
		p.plain, p.index = r.f, s.lineIndexOf(f.path)
	}
	return p
}

// pass counts the lines of bytes that were decoded.
func (p *place) pass(data []byte) {
	if p.plain == nil {
		p.passed += int64(bytes.Count(data, []byte{'\n'}))
	}
}

// at gives file:line:column of a fault in data, which begins at the byte offset of the
// file; file:byte where lines cannot be counted.
func (p *place) at(data []byte, offset int64, e *format.RecordError) string {
	start := min(max(e.Start, 0), len(data))
	fault := min(max(e.Offset, start), len(data))
	var line int64
	switch {
	case p.plain != nil:
		n, err := p.index.linesBefore(p.plain, offset+int64(start))
		if err != nil {
			return fmt.Sprintf("%s: byte %d", p.name, offset+int64(fault))
		}
		line = n
	case p.exact:
		line = p.passed + int64(bytes.Count(data[:start], []byte{'\n'}))
	default:
		return fmt.Sprintf("%s: byte %d", p.name, offset+int64(fault))
	}
	before := data[start:fault]
	line += int64(bytes.Count(before, []byte{'\n'}))
	column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
	return fmt.Sprintf("%s:%d:%d", p.name, line+1, column+1)
}

// wrap adds the place to an error that a record caused.
func (p *place) wrap(data []byte, offset int64, err error) error {
	var e *format.RecordError
	if !errors.As(err, &e) {
		return fmt.Errorf("reading '%s': %w", p.name, err)
	}
	out := diag.Errorf(diag.Span{}, "%s: %w", p.at(data, offset, e), err)
	out.Hint = e.Hint
	switch {
	case out.Hint != "" || p.ignore == "":
	case e.Field != "":
		out.Hint = fmt.Sprintf("set '%s' = 'true' to read such fields as NULL", p.ignore)
	default:
		out.Hint = fmt.Sprintf("set '%s' = 'true' to skip such records", p.ignore)
	}
	return out
}

// lineIndex remembers how many lines come before some bytes of a file, so that the lines
// of one with many rejected records are counted once.
type lineIndex struct {
	mu    sync.Mutex
	marks []mark // ascending
}

type mark struct{ offset, lines int64 }

// markEvery is how far apart marks are, at least.
const markEvery = 1 << 20

func (s *source) lineIndexOf(path string) *lineIndex {
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.lines[path]
	if x == nil {
		x = &lineIndex{}
		s.lines[path] = x
	}
	return x
}

// linesBefore counts the newlines before the byte offset.
func (x *lineIndex) linesBefore(f io.ReaderAt, offset int64) (int64, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	k := sort.Search(len(x.marks), func(i int) bool { return x.marks[i].offset > offset })
	var from mark
	if k > 0 {
		from = x.marks[k-1]
	}
	m := from
	buf := make([]byte, 256<<10)
	for m.offset < offset {
		n, err := f.ReadAt(buf[:min(int64(len(buf)), offset-m.offset)], m.offset)
		m.lines += int64(bytes.Count(buf[:n], []byte{'\n'}))
		m.offset += int64(n)
		if err != nil && m.offset < offset {
			return 0, err
		}
	}
	if m.offset-from.offset >= markEvery {
		x.marks = append(x.marks[:k], append([]mark{m}, x.marks[k:]...)...)
	}
	return m.lines, nil
}
