package stream

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/connectors/shardlog/kpl"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
)

// reader reads one shard. Batches point into the cursor's records, which stay until all of them
// are decoded and the next Read begins.
type reader struct {
	source *source
	shard  string
	cursor cursor
	dec    format.Decoder
	cols   *columns
	wake   func()

	records []record
	at      int          // the next one
	pos     position     // before records[0]
	users   []kpl.Record // of records[at], where it is an aggregate
	opened  bool         // users belong to records[at]
	used    int          // user records of records[at] that were read
	skip    position     // where the first record is an aggregate that was read in part

	empty   bool  // read from LATEST, and closed when it was listed: the listing has its children too
	listing int64 // the listing of shards that must be over before the end is told; 0: not at the end
	fault   error
}

// Read is connectors.Reader's.
func (r *reader) Read(b *vec.Batch, limit int) error {
	if r.fault != nil {
		return r.fault
	}
	before := b.Len()
	for b.Len() == before {
		if r.at == len(r.records) {
			if err := r.fill(); err != nil {
				return err
			}
		}
		if r.fault = r.decode(b, before+limit); r.fault != nil && b.Len() == before {
			return r.fault
		}
	}
	return nil
}

// fill gets the next records of the shard.
func (r *reader) fill() error {
	if r.listing > 0 {
		return r.ended()
	}
	records, err := r.cursor.next()
	switch {
	case errors.Is(err, connectors.ErrNoData):
		return err
	case errors.Is(err, io.EOF):
		r.listing = r.source.listings.next()
		return r.ended()
	case err != nil:
		return fmt.Errorf("reading %s: %w", r.shard, err)
	}
	if n := len(r.records); n > 0 {
		r.pos = position{where: after, seq: r.records[n-1].seq, until: r.pos.until}
	}
	r.records, r.at, r.opened = records, 0, false
	return nil
}

// ended tells the shard's end, but not before the shards have been listed once more: its children
// are then known, and hold event time back in its place.
func (r *reader) ended() error {
	if r.empty || r.source.Bounded() || r.source.discover == 0 || r.source.listings.after(r.listing, r.wake) {
		return io.EOF
	}
	return connectors.ErrNoData
}

// decode decodes records until b has max rows or there are none left. Rows before a record that
// fails are in b.
func (r *reader) decode(b *vec.Batch, most int) error {
	inner := r.cols.begin(b)
	defer r.cols.end(b)
	for r.at < len(r.records) && inner.Len() < most {
		rec := &r.records[r.at]
		if !r.opened {
			r.users, _ = kpl.Deaggregate(r.users[:0], rec.data)
			r.opened = true
			r.used = r.readBefore(rec)
		}
		if len(r.users) == 0 {
			if err := r.message(b, inner, rec, rec.data, ""); err != nil {
				return err
			}
		}
		for r.used < len(r.users) {
			if inner.Len() >= most {
				return nil
			}
			u := &r.users[r.used]
			if err := r.message(b, inner, rec, u.Data, u.Key); err != nil {
				return err
			}
			r.used++
		}
		r.at++
		r.used, r.opened = 0, false
	}
	return nil
}

// readBefore is how many user records of the first record a run before this one has read. Where retention has
// removed that record meanwhile, the first one is another, none of which was read.
func (r *reader) readBefore(rec *record) int {
	p := r.skip
	r.skip = position{}
	if p.where != inside || !bytes.Equal(p.seq.append(nil), rec.seq.append(nil)) {
		return 0
	}
	return min(p.used, len(r.users))
}

// message decodes one message; key is that of a user record.
func (r *reader) message(b, inner *vec.Batch, rec *record, data []byte, key string) error {
	row := inner.Len()
	if err := r.dec.DecodeMessage(data, inner); err != nil {
		return r.wrap(rec, err)
	}
	if len(r.cols.meta) > 0 {
		r.cols.fill(b, rec, key, inner.Len()-row)
	}
	return nil
}

// place names a record in messages.
func (r *reader) place(rec *record) string {
	return fmt.Sprintf("%s, sequence number %s", r.shard, rec.seq.append(nil))
}

func (r *reader) wrap(rec *record, err error) error {
	var e *format.RecordError
	if !errors.As(err, &e) {
		return fmt.Errorf("reading %s: %w", r.place(rec), err)
	}
	out := diag.Errorf(diag.Span{}, "%s: %w", r.place(rec), err)
	out.Hint = e.Hint
	for _, o := range r.source.format.Options {
		if out.Hint == "" && o.Key == "ignore-parse-errors" {
			out.Hint = fmt.Sprintf("set '%s.ignore-parse-errors' = 'true' to skip such records", r.source.format.Name)
		}
	}
	return out
}

// Position is connectors.Reader's.
func (r *reader) Position() []byte {
	p := r.pos
	switch {
	case r.used > 0:
		p.where, p.seq, p.used = inside, r.records[r.at].seq, r.used
	case r.at > 0:
		p.where, p.seq, p.used = after, r.records[r.at-1].seq, 0
	}
	return []byte(p.String())
}

// Close is connectors.Reader's.
func (r *reader) Close() error {
	r.records, r.at = nil, 0
	return r.cursor.close()
}
