package kinesis

import (
	"context"
	"sync"
	"time"
)

// AWS's limits per shard and second.
const (
	shardBytesIn    = 1 << 20
	shardRecordsIn  = 1000
	shardBytesOut   = 2 << 20
	shardReads      = 5
	shardIterators  = 5
	maxCreating     = 5 // streams, and consumers of a stream
	scalesPerDay    = 10
	modesPerDay     = 2
	maxOnDemand     = 50       // on-demand streams
	largeRecordRoom = 10 << 20 // bytes that a shard takes in a burst, for large records
)

// limits emulate AWS's throttling. They let everything through unless enabled.
type limits struct {
	enabled bool
	now     func() time.Time
	mu      sync.Mutex
	buckets map[string]*bucket
}

// bucket refills at rate per second up to room.
type bucket struct {
	level, room, rate float64
	at                time.Time
}

func (l *limits) init(config Config) {
	l.enabled, l.now, l.buckets = config.EmulateLimits, config.Now, map[string]*bucket{}
}

// take takes n from a bucket, or nothing when it holds less.
func (l *limits) take(key string, n, rate, room float64) bool {
	if !l.enabled {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	b := l.buckets[key]
	if b == nil {
		if len(l.buckets) > 100_000 {
			clear(l.buckets)
		}
		b = &bucket{level: room, room: room, rate: rate, at: now}
		l.buckets[key] = b
	}
	b.level = min(b.room, b.level+now.Sub(b.at).Seconds()*b.rate)
	b.at = now
	if b.level < n {
		return false
	}
	b.level -= n
	return true
}

// debit takes n even when that leaves the bucket in debt: a GetRecords call returns up to
// 10 MiB, and the calls after it wait.
func (l *limits) debit(key string, n, rate, room float64) {
	if !l.enabled || l.take(key, n, rate, room) {
		return
	}
	l.mu.Lock()
	l.buckets[key].level -= n
	l.mu.Unlock()
}

// allow applies an action's calls per second and account.
func (l *limits) allow(action string, rate float64, account string) error {
	if rate == 0 || l.take("call/"+action+"/"+account, 1, rate, rate) {
		return nil
	}
	return clientError(limitExceeded, "Rate exceeded for account %s.", account)
}

func throttled(shard, stream, account string) *APIError {
	return clientError(throughputExceeded, "Rate exceeded for shard %s in stream %s under account %s.", shard, stream, account)
}

// write asks whether a shard takes a record now.
func (l *limits) write(stream, shard string, bytes int) bool {
	if !l.enabled {
		return true
	}
	key := stream + "/" + shard
	return l.take("records/"+key, 1, shardRecordsIn, shardRecordsIn) && l.take("in/"+key, float64(bytes), shardBytesIn, largeRecordRoom)
}

// read asks whether a shard answers a GetRecords call now.
func (l *limits) read(stream, shard string) bool {
	if !l.enabled {
		return true
	}
	key := stream + "/" + shard
	return l.take("reads/"+key, 1, shardReads, shardReads) && l.take("out/"+key, 0, shardBytesOut, shardBytesOut)
}

// delivered accounts for the bytes that a read returned.
func (l *limits) delivered(stream, shard string, bytes int) {
	l.debit("out/"+stream+"/"+shard, float64(bytes), shardBytesOut, shardBytesOut)
}

// push waits as long as a subscription takes to deliver so many bytes, or until ctx ends.
func (l *limits) push(ctx context.Context, bytes int) {
	if !l.enabled || bytes == 0 {
		return
	}
	select {
	case <-time.After(time.Duration(bytes) * time.Second / shardBytesOut):
	case <-ctx.Done():
	}
}
