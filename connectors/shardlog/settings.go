package shardlog

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

const (
	maxTags      = 50
	maxConsumers = 20
)

// SetRetention changes how long records are kept, in whole hours from 24 to 8760. Records past
// it are out of reach at once; their files go with the next round of maintenance.
func (st *Stream) SetRetention(d time.Duration) error {
	hours := int(d / time.Hour)
	if err := checkRetention(hours); err != nil {
		return err
	}
	return st.whenActive(func(m *meta) error {
		m.Retention = hours
		return nil
	})
}

// whenActive updates the metadata of an ACTIVE stream.
func (st *Stream) whenActive(f func(m *meta) error) error {
	return st.update(func(m *meta) error {
		if err := m.active(); err != nil {
			return err
		}
		return f(m)
	})
}

// Tags returns the stream's tags.
func (st *Stream) Tags() map[string]string { return maps.Clone(st.meta.Load().Tags) }

// Tag adds tags; at most 50 on a stream.
func (st *Stream) Tag(tags map[string]string) error {
	return st.update(func(m *meta) error {
		m.Tags = retagged(m.Tags, tags, nil)
		return checkTags(m.Tags)
	})
}

// retagged is a copy of tags with some added, then some removed.
func retagged(tags, add map[string]string, remove []string) map[string]string {
	out := make(map[string]string, len(tags)+len(add))
	maps.Copy(out, tags)
	maps.Copy(out, add)
	for _, k := range remove {
		delete(out, k)
	}
	return out
}

func checkTags(tags map[string]string) error {
	if len(tags) > maxTags {
		return fmt.Errorf("%w: %d tags, at most %d", ErrLimit, len(tags), maxTags)
	}
	return nil
}

// Untag removes tags; those that are not there are passed over.
func (st *Stream) Untag(keys []string) error {
	return st.update(func(m *meta) error {
		for _, k := range keys {
			delete(m.Tags, k)
		}
		return nil
	})
}

// SetMode changes who decides on the number of shards.
func (st *Stream) SetMode(mode Mode) error {
	if mode != Provisioned && mode != OnDemand {
		return fmt.Errorf("%w: mode %q", ErrArgument, mode)
	}
	return st.start(change{Kind: changeMode}, func(m *meta) error {
		if err := m.active(); err != nil {
			return err
		}
		now := st.log.opts.Clock.Now()
		m.ModeChangedAt = append(lastDay(m.ModeChangedAt, now), now.UnixMilli())
		m.Mode, m.Status = mode, Updating
		return nil
	})
}

// ModeChangesToday is how often the mode was changed in the last 24 hours.
func (st *Stream) ModeChangesToday() int {
	return len(lastDay(st.meta.Load().ModeChangedAt, st.log.opts.Clock.Now()))
}

// SetMaxRecord changes the size of the largest record, key and data, in KiB from 1024 to 10240.
func (st *Stream) SetMaxRecord(kib int) error {
	if kib < minRecordKiB || kib > maxRecordKiB {
		return fmt.Errorf("%w: records of %d KiB: want %d to %d", ErrArgument, kib, minRecordKiB, maxRecordKiB)
	}
	return st.whenActive(func(m *meta) error {
		m.MaxRecordKiB = kib
		return nil
	})
}

// SetEncryption notes a key id, or none with "". The log does not encrypt: the note is for
// clients that ask for what they set.
func (st *Stream) SetEncryption(kind, keyID string) error {
	return st.whenActive(func(m *meta) error {
		m.Encryption, m.KeyID = kind, keyID
		return nil
	})
}

// SetMetrics notes the shard-level metrics that are switched on, for clients that ask.
func (st *Stream) SetMetrics(names []string) error {
	return st.update(func(m *meta) error {
		m.Metrics = slices.Clone(names)
		return nil
	})
}

// SetWarmThroughput notes the throughput that an on-demand stream should be ready for.
func (st *Stream) SetWarmThroughput(mibps int) error {
	return st.whenActive(func(m *meta) error {
		m.WarmMiBps = mibps
		return nil
	})
}

// SetDistribution notes how records are spread over shards.
func (st *Stream) SetDistribution(strategy string) error {
	return st.whenActive(func(m *meta) error {
		m.Distribution = strategy
		return nil
	})
}

// Policy returns the access policy of the stream, or of a consumer when its name is
// given; "" when there is none. The log keeps policies and enforces none.
func (st *Stream) Policy(consumer string) string { return st.meta.Load().Policies[consumer] }

// SetPolicy keeps an access policy; "" removes it.
func (st *Stream) SetPolicy(consumer, policy string) error {
	return st.update(func(m *meta) error {
		if m.Policies == nil {
			m.Policies = map[string]string{}
		}
		m.Policies[consumer] = policy
		if policy == "" {
			delete(m.Policies, consumer)
		}
		return nil
	})
}
