package metrics

import "sync"

// Sink holds the numbers of a sink, over all its subtasks.
type Sink struct {
	id, table string

	mu      sync.Mutex
	retried int64
	cause   error
}

// Retrying counts records that the sink's store has refused for now and that are written again; each counts as often as it was refused.
func (s *Sink) Retrying(records int, cause error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.retried += int64(records)
	s.cause = cause
}

func (s *Sink) status() SinkStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	return SinkStatus{ID: s.id, Table: s.table, Retried: s.retried, Cause: s.cause}
}
