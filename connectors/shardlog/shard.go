package shardlog

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirstream/weir/connectors/shardlog/internal/segment"
)

// maxPending bounds the bytes that wait for the commit before them; appenders
// behind it wait, which is the log's backpressure.
const maxPending = 16 << 20

// shard is one shard's writer and what its readers share.
type shard struct {
	log     *Log
	dir     string
	id      ShardID
	created int64 // unix seconds

	mu      sync.Mutex
	idle    *sync.Cond // signalled when busy ends
	store   *segment.Store
	next    uint64 // offset of the next record to be handed in
	lastMs  int64  // arrival of the newest record
	pending *commit
	spare   []byte
	crowd   crowd
	busy    bool // somebody works on the store's writing side
	sealed  bool
	gone    error // set when the stream is deleted or the log closed
	failed  error // a disk that failed: set by the first bad commit that cannot be undone
	held    int   // reserved places in pending: it must not go to the disk yet
	guests  int   // who waits in exclusive
	// suspended refuses appends while the offsets of a failed commit may be taken for those of its reserved places.
	suspended error
	wake      chan struct{} // closed when end moves or the shard ends; nil when nobody waits
	horizon   horizon

	end     atomic.Uint64 // offsets below it are committed: readers see those
	bytesIn atomic.Int64  // since the last round of maintenance
}

// commit is a group of frames that go to disk together.
type commit struct {
	buf    []byte
	frames int
	first  uint64
	// reserved says that somebody has noted where in the shard its records will lie.
	reserved bool
	done     chan struct{}
	err      error
}

// errSealed tells an appender that the shard was closed under it.
var errSealed = errors.New("shard takes no more records")

func newShard(l *Log, dir string, info ShardInfo) *shard {
	s := &shard{log: l, dir: dir, id: info.ID, created: info.Created, sealed: info.Closed()}
	s.idle = sync.NewCond(&s.mu)
	return s
}

func (s *shard) identity() uint64 { return uint64(s.created)<<31 | uint64(s.id) }

// open makes the store ready; the caller holds mu. Shards open on first use, so
// that ten thousand idle streams cost neither time nor file handles.
func (s *shard) open() error {
	if s.gone != nil {
		return s.gone
	}
	if s.store != nil {
		return nil
	}
	store, err := segment.Open(s.dir, segment.Options{
		Identity:     s.identity(),
		SegmentBytes: s.log.opts.SegmentBytes,
		Durable:      s.log.opts.Durability == Fsync,
	})
	if err != nil {
		return fmt.Errorf("opening %v: %w", s.id, err)
	}
	s.store, s.next, s.lastMs = store, store.Next(), store.LastArrived()
	s.end.Store(s.next)
	return nil
}

// ready returns the store for reading.
func (s *shard) ready() (*segment.Store, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.open(); err != nil {
		return nil, err
	}
	return s.store, nil
}

// ticket is a place in a commit.
type ticket struct {
	*commit
	first   uint64
	arrived int64
	lead    bool // the holder must call flush
}

// begin puts records into the pending commit. It waits when too much is pending.
func (s *shard) begin(ctx context.Context, puts []Put, pick []int32, now int64) (ticket, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.pending != nil && len(s.pending.buf) > maxPending {
		c := s.pending
		s.mu.Unlock()
		select {
		case <-c.done:
		case <-ctx.Done():
		}
		s.mu.Lock()
		if err := ctx.Err(); err != nil {
			return ticket{}, err
		}
	}
	if err := s.usable(); err != nil {
		return ticket{}, err
	}
	return s.enqueue(puts, pick, max(now, s.lastMs))
}

// usable opens the shard for an append; the caller holds mu.
func (s *shard) usable() error {
	if err := s.open(); err != nil {
		return err
	}
	switch {
	case s.failed != nil:
		return s.failed
	case s.suspended != nil:
		return s.suspended
	case s.sealed:
		return errSealed
	}
	return nil
}

// enqueue encodes the records; the caller holds mu.
func (s *shard) enqueue(puts []Put, pick []int32, arrived int64) (ticket, error) {
	if s.pending == nil {
		s.pending = &commit{buf: s.spare[:0], first: s.next, done: make(chan struct{})}
		s.spare = nil
	}
	c := s.pending
	c.buf = s.log.buffers.room(c.buf, frameSize(puts, pick))
	w := segment.BeginFrame(c.buf)
	for _, i := range pick {
		w.Add(puts[i].Key, puts[i].Data)
	}
	buf, err := w.End(s.next, c.first, arrived)
	c.buf = buf
	if err != nil {
		if len(buf) == 0 {
			s.pending = nil
		}
		return ticket{}, err
	}
	t := ticket{commit: c, first: s.next, arrived: arrived, lead: !s.busy}
	s.next += uint64(len(pick))
	s.lastMs = arrived
	s.busy = true
	c.frames++
	s.crowd.joined(c.frames)
	return t, nil
}

