package shardlog

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Mode says who decides on the number of shards.
type Mode string

// The two modes: the user decides, or the log does and splits hot shards.
const (
	Provisioned Mode = "PROVISIONED"
	OnDemand    Mode = "ON_DEMAND"
)

// Status is the state of a stream or a consumer.
type Status string

// The states of a stream; a consumer has all but Updating.
const (
	Creating Status = "CREATING"
	Active   Status = "ACTIVE"
	Updating Status = "UPDATING"
	Deleting Status = "DELETING"
)

// ShardID is the index of a shard in its stream, counted from 0 and never reused.
type ShardID int32

// NoShard stands where a shard has no parent.
const NoShard ShardID = -1

// String is the Kinesis form, shardId-000000000000.
func (id ShardID) String() string { return fmt.Sprintf("shardId-%012d", int32(id)) }

// ParseShardID reads shardId-000000000003, shardId-3 and 3.
func ParseShardID(s string) (ShardID, error) {
	digits := strings.TrimPrefix(s, "shardId-")
	n, err := strconv.ParseUint(digits, 10, 31)
	if err != nil {
		return 0, fmt.Errorf("%w: %q", ErrNoShard, s)
	}
	return ShardID(n), nil
}

// ShardInfo describes a shard.
type ShardInfo struct {
	ID             ShardID
	Parent         ShardID // NoShard when it was made with the stream
	AdjacentParent ShardID // the second parent of a merged shard
	Hash           HashRange
	Created        int64  // unix seconds, part of every sequence number of the shard
	ClosedAt       int64  // unix ms; 0 while it takes records
	End            uint64 // offset behind the last record of a closed shard
}

// Closed reports whether the shard takes no more records.
func (s ShardInfo) Closed() bool { return s.ClosedAt != 0 }

// First is the sequence number that starts the shard; records come after it.
func (s ShardInfo) First() SequenceNumber {
	return SequenceNumber{Created: uint64(s.Created), Time: uint64(s.Created), Shard: uint32(s.ID)}
}

// Last is the sequence number that ends a closed shard; no record has it.
func (s ShardInfo) Last() SequenceNumber {
	return SequenceNumber{Created: uint64(s.Created), Index: ShardEnd, Time: uint64(max(s.ClosedAt/1000, s.Created)), Shard: uint32(s.ID)}
}

// Info describes a stream at one moment.
type Info struct {
	Name         string
	Created      time.Time
	Mode         Mode
	Status       Status
	Retention    time.Duration
	MaxRecordKiB int
	OpenShards   int
	Consumers    int
	Encryption   string // "" or KMS
	KeyID        string
	Metrics      []string
	WarmMiBps    int
	Distribution string
}

func (m *meta) info() Info {
	open := 0
	for _, s := range m.Shards {
		if !s.Closed() {
			open++
		}
	}
	return Info{
		Name: m.Name, Created: m.created(), Mode: m.Mode, Status: m.Status,
		Retention: time.Duration(m.Retention) * time.Hour, MaxRecordKiB: m.MaxRecordKiB,
		OpenShards: open, Consumers: len(m.Consumers), Encryption: m.Encryption, KeyID: m.KeyID,
		Metrics: m.Metrics, WarmMiBps: m.WarmMiBps, Distribution: m.Distribution,
	}
}
