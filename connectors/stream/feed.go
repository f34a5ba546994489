package stream

import (
	"context"
	"sync"

	"github.com/weirstream/weir/connectors"
)

// feed is the cursor of a shard behind an endpoint: a goroutine of its own calls, one call ahead of
// the reader.
type feed struct {
	begun  position
	wake   func()
	calls  chan fetched // capacity 1
	last   error        // the end
	ctx    context.Context
	cancel context.CancelFunc
	caller sync.WaitGroup
}

// fetched is what one call brought; err, io.EOF included, ends the feed.
type fetched struct {
	records []record
	err     error
}

func newFeed(ctx context.Context, begun position, wake func()) *feed {
	f := &feed{begun: begun, wake: wake, calls: make(chan fetched, 1)}
	f.ctx, f.cancel = context.WithCancel(ctx)
	return f
}

// run has the goroutine call; what it returns ends the feed.
func (f *feed) run(call func() error) {
	f.caller.Go(func() {
		err := call()
		if f.ctx.Err() == nil {
			_ = f.push(fetched{err: err}) // unless the reader is closed meanwhile
		}
	})
}

// push hands records to the reader. It waits until the reader has taken the ones before.
func (f *feed) push(x fetched) error {
	select {
	case f.calls <- x:
		f.wake()
		return nil
	case <-f.ctx.Done():
		return f.ctx.Err()
	}
}

// next is cursor's.
func (f *feed) next() ([]record, error) {
	if f.last != nil {
		return nil, f.last
	}
	select {
	case x := <-f.calls:
		f.last = x.err
		return x.records, x.err
	default:
	}
	if err := f.ctx.Err(); err != nil {
		return nil, err
	}
	return nil, connectors.ErrNoData
}

func (f *feed) start() position { return f.begun }

func (f *feed) close() error {
	f.cancel()
	f.caller.Wait()
	return nil
}
