package shardlog

import (
	"errors"
	"fmt"
	"hash/fnv"
	"os"

	"github.com/weirstream/weir/connectors/shardlog/internal/segment"
)

// Stage takes records that are to be committed later. It is used by one goroutine.
type Stage struct {
	staging *staging
	name    string // of the lane
	epoch   int
	store   *segment.Store
	ready   uint64 // records below it were prepared
	buf     []byte
}

// Prepared names staged records that Commit moves into the shards. It survives a restart, as JSON.
type Prepared struct {
	Owner    string
	Epoch    int
	Lane     string
	From, To uint64
}

// Stage begins to stage records in the current run of an owner. A writer is who writes beside others in one
// run; Fence ends the run.
func (st *Stream) Stage(owner, writer string) (*Stage, error) {
	if err := st.alive(); err != nil {
		return nil, err
	}
	s, err := st.staging(owner)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	h := fnv.New64a()
	_, _ = h.Write([]byte(writer))
	name := fmt.Sprintf("%d-%016x", s.state.Epoch, h.Sum64())
	store, err := s.store(name)
	if err != nil {
		return nil, err
	}
	if _, ok := s.state.Lanes[name]; !ok {
		s.state.Lanes[name] = lane{Done: segment.FirstOffset} // on disk with the first commit
	}
	return &Stage{staging: s, name: name, epoch: s.state.Epoch, store: store, ready: store.Next()}, nil
}

// Epoch is the number of the owner's run.
func (g *Stage) Epoch() int { return g.epoch }

// Append stages records behind those before them. They break the same rules as those of Stream.Append.
func (g *Stage) Append(puts []Put) error {
	if err := g.staging.st.check(puts); err != nil {
		return err
	}
	if len(puts) == 0 {
		return nil
	}
	w := segment.BeginFrame(g.buf[:0])
	for i := range puts {
		if puts[i].Hash != nil {
			return fmt.Errorf("%w: staged records are routed by their keys", ErrArgument)
		}
		w.Add(puts[i].Key, puts[i].Data)
	}
	next := g.store.Next()
	frame, err := w.End(next, g.ready, 0)
	if err != nil {
		return err
	}
	g.buf = frame
	if err := g.store.Write(frame); err != nil {
		return fmt.Errorf("staging records: %w", err)
	}
	return nil
}

// Prepare makes durable what was staged since the last Prepare. ok is false where that is nothing.
func (g *Stage) Prepare() (p Prepared, ok bool, err error) {
	if err := g.trim(); err != nil {
		return p, false, err
	}
	next := g.store.Next()
	if next == g.ready {
		return p, false, nil
	}
	if err := g.store.Sync(); err != nil {
		return p, false, fmt.Errorf("staging records: %w", err)
	}
	p = Prepared{Owner: g.staging.owner, Epoch: g.epoch, Lane: g.name, From: g.ready, To: next}
	g.ready = next
	return p, true, nil
}

// trim drops files whose records are all committed.
func (g *Stage) trim() error {
	g.staging.mu.Lock()
	l, ok := g.staging.state.Lanes[g.name]
	g.staging.mu.Unlock()
	if !ok {
		return fmt.Errorf("staging records: %w", ErrFenced)
	}
	if _, err := g.store.TrimTo(l.Done); err != nil {
		return fmt.Errorf("dropping staged records that are committed: %w", err)
	}
	return nil
}

// Close lets the files go. What was prepared can still be committed.
func (g *Stage) Close() error {
	err := g.store.Close()
	if errors.Is(err, os.ErrNotExist) {
		return nil // a later run has removed the lane
	}
	return err
}
