package shardlog

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/weirstream/weir/connectors/shardlog/internal/segment"
)

// startBackground arms the timers of maintenance and, for Interval, of syncing.
func (l *Log) startBackground() {
	l.background.Lock()
	defer l.background.Unlock()
	l.background.stop = l.opts.Clock.AfterFunc(l.opts.MaintainEvery, func() {
		l.round(l.maintain, l.opts.MaintainEvery, &l.background.stop)
	})
	if l.opts.Durability == Interval {
		l.background.sync = l.opts.Clock.AfterFunc(l.opts.SyncInterval, func() {
			l.round(l.syncDirty, l.opts.SyncInterval, &l.background.sync)
		})
	}
}

// round runs background work once and arms its timer again.
func (l *Log) round(work func(), every time.Duration, stop *func() bool) {
	l.background.Lock()
	if l.background.ended {
		l.background.Unlock()
		return
	}
	l.work.Add(1)
	l.background.Unlock()
	defer l.work.Done()
	work()
	l.background.Lock()
	defer l.background.Unlock()
	if !l.background.ended {
		*stop = l.opts.Clock.AfterFunc(every, func() { l.round(work, every, stop) })
	}
}

// stopBackground ends the timers and returns the last error of background work.
func (l *Log) stopBackground() error {
	l.background.Lock()
	defer l.background.Unlock()
	l.background.ended = true
	for _, stop := range []func() bool{l.background.stop, l.background.sync} {
		if stop != nil {
			stop()
		}
	}
	return l.background.err
}

// report tells an error that no caller waits for.
func (l *Log) report(err error) {
	if err == nil || errors.Is(err, ErrClosed) {
		return
	}
	l.background.Lock()
	l.background.err = err
	l.background.Unlock()
	if l.opts.OnError != nil {
		l.opts.OnError(err)
	}
}

// maintain applies retention, splits hot on-demand shards and closes idle files.
func (l *Log) maintain() {
	for _, st := range l.list() {
		err := errors.Join(st.trim(), st.dropExpired(), st.splitHot(l.opts.MaintainEvery))
		if err != nil && !IsGone(err) {
			l.report(fmt.Errorf("maintaining stream %s: %w", st.name, err))
		}
	}
}

// syncDirty makes durable what was written since the last round.
func (l *Log) syncDirty() {
	for _, st := range l.list() {
		for _, s := range st.opened() {
			err := s.exclusive((*segment.Store).Sync)
			if err != nil && !IsGone(err) {
				l.report(err)
			}
		}
	}
}

// opened lists the shards whose store is open.
func (st *Stream) opened() []*shard {
	st.mu.RLock()
	defer st.mu.RUnlock()
	var list []*shard
	for _, s := range st.shards {
		s.mu.Lock()
		if s.store != nil && s.gone == nil {
			list = append(list, s)
		}
		s.mu.Unlock()
	}
	return list
}

// trim deletes the files whose records are all past retention, and lets go of the
// handles of shards that were not written to since the last round.
func (st *Stream) trim() error {
	cutoff := st.log.nowMs() - int64(st.meta.Load().Retention)*time.Hour.Milliseconds()
	st.mu.RLock()
	var written []*shard
	for _, s := range st.shards {
		if s.exists() {
			written = append(written, s)
		}
	}
	st.mu.RUnlock()
	var failed error
	for _, s := range written {
		failed = errors.Join(failed, s.trim(cutoff))
	}
	return failed
}

func (s *shard) trim(cutoff int64) error {
	store, err := s.ready()
	if err != nil {
		return err
	}
	offset, err := store.SeekTime(cutoff, s.end.Load()) // may read files: appends go on meanwhile
	if err != nil {
		return err
	}
	return s.exclusive(func(store *segment.Store) error { return s.trimTo(store, offset) })
}

func (s *shard) trimTo(store *segment.Store, offset uint64) error {
	if offset == store.Next() && store.First() < offset && !s.sealed {
		// All are too old, and the last file can only go when another keeps the offset.
		if err := store.Roll(); err != nil {
			return err
		}
	}
	if _, err := store.TrimTo(offset); err != nil {
		return err
	}
	if s.bytesIn.Load() == 0 {
		return store.Release()
	}
	return nil
}

// dropExpired removes closed shards all of whose records are past retention.
func (st *Stream) dropExpired() error {
	now := st.log.nowMs()
	m := st.meta.Load()
	cutoff := now - int64(m.Retention)*time.Hour.Milliseconds()
	expired := func(s ShardInfo) bool { return s.Closed() && s.ClosedAt < cutoff }
	if !slices.ContainsFunc(m.Shards, expired) {
		return nil
	}
	var dropped []ShardInfo
	err := st.update(func(m *meta) error {
		for _, s := range m.Shards {
			if expired(s) {
				dropped = append(dropped, s)
			}
		}
		m.Shards = slices.DeleteFunc(m.Shards, expired)
		return nil
	})
	if err != nil {
		return err
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	for _, info := range dropped {
		s := st.shards[info.ID]
		delete(st.shards, info.ID)
		err = errors.Join(err, s.leave(fmt.Errorf("%w: %v has expired", ErrNoShard, info.ID)), os.RemoveAll(s.dir))
	}
	return err
}

// splitHot splits the shards of an on-demand stream that took more than HotShardBytes a second.
func (st *Stream) splitHot(since time.Duration) error {
	m := st.meta.Load()
	var hot []ShardInfo
	for _, s := range st.opened() {
		rate := float64(s.bytesIn.Swap(0)) / since.Seconds()
		info, ok := m.shard(s.id)
		if m.Mode == OnDemand && ok && !info.Closed() && rate >= st.log.opts.HotShardBytes && info.Hash.divisible() {
			hot = append(hot, *info)
		}
	}
	var failed error
	for _, info := range hot {
		err := st.split(info.ID, info.Hash.Middle(), (*meta).active)
		if errors.Is(err, ErrNotActive) {
			return failed // one split at a time; the next round sees to the others
		}
		failed = errors.Join(failed, err)
	}
	return failed
}

// leastRange is the part of all hash keys, as their upper half counts it, below which a hot shard stays as it is: it
// is one key that is hot, and splits do not help.
const leastRange = 1 << 32

func (r HashRange) divisible() bool { return r.End.Hi-r.Start.Hi >= leastRange }
