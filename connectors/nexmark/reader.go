package nexmark

import (
	"io"
	"time"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/internal/blocks"
	"github.com/weirstream/weir/connectors/internal/pace"
	"github.com/weirstream/weir/runtime/vec"
)

// reader makes the events of one split.
type reader struct {
	source *source
	*generator
	cols []column
	next int64 // number of the next event
	fill filling

	clock connectors.Clock // nil unless paced
	start time.Time
	waker *pace.Waker
}

func (r *reader) pace(req connectors.ReadRequest, start time.Time) {
	r.clock, r.start, r.waker = req.Clock, start, pace.NewWaker(req.Clock, req.Wake)
}

// Read gives rows of one block: another split has those that follow.
func (r *reader) Read(b *vec.Batch, limit int) error {
	r.fill.reset(b.Len())
	for r.fill.rows == 0 {
		if r.next >= r.events {
			return io.EOF
		}
		blockEnd := r.source.dealing().End(r.next)
		end := blockEnd
		if r.clock != nil {
			if end = min(end, r.due()); end <= r.next {
				return connectors.ErrNoData
			}
		}
		r.fill.runs, r.next, r.fill.rows = r.runs(r.fill.runs, r.next, end, b.Len(), limit)
		if r.next == blockEnd {
			r.next = r.source.dealing().Next(r.next)
		}
	}
	r.fill.split()
	for i := range r.cols {
		r.fill.column(r.generator, &r.cols[i], b.Cols[i])
	}
	b.SetLen(b.Len() + r.fill.rows)
	return nil
}

// due gives the number of the first event that is to wait. Where that is the next one, the reader is
// woken when its time has come.
func (r *reader) due() int64 {
	since := r.clock.Now().Sub(r.start)
	due := r.eventAt(int64(since / time.Millisecond))
	if since < 0 {
		due = 0
	}
	if due <= r.next {
		ms, _ := r.time(r.next)
		r.waker.After(time.Duration(ms-r.baseTime)*time.Millisecond - since)
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
