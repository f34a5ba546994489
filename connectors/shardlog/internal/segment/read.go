package segment

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sort"
)

// readChunk is how much of a file one read call takes unless a frame is larger.
const readChunk = 1 << 20

// hint remembers where the frame at an offset begins, so that a reader who goes
// on where he stopped needs no search.
type hint struct {
	offset uint64
	first  uint64 // of the segment
	pos    int64
}

// Chunk is memory for reads. Frames point into it until the next Read.
type Chunk struct {
	Frames []Frame
	buf    []byte
}

// Read fills c with frames in order, the first of which holds offset from, and
// none of which reaches past end. It reads at most about maxBytes (1 MiB at most, but
// at least one frame) of one file. No frames mean that there is nothing before end. Records below
// First are gone: from is moved up.
func (s *Store) Read(c *Chunk, from, end uint64, maxBytes int) error {
	c.Frames = c.Frames[:0]
	from = max(from, s.First())
	for from < end && len(c.Frames) == 0 {
		next, err := s.readOnce(c, from, end, maxBytes)
		if errors.Is(err, os.ErrNotExist) && s.First() > from {
			from = s.First() // retention removed the file between the look-up and the read
			continue
		}
		if err != nil {
			return err
		}
		from = next
	}
	return nil
}

// readOnce reads one stretch of one file and returns the offset to go on with.
func (s *Store) readOnce(c *Chunk, from, end uint64, maxBytes int) (uint64, error) {
	at, err := s.locate(from)
	if err != nil {
		return 0, err
	}
	if at.pos >= at.size {
		return 0, corrupt(at.path, at.pos, fmt.Errorf("the records from offset %d to %d are missing", from, end-1))
	}
	f, err := os.Open(at.path)
	if err != nil {
		return 0, fmt.Errorf("opening a segment: %w", err)
	}
	next, err := s.fill(c, f, at, from, end, min(maxBytes, readChunk))
	return next, errors.Join(err, f.Close())
}

// place is a frame boundary in a file.
type place struct {
	path   string
	first  uint64 // of the segment
	offset uint64 // of the frame at pos
	pos    int64
	size   int64
}

// fill reads from at.pos and parses the frames that hold [from, end).
func (s *Store) fill(c *Chunk, f *os.File, at place, from, end uint64, maxBytes int) (uint64, error) {
	expect, pos := at.offset, at.pos
	kept, want := 0, int64(max(maxBytes, 4096)) // c.buf[:kept] is the start of a frame that was cut off
	for {
		c.grow(kept, min(at.size-pos, want))
		if _, err := f.ReadAt(c.buf[kept:], pos+int64(kept)); err != nil {
			if errors.Is(err, io.EOF) {
				return 0, corrupt(at.path, pos, io.ErrUnexpectedEOF)
			}
			return 0, fmt.Errorf("reading %s: %w", at.path, err)
		}
		used, need, err := c.parse(&expect, from, end)
		pos += int64(used)
		if err != nil {
			return 0, corrupt(at.path, pos, err)
		}
		if pos >= at.size && expect <= from && expect < end {
			return 0, corrupt(at.path, pos, fmt.Errorf("the file ends at offset %d, records up to %d were written", expect, end))
		}
		if len(c.Frames) > 0 || pos >= at.size {
			s.remember(hint{offset: expect, first: at.first, pos: pos})
			return max(expect, from), nil
		}
		if pos+int64(need) > at.size {
			return 0, corrupt(at.path, pos, errShort)
		}
		kept = copy(c.buf, c.buf[used:])
		want = int64(max(need, maxBytes, 4096))
	}
}

// grow makes c.buf n bytes long and keeps its first kept bytes.
func (c *Chunk) grow(kept int, n int64) {
	if int64(cap(c.buf)) < n {
		bigger := make([]byte, n)
		copy(bigger, c.buf[:kept])
		c.buf = bigger
	}
	c.buf = c.buf[:n]
}

// parse takes complete frames off c.buf. It returns the bytes used and how many
// bytes the frame behind them needs, when it is not whole.
func (c *Chunk) parse(expect *uint64, from, end uint64) (used, need int, err error) {
	for used < len(c.buf) && *expect < end {
		rest := c.buf[used:]
		h, err := parseHeader(rest)
		if errors.Is(err, errShort) {
			return used, frameHeaderSize, nil
		}
		if err != nil {
			return used, 0, err
		}
		if h.first != *expect {
			return used, 0, fmt.Errorf("frame starts at offset %d, expected %d", h.first, *expect)
		}
		if h.size() > int64(len(rest)) {
			return used, int(h.size()), nil
		}
		if h.first+uint64(h.count) > from {
			_, body, err := checkFrame(rest)
			if err != nil {
				return used, 0, err
			}
			c.Frames = append(c.Frames, Frame{First: h.first, Count: h.count, Arrived: h.arrived, Body: body})
		}
		*expect = h.first + uint64(h.count)
		used += int(h.size())
	}
	return used, frameHeaderSize, nil
}

func (s *Store) remember(h hint) {
	s.mu.Lock()
	s.hints[s.hinted%len(s.hints)] = h
	s.hinted++
	s.mu.Unlock()
}

// locate finds a frame boundary at or shortly before offset.
func (s *Store) locate(offset uint64) (place, error) {
	s.mu.RLock()
	i := sort.Search(len(s.segs), func(i int) bool { return s.segs[i].first > offset }) - 1
	if i < 0 {
		s.mu.RUnlock()
		return place{}, fmt.Errorf("offset %d: %w", offset, os.ErrNotExist)
	}
	seg := s.segs[i]
	at := place{path: s.path(seg), first: seg.first, offset: seg.first, pos: fileHeaderSize, size: seg.size}
	known := seg.idx
	for _, h := range s.hints {
		if h.first == seg.first && h.pos > 0 && h.offset == offset {
			at.offset, at.pos = h.offset, h.pos
		}
	}
	if known != nil && at.offset != offset {
		at = nearest(at, known, offset)
	}
	s.mu.RUnlock()
	if known != nil || at.offset == offset {
		return at, nil
	}
	idx, err := s.loadIndex(seg)
	if err != nil {
		return place{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return nearest(at, idx, offset), nil
}

func nearest(at place, idx *index, offset uint64) place {
	if m, ok := idx.byOffset(offset); ok {
		at.offset, at.pos = m.offset, m.pos
	}
	return at
}
