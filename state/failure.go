package state

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// failure is what the database has met in the background, where no call gives it back: a full disk, a failed
// sync. It is the database's logger too, since that tells of the worst in its log. An error that the database tries again after (a flush, a
// compaction) fails the checkpoint that waits for it; one that it cannot go on after, or that does not end, fails the store for
// good.
type failure struct {
	dir      string
	patience time.Duration // for how long flushes, or compactions, may fail before the store has failed for good
	standing time.Duration // for how long a writer waits while nothing happens

	mu          sync.Mutex
	last        error // of the background
	errs        int
	flushes     time.Time     // the first of those that have failed without a success behind it; zero: none
	compactions time.Time     // the same
	fatal       error         // the database cannot be used any more
	stopped     error         // see Store.Interrupt
	change      chan struct{} // closed at the next error, and at the end of the next flush or compaction
}

func newFailure(dir string) *failure {
	return &failure{dir: dir, patience: 10 * time.Second, standing: 5 * time.Minute, change: make(chan struct{})}
}

// Infof and Errorf drop chatter.
func (*failure) Infof(string, ...any)  {}
func (*failure) Errorf(string, ...any) {}

// Fatalf is called where the database cannot go on, as after a failed sync of its manifest. It returns, and so does the
// call in the database, with an error: what lies on disk is given up with the attempt of the job.
func (f *failure) Fatalf(format string, args ...any) {
	cause := fmt.Errorf(format, args...)
	for _, a := range args {
		if err, ok := a.(error); ok { // "%s" does not keep it
			cause = err
		}
	}
	f.add(cause, true)
}

// background takes an error of a flush or compaction.
func (f *failure) background(err error) {
	if !errors.Is(err, pebble.ErrClosed) {
		f.add(err, false)
	}
}

func (f *failure) add(err error, fatal bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.errs++
	f.last = err
	if f.fatal == nil && (fatal || f.lasts(f.flushes) || f.lasts(f.compactions)) {
		f.fatal = err
	}
	f.changed()
}

// lasts reports whether what has failed since a time has failed for too long.
func (f *failure) lasts(since time.Time) bool {
	return !since.IsZero() && time.Since(since) >= f.patience
}

func (f *failure) changed() {
	close(f.change)
	f.change = make(chan struct{})
}

// ended takes the end of a flush or of a compaction, with when the first of a row of failures was.
func (f *failure) ended(err error, since *time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case err == nil:
		*since = time.Time{}
	case since.IsZero() && !errors.Is(err, pebble.ErrCancelledCompaction):
		*since = time.Now()
	}
	f.changed()
}

// stop has those that wait give up.
func (f *failure) stop(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stopped == nil {
		f.stopped = err
	}
	f.changed()
}

// err gives what the store has failed with; nil while it works.
func (f *failure) err() error {
	_, _, err := f.next()
	return err
}

// next gives a channel that is closed at the next change, how many errors there were, and what the store has failed with.
func (f *failure) next() (<-chan struct{}, int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fatal != nil {
		return f.change, f.errs, f.of(f.fatal)
	}
	return f.change, f.errs, f.stopped
}

// latest gives the last error.
func (f *failure) latest() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.of(f.last)
}

func (f *failure) of(err error) error {
	return fmt.Errorf("the database in %s has failed: %w", f.dir, damaged(err))
}

// listen has the database tell.
func (f *failure) listen(o *pebble.Options) {
	o.Logger = f
	o.EventListener = &pebble.EventListener{
		BackgroundError: f.background,
		DataCorruption:  func(i pebble.DataCorruptionInfo) { f.add(corrupt("reading "+i.Path, i.Details), true) },
		FlushEnd:        func(i pebble.FlushInfo) { f.ended(i.Err, &f.flushes) },
		CompactionEnd:   func(i pebble.CompactionInfo) { f.ended(i.Err, &f.compactions) },
	}
}

// folders is the file system as the database sees it: it panics where the sync of a folder fails, in goroutines of its own, so
// that is not told to it but to the store, which has failed then.
type folders struct {
	vfs.FS
	failure *failure
}

// Unwrap is for the database, which looks for the machine's file system below.
func (f folders) Unwrap() vfs.FS { return f.FS }

func (f folders) OpenDir(name string) (vfs.File, error) {
	d, err := f.FS.OpenDir(name)
	if err != nil {
		return nil, err
	}
	return folder{d, f.failure, name}, nil
}

type folder struct {
	vfs.File
	failure *failure
	name    string
}

func (d folder) Sync() error {
	if err := d.File.Sync(); err != nil {
		d.failure.add(fmt.Errorf("syncing the folder %s: %w", d.name, err), true)
	}
	return nil
}

// flush writes what is in memory, and waits for it no longer than until the database fails.
func (s *Store) flush() error {
	_, before, err := s.failure.next()
	if err != nil {
		return err
	}
	done, err := s.db.AsyncFlush()
	if err != nil {
		return err
	}
	for {
		change, errs, err := s.failure.next()
		if err != nil {
			return err
		}
		if errs != before {
			return s.failure.latest()
		}
		select {
		case <-done:
			return s.failure.err()
		case <-change:
		}
	}
}

// Writers wait while so many tables in memory wait to be written, by their bytes, or while the uppermost level of the database, of
// which every read looks at each part, has so many parts that were not put together. The database itself would have them wait for ever
// where flushes or compactions fail or hang, and so gets bounds that are not reached (unbounded).
const (
	waiting      = 3
	maxSublevels = 64
	unbounded    = 1 << 30
)

// between is after how many bytes handed over that is looked at again.
const between = 4 << 20

// room waits until the database takes n more bytes of rows, for as long as something happens there.
func (s *Store) room(n int64) error {
	after := s.bytes.Add(n)
	if after/between == (after-n)/between {
		return s.failure.err()
	}
	for {
		change, _, err := s.failure.next()
		if err != nil {
			return err
		}
		m := s.db.Metrics()
		if m.MemTable.Size < waiting*s.options.MemTableSize && m.Levels[0].Sublevels < maxSublevels {
			return nil
		}
		select {
		case <-change:
		case <-time.After(s.failure.standing):
			return s.failure.of(fmt.Errorf("for %v it has neither written what is in memory nor put tables together, and takes no more", s.failure.standing))
		}
	}
}

// Interrupt has calls that wait for the database, or read much of it, end with an error: the job is over, and nobody wants the
// rest.
func (s *Store) Interrupt(err error) { s.failure.stop(err) }
