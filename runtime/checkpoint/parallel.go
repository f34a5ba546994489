package checkpoint

import (
	"context"
	"sync"
)

// streams is how many objects are read or written at a time.
const streams = 8

// inParallel calls f for all items, for a few at a time. The first error ends the others' ctx, and is given.
func inParallel[T any](ctx context.Context, items []T, f func(ctx context.Context, item T) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	todo := make(chan T)
	var first error
	var once sync.Once
	failed := func(err error) { once.Do(func() { first = err; stop() }) }
	var wait sync.WaitGroup
	for range min(streams, len(items)) {
		wait.Go(func() {
			for item := range todo {
				if err := f(ctx, item); err != nil {
					failed(err)
				}
			}
		})
	}
	for _, item := range items {
		select {
		case todo <- item:
		case <-ctx.Done():
		}
	}
	close(todo)
	wait.Wait()
	if first == nil {
		first = ctx.Err() // items may have been left out
	}
	return first
}
