package segment

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sort"
)

// loadIndex builds the index of a segment that this process did not write, by
// hopping over its frames' headers.
func (s *Store) loadIndex(seg *file) (*index, error) {
	s.mu.RLock()
	path, size, known := s.path(seg), seg.size, seg.idx
	s.mu.RUnlock()
	if known != nil {
		return known, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("indexing a segment: %w", err)
	}
	idx, err := buildIndex(f, seg.first, size)
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if seg.idx == nil {
		seg.idx = idx // what was appended meanwhile has no marks; a seek hops over it
	}
	return idx, nil
}

func buildIndex(f *os.File, first uint64, size int64) (*index, error) {
	idx := &index{}
	expect := first
	err := hop(f, fileHeaderSize, size, func(pos int64, h frameHeader) (bool, error) {
		if h.first != expect {
			return false, fmt.Errorf("frame starts at offset %d, expected %d", h.first, expect)
		}
		expect = h.first + uint64(h.count)
		idx.add(pos, h)
		return true, nil
	})
	return idx, err
}

// hop visits the headers of the frames in [pos, size) until visit says false.
func hop(f *os.File, pos, size int64, visit func(pos int64, h frameHeader) (bool, error)) error {
	buf := make([]byte, 0, 64<<10)
	base := pos
	for pos < size {
		if pos-base+frameHeaderSize > int64(len(buf)) {
			n, err := f.ReadAt(buf[:min(int64(cap(buf)), size-pos)], pos)
			if err != nil && !errors.Is(err, io.EOF) {
				return fmt.Errorf("reading %s: %w", f.Name(), err)
			}
			buf, base = buf[:n], pos
		}
		h, err := parseHeader(buf[pos-base:])
		if err != nil {
			return corrupt(f.Name(), pos, err)
		}
		more, err := visit(pos, h)
		if err != nil {
			return corrupt(f.Name(), pos, err)
		}
		if !more {
			return nil
		}
		pos += h.size()
		if pos-base > int64(len(buf)) {
			buf, base = buf[:0], pos
		}
	}
	return nil
}

// firstMark is the arrival time of a segment's first frame, 0 when it has none.
func (s *Store) firstMark(seg *file) (int64, error) {
	s.mu.RLock()
	arrived, size, path := seg.arrived, seg.size, s.path(seg)
	s.mu.RUnlock()
	if arrived != 0 || size <= fileHeaderSize {
		return arrived, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return 0, fmt.Errorf("looking at a segment's first record: %w", err)
	}
	err = hop(f, fileHeaderSize, size, func(_ int64, h frameHeader) (bool, error) {
		arrived = h.arrived
		return false, nil
	})
	if err = errors.Join(err, f.Close()); err != nil {
		return 0, err
	}
	s.mu.Lock()
	seg.arrived = arrived
	s.mu.Unlock()
	return arrived, nil
}

// SeekTime returns the first offset whose record arrived at or after t (unix
// milliseconds); end when all that are stored below end are older.
func (s *Store) SeekTime(t int64, end uint64) (uint64, error) {
	s.mu.RLock()
	segs := s.segs
	s.mu.RUnlock()
	var failed error
	// The last segment that begins before t: the first later record is in it or starts the next one.
	i := sort.Search(len(segs), func(i int) bool {
		arrived, err := s.firstMark(segs[i])
		failed = errors.Join(failed, err)
		return arrived == 0 || arrived >= t
	}) - 1
	if failed != nil {
		return 0, failed
	}
	if i < 0 {
		if len(segs) == 0 {
			return min(FirstOffset, end), nil
		}
		return min(segs[0].first, end), nil
	}
	return s.seekIn(segs[i], t, end)
}

func (s *Store) seekIn(seg *file, t int64, end uint64) (uint64, error) {
	idx, err := s.loadIndex(seg)
	if err != nil {
		return 0, err
	}
	s.mu.RLock()
	pos, found, size, path := int64(fileHeaderSize), seg.first, seg.size, s.path(seg)
	if m, ok := idx.byTime(t); ok {
		pos, found = m.pos, m.offset
	}
	s.mu.RUnlock()
	f, err := os.Open(path)
	if err != nil {
		return 0, fmt.Errorf("seeking in a segment: %w", err)
	}
	err = hop(f, pos, size, func(_ int64, h frameHeader) (bool, error) {
		if h.arrived >= t || h.first >= end {
			return false, nil
		}
		found = h.first + uint64(h.count)
		return true, nil
	})
	return min(found, end), errors.Join(err, f.Close())
}
