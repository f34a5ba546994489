package weir

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"time"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/vec"
)

// wanted gives the record's field of each requested column.
func (r *record) wanted(columns []connectors.Column) ([]int, error) {
	out := make([]int, len(columns))
	for i, c := range columns {
		out[i] = -1
		for j, f := range r.fields {
			if f.name == c.Name {
				out[i] = j
			}
		}
		if out[i] < 0 {
			return nil, fmt.Errorf("there is no field for column %s", c.Name)
		}
	}
	return out, nil
}

// sliceSource is the table of FromSlice: one split, positions count rows.
type sliceSource[T any] struct {
	rows []T
	rec  *record
}

func (s *sliceSource[T]) Bounded() bool                 { return true }
func (s *sliceSource[T]) Changes() connectors.ChangeSet { return connectors.InsertOnly }
func (s *sliceSource[T]) DiscoverEvery() time.Duration  { return 0 }
func (s *sliceSource[T]) Concurrent() bool              { return false }

func (s *sliceSource[T]) Splits(context.Context) ([]connectors.Split, error) {
	return []connectors.Split{{ID: "slice"}}, nil
}

func (s *sliceSource[T]) Open(_ context.Context, req connectors.ReadRequest) (connectors.Reader, error) {
	want, err := s.rec.wanted(req.Columns)
	if err != nil {
		return nil, err
	}
	r := &sliceReader[T]{source: s, want: want}
	if req.Position != nil {
		if r.next, err = strconv.Atoi(string(req.Position)); err != nil || r.next > len(s.rows) {
			return nil, fmt.Errorf("the slice has no position %q", req.Position)
		}
	}
	return r, nil
}

type sliceReader[T any] struct {
	source *sliceSource[T]
	want   []int
	next   int
}

func (r *sliceReader[T]) Read(b *vec.Batch, limit int) error {
	rows := r.source.rows[r.next:]
	if len(rows) == 0 {
		return io.EOF
	}
	rows = rows[:min(limit, len(rows))]
	values := reflect.ValueOf(rows)
	for i := range rows {
		r.source.rec.appendTo(b, r.want, values.Index(i))
	}
	r.next += len(rows)
	return nil
}

func (r *sliceReader[T]) Position() []byte { return []byte(strconv.Itoa(r.next)) }
func (r *sliceReader[T]) Close() error     { return nil }

// channelSource is the table of FromChannel: one split without positions.
type channelSource[T any] struct {
	rows <-chan T
	rec  *record
}

func (s *channelSource[T]) Bounded() bool                 { return false }
func (s *channelSource[T]) Changes() connectors.ChangeSet { return connectors.InsertOnly }
func (s *channelSource[T]) DiscoverEvery() time.Duration  { return 0 }
func (s *channelSource[T]) Concurrent() bool              { return true }

func (s *channelSource[T]) Splits(context.Context) ([]connectors.Split, error) {
	return []connectors.Split{{ID: "channel"}}, nil
}

func (s *channelSource[T]) Open(ctx context.Context, req connectors.ReadRequest) (connectors.Reader, error) {
	want, err := s.rec.wanted(req.Columns)
	if err != nil {
		return nil, err
	}
	r := &channelReader[T]{source: s, want: want, taken: make(chan T, handOver), wake: req.Wake, stop: make(chan struct{}), done: make(chan struct{})}
	go r.pump(ctx)
	return r, nil
}

// handOver is how many rows a channelReader may take out of the channel ahead of the job.
const handOver = 256

// channelReader hands rows over through a goroutine of its own: the runtime must not be blocked
// by an empty channel.
type channelReader[T any] struct {
	source *channelSource[T]
	want   []int
	taken  chan T
	wake   func()
	stop   chan struct{}
	done   chan struct{}
	rows   int
}

// pump takes rows out of the channel, lays them ready for the next Read, and wakes the
// runtime, in this order, so that no wake-up is lost.
func (r *channelReader[T]) pump(ctx context.Context) {
	defer close(r.done)
	defer r.wake()
	defer close(r.taken)
	for {
		select {
		case row, ok := <-r.source.rows:
			if !ok {
				return
			}
			select {
			case r.taken <- row:
				r.wake()
			case <-r.stop:
				return
			case <-ctx.Done():
				return
			}
		case <-r.stop:
			return
		case <-ctx.Done():
			return
		}
	}
}

func (r *channelReader[T]) Read(b *vec.Batch, limit int) error {
	for n := 0; n < limit; n++ {
		select {
		case row, ok := <-r.taken:
			if !ok {
				if n == 0 {
					return io.EOF
				}
				return nil
			}
			r.source.rec.appendTo(b, r.want, reflect.ValueOf(row))
			r.rows++
		default:
			if n == 0 {
				return connectors.ErrNoData
			}
			return nil
		}
	}
	return nil
}

func (r *channelReader[T]) Position() []byte { return []byte(strconv.Itoa(r.rows)) }

func (r *channelReader[T]) Close() error {
	close(r.stop)
	<-r.done
	return nil
}

// channelSink is the table of ToChannel.
type channelSink[T any] struct {
	rows   chan<- Change[T]
	rec    *record
	upsert bool
}

func (s *channelSink[T]) Accepts() connectors.ChangeSet {
	if s.upsert {
		return connectors.Upsert
	}
	return connectors.Retract
}
func (s *channelSink[T]) Guarantee() connectors.Guarantee        { return connectors.AtLeastOnce }
func (s *channelSink[T]) Commit(context.Context, [][]byte) error { return nil }

func (s *channelSink[T]) Open(ctx context.Context, w connectors.WriteRequest) (connectors.Writer, error) {
	return &channelWriter[T]{ctx: ctx, sink: s}, nil
}

type channelWriter[T any] struct {
	ctx  context.Context
	sink *channelSink[T]
}

func (w *channelWriter[T]) Write(b *vec.Batch) (err error) {
	b.Each(func(i int) {
		c := Change[T]{Kind: b.Kind(i)}
		w.sink.rec.fill(reflect.ValueOf(&c.Row).Elem(), b, i)
		if err == nil {
			err = w.send(c)
		}
	})
	return err
}

func (w *channelWriter[T]) send(c Change[T]) (err error) {
	defer func() { // sending on a closed channel is all that can panic here
		if recover() != nil {
			err = errors.New("the channel of ToChannel is closed: close it after Job().Done()")
		}
	}()
	select {
	case w.sink.rows <- c:
		return nil
	case <-w.ctx.Done():
		return w.ctx.Err()
	}
}

func (w *channelWriter[T]) Prepare(bool) ([][]byte, error) { return nil, nil }
func (w *channelWriter[T]) Close() error                   { return nil }
