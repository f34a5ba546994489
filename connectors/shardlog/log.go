package shardlog

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/weirstream/weir/connectors/shardlog/internal/segment"
)

// Log is an open folder of streams.
type Log struct {
	dir  string
	opts Options
	lock *os.File

	gate   sync.RWMutex // held for reading by appends, so that Close can wait for them
	closed bool
	work   sync.WaitGroup // goroutines of the log

	mu      sync.RWMutex // guards streams
	streams map[string]*Stream

	channels sync.Mutex // held while a channel is added: their names are the log's

	changed    signal // fires when a stream's state changes
	stats      stats
	buffers    buffers
	background struct {
		sync.Mutex
		stop  func() bool
		sync  func() bool
		ended bool
		err   error
	}
}

// signal is a channel that is closed and replaced at every event.
type signal struct {
	mu sync.Mutex
	ch chan struct{}
}

func (s *signal) fire() {
	s.mu.Lock()
	close(s.ch)
	s.ch = make(chan struct{})
	s.mu.Unlock()
}

// Open takes a folder, which is created when it is not there. ErrLocked when
// another process, or another Log of this one, has it.
func Open(dir string, opts Options) (*Log, error) {
	if err := os.MkdirAll(filepath.Join(dir, streamsName), 0o755); err != nil {
		return nil, fmt.Errorf("opening the shard log: %w", err)
	}
	lock, err := lockDir(dir)
	if err != nil {
		return nil, fmt.Errorf("opening the shard log: %w", err)
	}
	l := &Log{dir: dir, opts: opts.withDefaults(), lock: lock, streams: map[string]*Stream{}}
	l.changed.ch = make(chan struct{})
	if err := l.load(); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the shard log: %w", err), lock.Close())
	}
	for _, st := range l.list() {
		st.resume()
	}
	l.startBackground()
	return l, nil
}

// load reads the streams and clears what a crash left half done.
func (l *Log) load() error {
	if err := os.RemoveAll(filepath.Join(l.dir, trashName)); err != nil {
		return fmt.Errorf("removing deleted streams: %w", err)
	}
	entries, err := os.ReadDir(filepath.Join(l.dir, streamsName))
	if err != nil {
		return err
	}
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), streamExt)
		if !ok {
			continue
		}
		dir := l.streamDir(name)
		m, err := loadMeta(dir)
		if errors.Is(err, os.ErrNotExist) && emptyStream(dir) {
			err = os.RemoveAll(dir) // the process died while it created the stream
			if err == nil {
				continue
			}
		}
		if err != nil {
			return err
		}
		if m.Name != name {
			return fmt.Errorf("%w: %s holds the stream %s", ErrCorrupt, dir, m.Name)
		}
		st := newStream(l, dir, m)
		if err := st.loadStagings(); err != nil {
			return err
		}
		l.streams[name] = st
	}
	return nil
}

// emptyStream reports whether a folder has nothing but a metadata file that was being written.
func emptyStream(dir string) bool {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return false
	}
	return !slices.ContainsFunc(entries, func(e os.DirEntry) bool { return e.Name() != metaName+".new" })
}

func (l *Log) streamDir(name string) string {
	return filepath.Join(l.dir, streamsName, name+streamExt)
}

func (l *Log) nowMs() int64 { return l.opts.Clock.Now().UnixMilli() }

// Stream finds a stream; ErrNotFound when there is none.
func (l *Log) Stream(name string) (*Stream, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if st, ok := l.streams[name]; ok {
		return st, nil
	}
	return nil, fmt.Errorf("%w: %s", ErrNotFound, name)
}

// Streams lists the names of all streams in order.
func (l *Log) Streams() []string {
	l.mu.RLock()
	defer l.mu.RUnlock()
	names := make([]string, 0, len(l.streams))
	for name := range l.streams {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (l *Log) list() []*Stream {
	l.mu.RLock()
	defer l.mu.RUnlock()
	list := make([]*Stream, 0, len(l.streams))
	for _, st := range l.streams {
		list = append(list, st)
	}
	return list
}

// Close waits for appends under way, makes everything durable and gives the
// folder up. Waiting readers return ErrClosed. The error includes the last one
// of background work.
func (l *Log) Close() error {
	l.gate.Lock()
	if l.closed {
		l.gate.Unlock()
		return ErrClosed
	}
	l.closed = true
	l.gate.Unlock()
	err := l.stopBackground()
	for _, st := range l.list() {
		st.admin.Lock()
		if st.stop != nil {
			st.stop()
		}
		err = errors.Join(err, st.leave(ErrClosed))
		st.admin.Unlock()
	}
	l.work.Wait()
	return errors.Join(err, segment.SyncDir(l.dir), l.lock.Close())
}

// leave makes a stream unusable and closes its shards.
func (st *Stream) leave(reason error) error {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.gone != nil {
		return nil
	}
	st.gone = reason
	st.routes = nil
	var err error
	for _, s := range st.shards {
		err = errors.Join(err, s.leave(reason))
	}
	st.log.changed.fire()
	return err
}

// ID is a number that the folder was given when it was made, for names and keys that belong to
// this log alone.
func (l *Log) ID() ([]byte, error) { return loadID(l.dir) }
