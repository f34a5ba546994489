package segment

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// Options say how a store keeps its files.
type Options struct {
	// Identity is written into every file; a file with another one is refused.
	Identity uint64
	// SegmentBytes is the size past which a new file begins; 64 MiB when 0.
	SegmentBytes int64
	// Durable syncs a new file and its folder before the first write to it.
	Durable bool
}

// FirstOffset is the offset of the first record of every store. Offset 0 is
// free to mean "before all records".
const FirstOffset = 1

// Store is one shard's folder. Write, Sync, Roll, Release and Close want one
// caller at a time; reads may run beside them.
type Store struct {
	dir  string
	opts Options

	mu     sync.RWMutex // guards segs and what hangs on it, and hints
	segs   []*file
	hints  [8]hint
	hinted int

	active      handle // of the last segment, nil while released
	dirty       bool   // bytes were written since the last Sync
	failed      error  // a failed sync: what is on disk is not known any more
	next        uint64 // offset of the next record
	lastArrived int64
}

// handle is what writing needs of a file; tests put a full disk in its place.
type handle interface {
	io.WriterAt
	io.Closer
	Name() string
	Truncate(size int64) error
	Fd() uintptr
	Sync() error
}

// file is one segment.
type file struct {
	first   uint64
	size    int64 // bytes that readers may look at
	idx     *index
	arrived int64 // of the first frame; 0 until it was looked at
}

func (s *Store) path(f *file) string { return filepath.Join(s.dir, fileName(f.first)) }

// Open reads the folder, which need not exist before the first Write. It checks
// the last segment, cuts a torn tail off, and refuses damage with ErrCorrupt.
func Open(dir string, opts Options) (*Store, error) {
	if opts.SegmentBytes == 0 {
		opts.SegmentBytes = 64 << 20
	}
	s := &Store{dir: dir, opts: opts, next: FirstOffset}
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("listing segments: %w", err)
	}
	for _, e := range entries {
		first, ok := parseFileName(e.Name())
		if !ok {
			continue
		}
		info, err := e.Info()
		if err != nil {
			return nil, fmt.Errorf("listing segments: %w", err)
		}
		s.segs = append(s.segs, &file{first: first, size: info.Size()})
	}
	slices.SortFunc(s.segs, func(a, b *file) int {
		if a.first < b.first {
			return -1
		}
		return 1
	})
	if len(s.segs) == 0 {
		return s, nil
	}
	if err := s.recoverTail(); err != nil {
		return nil, err
	}
	return s, nil
}

// recoverTail finds the end of the last segment.
func (s *Store) recoverTail() error {
	last := s.segs[len(s.segs)-1]
	f, err := os.OpenFile(s.path(last), os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("opening the last segment: %w", err)
	}
	err = s.recoverFile(f, last)
	return errors.Join(err, f.Close())
}

func (s *Store) recoverFile(f *os.File, last *file) error {
	err := checkFileHeader(f, last.first, s.opts.Identity)
	if errors.Is(err, errTornHeader) {
		return s.rewriteHeader(f, last)
	}
	if err != nil {
		return err
	}
	if t, ok := readTail(s.dir); ok && t.first == last.first && t.size == last.size {
		s.next, s.lastArrived = t.next, t.lastArrived
		return nil
	}
	idx := &index{}
	pos, next, err := scan(f, fileHeaderSize, last.size, last.first, func(pos int64, h frameHeader) {
		idx.add(pos, h)
		s.lastArrived = max(s.lastArrived, h.arrived)
	})
	if err != nil {
		torn, lookErr := tornTail(f, pos, last.size, next, err)
		if lookErr != nil {
			return lookErr
		}
		if !torn {
			return corrupt(f.Name(), pos, err)
		}
		if err := cut(f, pos); err != nil {
			return err
		}
		last.size = pos
	}
	last.idx, s.next = idx, next
	// Bytes that a killed process left in the page cache may have been read by
	// somebody: make them durable before anything is built on them.
	if err := f.Sync(); err != nil {
		return fmt.Errorf("syncing %s after recovery: %w", f.Name(), err)
	}
	return s.arrivedBefore(last)
}

// arrivedBefore takes the last arrival time from the segment before an empty last one.
func (s *Store) arrivedBefore(last *file) error {
	if s.lastArrived != 0 || len(s.segs) < 2 {
		return nil
	}
	prev := s.segs[len(s.segs)-2]
	m, err := s.firstMark(prev)
	if err != nil {
		return err
	}
	s.lastArrived = m
	return nil
}

// rewriteHeader completes a segment whose creation was interrupted. Such a file
// has no records: the header is synced before the first frame is written.
func (s *Store) rewriteHeader(f *os.File, last *file) error {
	if last.size > fileHeaderSize {
		return corrupt(f.Name(), 0, errors.New("the header is zeros but frames follow"))
	}
	if _, err := f.WriteAt(fileHeader(last.first, s.opts.Identity), 0); err != nil {
		return fmt.Errorf("writing the header of %s: %w", f.Name(), err)
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("syncing %s: %w", f.Name(), err)
	}
	last.size, last.idx, s.next = fileHeaderSize, &index{}, last.first
	return s.arrivedBefore(last)
}

func cut(f *os.File, size int64) error {
	if err := f.Truncate(size); err != nil {
		return fmt.Errorf("cutting the torn tail of %s: %w", f.Name(), err)
	}
	return nil
}

// Next is the offset that the next written record must have.
func (s *Store) Next() uint64 { return s.next }

// LastArrived is the arrival time of the newest record, 0 when there is none.
func (s *Store) LastArrived() int64 { return s.lastArrived }

// First is the oldest offset that is still stored.
func (s *Store) First() uint64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if len(s.segs) == 0 {
		return FirstOffset
	}
	return s.segs[0].first
}

// Bytes is the size of all files.
func (s *Store) Bytes() int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var n int64
	for _, f := range s.segs {
		n += f.size
	}
	return n
}

// Close syncs and closes the store.
func (s *Store) Close() error { return s.Release() }
