package segment

import (
	"errors"
	"fmt"
	"os"
	"slices"
)

// Write appends frames, made with BeginFrame, whose offsets go on from Next.
// They are in the file, not yet on the disk: call Sync. When it fails the file
// is cut back to where it was, and the store goes on working.
func (s *Store) Write(frames []byte) error {
	if s.failed != nil {
		return s.failed
	}
	if err := s.ready(int64(len(frames))); err != nil {
		return err
	}
	seg := s.segs[len(s.segs)-1]
	if _, err := s.active.WriteAt(frames, seg.size); err != nil {
		err = fmt.Errorf("writing to %s: %w", s.active.Name(), err)
		if cutErr := s.active.Truncate(seg.size); cutErr != nil {
			s.failed = errors.Join(err, cutErr)
			return s.failed
		}
		return err
	}
	s.dirty = true
	return s.published(seg, frames)
}

// published makes written frames visible to readers.
func (s *Store) published(seg *file, frames []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for at := 0; at < len(frames); {
		h, err := parseHeader(frames[at:])
		if err != nil || h.first != s.next {
			s.failed = fmt.Errorf("writing frames that do not follow offset %d: %w", s.next, err)
			return s.failed
		}
		if seg.idx != nil {
			seg.idx.add(seg.size+int64(at), h)
		}
		if seg.arrived == 0 {
			seg.arrived = h.arrived
		}
		s.next = h.first + uint64(h.count)
		s.lastArrived = h.arrived
		at += int(h.size())
	}
	seg.size += int64(len(frames))
	return nil
}

// ready opens or creates the segment that n bytes go to.
func (s *Store) ready(n int64) error {
	if len(s.segs) == 0 {
		if err := makeDir(s.dir, s.opts.Durable); err != nil {
			return err
		}
		return s.create()
	}
	seg := s.segs[len(s.segs)-1]
	if seg.size > fileHeaderSize && seg.size+n > s.opts.SegmentBytes {
		return s.Roll()
	}
	if s.active != nil {
		return nil
	}
	f, err := os.OpenFile(s.path(seg), os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("opening the last segment: %w", err)
	}
	s.active = f
	return nil
}

// Roll starts a new segment, so that retention can drop the one before it.
func (s *Store) Roll() error {
	if err := s.Release(); err != nil {
		return err
	}
	return s.create()
}

func (s *Store) create() error {
	f, err := createFile(s.dir, s.next, s.opts.Identity, s.opts.Durable)
	if err != nil {
		return err
	}
	s.active = f
	s.mu.Lock()
	defer s.mu.Unlock()
	segs := slices.Clone(s.segs) // readers may hold the old list
	if n := len(segs); n > 0 && segs[n-1].first == s.next {
		segs = segs[:n-1] // an empty segment of the same name, now truncated
	}
	s.segs = append(segs, &file{first: s.next, size: fileHeaderSize, idx: &index{}})
	return nil
}

// makeDir creates a shard's folder and makes its name durable.
func makeDir(dir string, durable bool) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("creating a shard's folder: %w", err)
	}
	if !durable {
		return nil
	}
	return SyncDir(parent(dir))
}

// Sync makes everything written so far durable. After a failure the store
// refuses all writes: the kernel may have dropped the pages that it could not
// write, so a second attempt would lie.
func (s *Store) Sync() error {
	if s.failed != nil {
		return s.failed
	}
	if !s.dirty || s.active == nil {
		return nil
	}
	if err := datasync(s.active); err != nil {
		s.failed = fmt.Errorf("syncing %s: %w", s.active.Name(), err)
		return s.failed
	}
	s.dirty = false
	return nil
}

// Release syncs and closes the file handle; the next Write opens it again. It
// leaves a note of the tail, which spares the next Open the scan.
func (s *Store) Release() error {
	if s.active == nil {
		return s.failed
	}
	err := s.Sync()
	err = errors.Join(err, s.active.Close())
	s.active = nil
	if err != nil {
		return fmt.Errorf("closing a segment: %w", err)
	}
	seg := s.segs[len(s.segs)-1]
	return writeTail(s.dir, tail{first: seg.first, size: seg.size, next: s.next, lastArrived: s.lastArrived})
}

// TrimTo deletes whole segments whose records all lie below offset, and returns
// how many. The last segment stays: its name keeps the next offset.
func (s *Store) TrimTo(offset uint64) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for len(s.segs) > 1 && s.segs[1].first <= offset {
		if err := os.Remove(s.path(s.segs[0])); err != nil && !errors.Is(err, os.ErrNotExist) {
			return n, fmt.Errorf("removing a segment past its retention: %w", err)
		}
		s.segs = s.segs[1:]
		n++
	}
	return n, nil
}
