package shardlog

import (
	"fmt"
	"time"
)

// Durability says what an acknowledged record survives.
type Durability int

const (
	// Fsync acknowledges when the record is on the disk: it survives power loss.
	Fsync Durability = iota
	// Interval acknowledges when the record is in the file and syncs every
	// Options.SyncInterval: it survives the death of the process, and power loss
	// may cost the last interval.
	Interval
	// None leaves syncing to the kernel: survives the death of the process only.
	None
)

// String is the name that options and flags use.
func (d Durability) String() string {
	switch d {
	case Fsync:
		return "fsync"
	case Interval:
		return "interval"
	case None:
		return "none"
	}
	return fmt.Sprintf("Durability(%d)", int(d))
}

// ParseDurability reads fsync, interval or none.
func ParseDurability(s string) (Durability, error) {
	for _, d := range []Durability{Fsync, Interval, None} {
		if s == d.String() {
			return d, nil
		}
	}
	return 0, fmt.Errorf("durability %q: want fsync, interval or none", s)
}

// Options configure a Log. The zero value is ready to use.
type Options struct {
	Durability   Durability
	SyncInterval time.Duration // for Interval; 100 ms when 0
	// StateDelay is how long streams and consumers stay CREATING, UPDATING and
	// DELETING. 0 changes at once. AWS takes seconds.
	StateDelay time.Duration
	// SegmentBytes is the size of a file of records; 64 MiB when 0. Retention deletes whole files.
	SegmentBytes int64
	// MaintainEvery is the pause between two rounds of retention, splitting of hot on-demand
	// shards and closing of idle files; one minute when 0.
	MaintainEvery time.Duration
	// HotShardBytes is the rate in bytes per second above which a shard of an
	// on-demand stream is split; 500,000 when 0.
	HotShardBytes float64
	// Clock is the time source; the system's when nil.
	Clock Clock
	// OnError is told what background work could not do; nil drops the news, and
	// Log.Close returns the last of them.
	OnError func(error)
}

// Clock is a source of time that tests can turn by hand.
type Clock interface {
	Now() time.Time
	// AfterFunc calls f in its own goroutine after d; stop prevents the call.
	AfterFunc(d time.Duration, f func()) (stop func() bool)
}

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }
func (systemClock) AfterFunc(d time.Duration, f func()) func() bool {
	return time.AfterFunc(d, f).Stop
}

func (o Options) withDefaults() Options {
	if o.SyncInterval == 0 {
		o.SyncInterval = 100 * time.Millisecond
	}
	if o.MaintainEvery == 0 {
		o.MaintainEvery = time.Minute
	}
	if o.HotShardBytes == 0 {
		o.HotShardBytes = 500_000
	}
	if o.Clock == nil {
		o.Clock = systemClock{}
	}
	return o
}