// flush commits what is pending, and says whether more has come meanwhile: then
// the caller is still the writer and must flush again.
func (s *shard) flush() bool {
	if s.log.opts.Durability == Fsync {
		s.mu.Lock()
		s.gather()
		s.mu.Unlock()
	}
	s.commitPending()
	return !s.release()
}

// commitPending writes what is pending. The caller is the writer, and stays it.
func (s *shard) commitPending() {
	s.mu.Lock()
	for s.held > 0 {
		s.idle.Wait()
	}
	c := s.pending
	s.pending = nil
	s.mu.Unlock()
	if c != nil {
		err := s.store.Write(c.buf)
		if err == nil && s.log.opts.Durability == Fsync {
			began := time.Now()
			err = s.store.Sync()
			s.crowd.synced(time.Since(began))
		}
		s.publish(c, err)
	}
}

// flushAll is flush until nothing is pending.
func (s *shard) flushAll() {
	for s.flush() {
	}
}

// release ends the writer's turn unless something is pending. Who waits in exclusive has the next turn all the same,
// or a busy shard would never be trimmed.
func (s *shard) release() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending != nil && s.guests == 0 {
		return false
	}
	s.busy = false
	s.idle.Broadcast()
	return true
}

// publish shows a commit to readers and lets its appenders go.
func (s *shard) publish(c *commit, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.fail(c, err)
		return
	}
	s.end.Store(s.store.Next())
	s.bytesIn.Add(int64(len(c.buf)))
	s.log.stats.committed(len(c.buf), s.store.Next()-c.first)
	s.crowd.committed(c, s.pending)
	if s.spare == nil && cap(c.buf) <= maxSpare {
		s.spare = c.buf
	}
	s.log.buffers.keep(c.buf)
	c.buf = nil
	s.notify()
	close(c.done)
}

// fail refuses a commit and the one behind it, whose offsets follow on it. The
// caller holds mu.
func (s *shard) fail(c *commit, err error) {
	err = fmt.Errorf("appending to %v: %w", s.id, err)
	s.next = s.store.Next()
	if s.next != c.first {
		s.failed = err // written, but not synced: what the disk holds is not known
	}
	for _, bad := range []*commit{c, s.pending} {
		if bad != nil {
			if bad.reserved {
				s.suspended = err
			}
			bad.err = err
			close(bad.done)
		}
	}
	s.pending = nil
}

// notify wakes waiting readers; the caller holds mu.
func (s *shard) notify() {
	if s.wake != nil {
		close(s.wake)
		s.wake = nil
	}
}

// exclusive runs f as the shard's writer, between commits. Appends may be pending: f comes before them.
func (s *shard) exclusive(f func(*segment.Store) error) error {
	s.mu.Lock()
	s.guests++
	for s.busy {
		s.idle.Wait()
	}
	s.guests--
	err := s.open()
	s.busy = true
	s.mu.Unlock()
	if err == nil {
		err = f(s.store)
	}
	if !s.release() {
		s.flushAll()
	}
	return err
}

// seal stops appends, waits for those under way, makes all durable and returns
// the offset behind the last record.
func (s *shard) seal() (uint64, error) {
	s.mu.Lock()
	s.sealed = true
	s.mu.Unlock()
	var end uint64
	err := s.exclusive(func(store *segment.Store) error {
		// The writer before us may have left to us, its guest, what came while it wrote. Nothing comes any more.
		s.commitPending()
		end = store.Next()
		return store.Release()
	})
	if err != nil {
		s.unseal()
	}
	return end, err
}

func (s *shard) unseal() {
	s.mu.Lock()
	s.sealed = false
	s.mu.Unlock()
}

// leave makes the shard unusable: the stream is deleted or the log closed.
func (s *shard) leave(reason error) error {
	s.mu.Lock()
	for s.busy || s.pending != nil {
		s.idle.Wait()
	}
	s.gone = reason
	s.notify()
	store := s.store
	s.mu.Unlock()
	if store == nil {
		return nil
	}
	return store.Close()
}

// wait returns when offset is readable, the shard has ended before it or is gone.
func (s *shard) wait(ctx context.Context, offset uint64) error {
	for {
		s.mu.Lock()
		if err := s.open(); err != nil {
			s.mu.Unlock()
			return err
		}
		if s.end.Load() > offset || (s.sealed && !s.busy) {
			s.mu.Unlock()
			return nil
		}
		if s.wake == nil {
			s.wake = make(chan struct{})
		}
		wake := s.wake
		s.mu.Unlock()
		select {
		case <-wake:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// exists reports whether the shard was ever written to.
func (s *shard) exists() bool {
	_, err := os.Stat(s.dir)
	return err == nil
}
