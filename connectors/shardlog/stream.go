package shardlog

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
)

// Stream is a handle on one stream of a Log. It is safe for concurrent use and
// stays valid until the stream is deleted; then its methods return ErrNotFound.
type Stream struct {
	log  *Log
	name string
	dir  string

	admin sync.Mutex // one change of metadata at a time
	meta  atomic.Pointer[meta]
	stop  func() bool // of the timer for meta.Pending; guarded by admin

	stage    sync.Mutex          // guards stagings
	stagings map[string]*staging // by owner

	mu     sync.RWMutex // held for reading while a batch is routed, for writing while routes change
	routes []route
	shards map[ShardID]*shard
	gone   error
}

// route is an open shard and the first hash key it takes.
type route struct {
	start HashKey
	shard *shard
}

func newStream(l *Log, dir string, m *meta) *Stream {
	st := &Stream{log: l, name: m.Name, dir: dir, shards: map[ShardID]*shard{}}
	st.show(m)
	return st
}

// Name is the stream's name.
func (st *Stream) Name() string { return st.name }

// Info describes the stream.
func (st *Stream) Info() Info { return st.meta.Load().info() }

// Shards lists the shards that have not expired, in the order of their ids.
func (st *Stream) Shards() []ShardInfo { return slices.Clone(st.meta.Load().Shards) }

// Shard describes one shard; ErrNoShard when it never was or has expired.
func (st *Stream) Shard(id ShardID) (ShardInfo, error) {
	info, ok := st.meta.Load().shard(id)
	if !ok {
		return ShardInfo{}, fmt.Errorf("stream %s: %w: %v", st.name, ErrNoShard, id)
	}
	return *info, nil
}

// Children lists the shards that follow a closed one. Read them after it, and a
// merged one after both of its parents.
func (st *Stream) Children(id ShardID) []ShardInfo {
	var children []ShardInfo
	for _, s := range st.meta.Load().Shards {
		if s.Parent == id || s.AdjacentParent == id {
			children = append(children, s)
		}
	}
	return children
}

func (st *Stream) shard(id ShardID) (*shard, error) {
	st.mu.RLock()
	defer st.mu.RUnlock()
	if st.gone != nil {
		return nil, st.gone
	}
	if s, ok := st.shards[id]; ok {
		return s, nil
	}
	return nil, fmt.Errorf("stream %s: %w: %v", st.name, ErrNoShard, id)
}

// show makes a metadata the current one. The caller holds mu for writing, or is
// the only one who knows the stream.
func (st *Stream) show(m *meta) {
	st.meta.Store(m)
	for _, info := range m.Shards {
		if st.shards[info.ID] == nil {
			dir := filepath.Join(st.dir, fmt.Sprintf("%06d", info.ID))
			st.shards[info.ID] = newShard(st.log, dir, info)
		}
	}
	st.routes = st.routes[:0:0]
	if m.Status == Creating || m.Status == Deleting {
		return
	}
	for _, info := range m.open() {
		st.routes = append(st.routes, route{start: info.Hash.Start, shard: st.shards[info.ID]})
	}
}

// update changes the metadata on disk, then in memory. When f or the disk fails, nothing has
// changed.
func (st *Stream) update(f func(m *meta) error) error {
	st.admin.Lock()
	defer st.admin.Unlock()
	return st.updateLocked(f)
}

func (st *Stream) updateLocked(f func(m *meta) error) error {
	if err := st.alive(); err != nil {
		return err
	}
	m := st.meta.Load().clone()
	m.dropDeleted(st.log.nowMs())
	if err := f(m); err != nil {
		return fmt.Errorf("stream %s: %w", st.name, err)
	}
	if err := saveMeta(st.dir, m); err != nil {
		return err
	}
	st.mu.Lock()
	st.show(m)
	st.mu.Unlock()
	return nil
}

func (st *Stream) alive() error {
	st.mu.RLock()
	defer st.mu.RUnlock()
	return st.gone
}

// WaitActive returns when the stream is ACTIVE.
func (st *Stream) WaitActive(ctx context.Context) error {
	for {
		st.log.changed.mu.Lock()
		wake := st.log.changed.ch
		st.log.changed.mu.Unlock()
		if err := st.alive(); err != nil {
			return err
		}
		if st.meta.Load().Status == Active {
			return nil
		}
		select {
		case <-wake:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
