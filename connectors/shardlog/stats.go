package shardlog

import "sync/atomic"

// Stats count what a Log has done since it was opened.
type Stats struct {
	Streams int
	Commits uint64 // group commits, each one write and, with Fsync, one sync
	Records uint64 // appended
	Bytes   uint64 // written to files of records
}

type stats struct{ commits, records, bytes atomic.Uint64 }

func (s *stats) committed(bytes int, records uint64) {
	s.commits.Add(1)
	s.records.Add(records)
	s.bytes.Add(uint64(bytes))
}

// Stats returns the counters.
func (l *Log) Stats() Stats {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return Stats{Streams: len(l.streams), Commits: l.stats.commits.Load(), Records: l.stats.records.Load(), Bytes: l.stats.bytes.Load()}
}
