package shardlog

import (
	"fmt"
	"time"

	"github.com/weirstream/weir/connectors/shardlog/internal/segment"
)

// Position says where in a shard to begin. Make one with the functions below.
type Position struct {
	kind  positionKind
	seq   SequenceNumber
	since time.Time
}

type positionKind int

const (
	fromHorizon positionKind = iota
	fromLatest
	fromSequence
	afterSequence
	fromTime
)

// TrimHorizon begins at the oldest record within the stream's retention.
func TrimHorizon() Position { return Position{} }

// Latest begins behind the newest record.
func Latest() Position { return Position{kind: fromLatest} }

// At begins at a record.
func At(seq SequenceNumber) Position { return Position{kind: fromSequence, seq: seq} }

// After begins behind a record.
func After(seq SequenceNumber) Position { return Position{kind: afterSequence, seq: seq} }

// Since begins at the first record that arrived at or after t.
func Since(t time.Time) Position { return Position{kind: fromTime, since: t} }

// Seek turns a position into an offset of a shard. ErrOtherShard and
// ErrForeignSequence when a sequence number comes from another shard or stream.
func (st *Stream) Seek(id ShardID, p Position) (uint64, error) {
	info, err := st.Shard(id)
	if err != nil {
		return 0, err
	}
	s, err := st.shard(id)
	if err != nil {
		return 0, err
	}
	store, err := s.ready()
	if err != nil {
		return 0, err
	}
	end := s.end.Load()
	switch p.kind {
	case fromLatest:
		return end, nil
	case fromSequence, afterSequence:
		return offsetOf(info, p, end)
	case fromTime:
		return st.seekTime(s, store, p.since, end)
	}
	return st.trimHorizon(s, store, end)
}

func offsetOf(info ShardInfo, p Position, end uint64) (uint64, error) {
	if p.seq.Shard != uint32(info.ID) {
		return 0, fmt.Errorf("%w: it is of %v, used for %v", ErrOtherShard, ShardID(p.seq.Shard), info.ID)
	}
	if p.seq.Created != uint64(info.Created) {
		return 0, fmt.Errorf("%w: its shard was created at %d, %v at %d", ErrForeignSequence, p.seq.Created, info.ID, info.Created)
	}
	if p.seq.Index >= end {
		return end, nil
	}
	if p.kind == afterSequence {
		return p.seq.Index + 1, nil
	}
	return max(p.seq.Index, segment.FirstOffset), nil
}

func (st *Stream) seekTime(s *shard, store *segment.Store, since time.Time, end uint64) (uint64, error) {
	if now := st.log.opts.Clock.Now(); since.After(now) {
		return 0, fmt.Errorf("%w: %d is after %d", ErrFutureInstant, since.UnixMilli(), now.UnixMilli())
	}
	horizon, err := st.trimHorizon(s, store, end)
	if err != nil {
		return 0, err
	}
	offset, err := store.SeekTime(since.UnixMilli(), end)
	if err != nil {
		return 0, s.readError(err)
	}
	return max(offset, horizon), nil
}

// horizon caches where retention begins: records arrive in order, so it only moves
// on when the record at it has grown too old.
type horizon struct {
	offset uint64
	cutoff int64 // records that arrived before it are out
}

// horizonStep is how often, in ms, a reader looks where retention begins. It is
// far below the shortest retention and spares the search on every read.
const horizonStep = 1000

// trimHorizon is the offset of the oldest record within the stream's retention.
func (st *Stream) trimHorizon(s *shard, store *segment.Store, end uint64) (uint64, error) {
	cutoff := st.log.nowMs() - int64(st.meta.Load().Retention)*time.Hour.Milliseconds()
	s.mu.Lock()
	h := s.horizon
	s.mu.Unlock()
	if h.offset > 0 && cutoff >= h.cutoff && cutoff-h.cutoff < horizonStep {
		return h.offset, nil
	}
	offset, err := store.SeekTime(cutoff, end)
	if err != nil {
		return 0, s.readError(err)
	}
	s.mu.Lock()
	s.horizon = horizon{offset: offset, cutoff: cutoff}
	s.mu.Unlock()
	return offset, nil
}
