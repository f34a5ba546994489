package task

import (
	"context"
	"sync/atomic"
)

// gate lets tasks go on together: each arrives once, and nobody passes before all have.
type gate struct {
	missing atomic.Int64
	open    chan struct{}
}

func newGate(tasks int) *gate {
	g := &gate{open: make(chan struct{})}
	g.missing.Store(int64(tasks))
	return g
}

// pass arrives and waits for the others. When ctx ends, because one of them has failed, the
// error is errStopped.
func (g *gate) pass(ctx context.Context) error {
	if g.missing.Add(-1) == 0 {
		close(g.open)
	}
	select {
	case <-g.open:
	case <-ctx.Done():
	}
	if ctx.Err() != nil {
		return errStopped
	}
	return nil
}
