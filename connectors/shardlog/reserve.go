package shardlog

import "fmt"

// reserve puts records into the pending commit like begin, and keeps that from the disk until letGo or giveUp: the
// caller notes meanwhile where they will lie. It does not wait.
func (s *shard) reserve(puts []Put, pick []int32, now int64) (ticket, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(); err != nil {
		return ticket{}, err
	}
	t, err := s.enqueue(puts, pick, max(now, s.lastMs))
	if err != nil {
		return t, err
	}
	t.reserved = true
	s.held++
	return t, nil
}

// letGo lets the commit with a reserved place begin.
func (s *shard) letGo() {
	s.mu.Lock()
	s.held--
	s.idle.Broadcast()
	s.mu.Unlock()
}

// giveUp fails the commit with a reserved place: its offsets go to others.
func (s *shard) giveUp(t ticket, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held--
	if c := t.commit; s.pending == c {
		s.pending, s.next = nil, c.first
		c.err = fmt.Errorf("appending to %v: %w", s.id, err)
		if s.held > 0 {
			s.suspended = c.err // another one has noted its place
		}
		close(c.done)
	}
	if t.lead {
		s.busy = false
	}
	s.idle.Broadcast()
}

// resume ends what fail began for a commit with reserved places.
func (s *shard) resume() {
	s.mu.Lock()
	s.suspended = nil
	s.mu.Unlock()
}
