package filesystem

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/runtime/vec"
)

const (
	// bufferSize is how much of a file is in memory while it is read: enough for a batch of usual
	// records, little enough to stay near the processor. (Bids of 244 bytes were read fastest with 256
	// and 512 KiB; 2 MiB cost a fifth.)
	bufferSize = 512 << 10
	// maxRecord is the longest record that is read; the buffer grows up to it.
	maxRecord = 16 << 20
)

// lineReader reads a part of a file in a line format. Its buffer holds bytes that are not
// decoded yet; batches point into it until the next Read, which may then move what is
// left to the front and fill up.
type lineReader struct {
	in     input
	pool   *sync.Pool // of buffers of bufferSize
	dec    format.Decoder
	cols   *columns
	buf    []byte
	lo, hi int   // buf[lo:hi] is not decoded yet
	offset int64 // of buf[lo] in the file
	eof    bool  // nothing follows buf[hi]
	header bool  // the line at offset is a header
	place  *place
}

func (s *source) openLines(p part, resume int64, cols *columns, r connectors.ReadRequest) (connectors.Reader, error) {
	in, offset, err := s.openInput(p, resume, r.Wake)
	if err != nil {
		return nil, err
	}
	lr := &lineReader{in: in, pool: &s.buffers, cols: cols, offset: offset}
	lr.place = s.placeOf(p.file, in, offset)
	lr.header = s.decoding.SkipFirstLine && offset == 0
	req := format.DecodeRequest{Columns: cols.payload}
	if r.Rejected != nil {
		req.Rejected = func(record []byte, e *format.RecordError) {
			r.Rejected(lr.place.at(lr.buf[lr.lo:lr.hi], lr.offset, e), record, e)
		}
	}
	if lr.dec, err = s.decoding.NewDecoder(req); err != nil {
		return nil, errors.Join(err, in.Close())
	}
	return lr, nil
}

// Read is connectors.Reader's.
func (r *lineReader) Read(b *vec.Batch, limit int) error {
	if r.buf == nil {
		r.buf = r.buffer()
	}
	inner := r.cols.begin(b)
	before := inner.Len()
	if !r.eof && r.hi-r.lo < len(r.buf)/2 {
		if err := r.fill(); err != nil && !errors.Is(err, connectors.ErrNoData) {
			return err
		}
	}
	for {
		took, err := 0, error(nil)
		switch {
		case r.header:
			took = r.headerLine()
		case r.lo < r.hi:
			took, err = r.dec.DecodeLines(r.buf[r.lo:r.hi], r.eof, inner, limit)
		}
		switch {
		case inner.Len() > before: // an error comes again with the next Read, then without rows
			r.advance(took)
			r.cols.end(b)
			return nil
		case err != nil:
			return r.place.wrap(r.buf[r.lo:r.hi], r.offset, err)
		case took > 0:
			r.advance(took)
			continue
		case r.eof && r.lo == r.hi:
			return io.EOF
		case r.eof:
			return fmt.Errorf("reading '%s': the decoder left %d bytes", r.place.name, r.hi-r.lo)
		}
		if err := r.fill(); err != nil {
			return err
		}
	}
}

// headerLine gives the length of the header, 0 where it is not complete.
func (r *lineReader) headerLine() int {
	n := bytes.IndexByte(r.buf[r.lo:r.hi], '\n') + 1
	if n == 0 && r.eof {
		n = r.hi - r.lo
	}
	r.header = n == 0 && !r.eof
	return n
}

func (r *lineReader) buffer() []byte {
	if b, ok := r.pool.Get().(*[]byte); ok {
		return *b
	}
	return make([]byte, bufferSize)
}

// advance steps over decoded bytes.
func (r *lineReader) advance(n int) {
	r.place.pass(r.buf[r.lo : r.lo+n])
	r.lo += n
	r.offset += int64(n)
}

// fill moves what is not decoded to the front and reads more, at least one byte unless
// the input ends.
func (r *lineReader) fill() error {
	copy(r.buf, r.buf[r.lo:r.hi])
	r.lo, r.hi = 0, r.hi-r.lo
	if r.hi == len(r.buf) {
		if r.hi >= maxRecord {
			e := &format.RecordError{Err: fmt.Errorf("the record is longer than %d MiB", maxRecord>>20)}
			e.Hint = "longer ones cannot be read; is the end of a line, or of a quoted field, missing?"
			return r.place.wrap(r.buf[:r.hi], r.offset, e)
		}
		r.buf = append(make([]byte, 0, 2*len(r.buf)), r.buf...)[:2*len(r.buf)]
	}
	n, err := r.in.Read(r.buf[r.hi:])
	r.hi += n
	switch {
	case err == io.EOF:
		r.eof = true
	case n > 0 && errors.Is(err, connectors.ErrNoData):
	case errors.Is(err, connectors.ErrNoData):
		return err
	case err != nil:
		return fmt.Errorf("reading '%s': %w", r.place.name, err)
	}
	return nil
}

// Position is connectors.Reader's.
func (r *lineReader) Position() []byte { return formatPosition(r.offset) }

// Close is connectors.Reader's. Batches that point into the buffer are no longer in use.
func (r *lineReader) Close() error {
	if buf := r.buf; len(buf) == bufferSize {
		r.pool.Put(&buf)
	}
	r.buf, r.lo, r.hi = nil, 0, 0
	return r.in.Close()
}
