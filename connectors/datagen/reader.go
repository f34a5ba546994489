package datagen

import (
	"io"
	"time"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/internal/blocks"
	"github.com/weirstream/weir/connectors/internal/pace"
	"github.com/weirstream/weir/runtime/vec"
)

// reader makes the rows of one split.
type reader struct {
	*source
	fields fields
	next   int64 // number of the next row
	clock  connectors.Clock

	began time.Time // where there is a rate
	first int64
	waker *pace.Waker
}

func newReader(s *source, f fields, next int64, req connectors.ReadRequest) *reader {
	r := &reader{source: s, fields: f, next: next, clock: req.Clock}
	if s.rate > 0 {
		r.began, r.first = s.begin(req, next)
		r.waker = pace.NewWaker(req.Clock, req.Wake)
	}
	return r
}

// Read gives rows of one block: another split has those that follow.
func (r *reader) Read(b *vec.Batch, limit int) error {
	if r.next >= r.rows {
		return io.EOF
	}
	blockEnd := r.dealing().End(r.next)
	end := min(blockEnd, r.next+int64(limit))
	if r.rate > 0 {
		if end = min(end, r.due()); end <= r.next {
			return connectors.ErrNoData
		}
	}
	made := rows{first: r.next, n: int(end - r.next)}
	if r.clock != nil {
		made.now = r.clock.Now()
	}
	for i, f := range r.fields {
		f.fill(b.Cols[i], made)
	}
	b.SetLen(b.Len() + made.n)
	if r.next = end; end == blockEnd {
		r.next = r.dealing().Next(end)
	}
	return nil
}

// due gives the number of the first row that is to wait. As in Flink, the rows of a second come at
// its beginning. Where the next row is to wait, the reader is woken when its time has come.
func (r *reader) due() int64 {
	since := max(r.clock.Now().Sub(r.began), 0)
	seconds := int64(since / time.Second)
	due := r.first + (seconds+1)*r.rate
	if due <= r.next {
		missing := (r.next-due)/r.rate + 1
		r.waker.After(time.Duration(seconds+missing)*time.Second - since)
	}
	return due
}

func (r *reader) Position() []byte { return blocks.Position(r.next) }

// Close ends the wake-ups.
func (r *reader) Close() error {
	if r.waker != nil {
		r.waker.Close()
	}
	return nil
}
