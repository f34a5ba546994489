package shardlog

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// consumer is a registered consumer on disk. Its states follow from the times, so
// that they need no timers.
type consumer struct {
	Name      string
	Created   int64             // unix ms
	ActiveAt  int64             // unix ms
	DeletedAt int64             `json:",omitempty"` // unix ms; 0 while registered
	Tags      map[string]string `json:",omitempty"`
}

// Consumer is a registered enhanced fan-out consumer.
type Consumer struct {
	Name    string
	Created time.Time
	Status  Status
	Tags    map[string]string
}

func (c consumer) at(now int64) Consumer {
	status := Active
	if c.DeletedAt > 0 {
		status = Deleting
	} else if now < c.ActiveAt {
		status = Creating
	}
	return Consumer{Name: c.Name, Created: time.UnixMilli(c.Created), Status: status, Tags: maps.Clone(c.Tags)}
}

// liveConsumers are those that are not gone at a moment.
func (m *meta) liveConsumers(now int64) []consumer {
	return slices.DeleteFunc(slices.Clone(m.Consumers), func(c consumer) bool { return c.DeletedAt > 0 && c.DeletedAt <= now })
}

// dropDeleted forgets the consumers and channels that are gone.
func (m *meta) dropDeleted(now int64) {
	m.Consumers, m.Channels = m.liveConsumers(now), m.liveChannels(now)
}

// Register adds a consumer. ErrExists when the name is taken, ErrLimit past 20.
func (st *Stream) Register(name string, tags map[string]string) (Consumer, error) {
	if !streamName.MatchString(name) {
		return Consumer{}, fmt.Errorf("%w: consumer name %q: want 1 to 128 of a-z A-Z 0-9 _ . -", ErrArgument, name)
	}
	now := st.log.nowMs()
	c := consumer{Name: name, Created: now, ActiveAt: now + st.log.opts.StateDelay.Milliseconds(), Tags: maps.Clone(tags)}
	err := st.update(func(m *meta) error {
		if slices.ContainsFunc(m.Consumers, func(c consumer) bool { return c.Name == name }) {
			return fmt.Errorf("consumer %s: %w", name, ErrExists)
		}
		if len(m.Consumers) >= maxConsumers {
			return fmt.Errorf("%w: %d consumers", ErrLimit, maxConsumers)
		}
		m.Consumers = append(m.Consumers, c)
		return nil
	})
	return c.at(now), err
}

// Deregister removes a consumer.
func (st *Stream) Deregister(name string) error {
	return st.updateConsumer(name, func(c *consumer) error {
		if c.DeletedAt == 0 {
			c.DeletedAt = st.log.nowMs() + st.log.opts.StateDelay.Milliseconds()
		}
		return nil
	})
}

// TagConsumer adds and removes tags of a consumer.
func (st *Stream) TagConsumer(name string, add map[string]string, remove []string) error {
	return st.updateConsumer(name, func(c *consumer) error {
		c.Tags = retagged(c.Tags, add, remove)
		return checkTags(c.Tags)
	})
}

func (st *Stream) updateConsumer(name string, f func(c *consumer) error) error {
	return st.update(func(m *meta) error {
		i := slices.IndexFunc(m.Consumers, func(c consumer) bool { return c.Name == name })
		if i < 0 {
			return fmt.Errorf("%w: %s", ErrNoConsumer, name)
		}
		return f(&m.Consumers[i])
	})
}

// Consumers lists the registered consumers in the order of their names.
func (st *Stream) Consumers() []Consumer {
	now := st.log.nowMs()
	live := st.meta.Load().liveConsumers(now)
	slices.SortFunc(live, func(a, b consumer) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	list := make([]Consumer, len(live))
	for i, c := range live {
		list[i] = c.at(now)
	}
	return list
}

// Consumer finds a consumer by its name; ErrNoConsumer when there is none.
func (st *Stream) Consumer(name string) (Consumer, error) {
	for _, c := range st.Consumers() {
		if c.Name == name {
			return c, nil
		}
	}
	return Consumer{}, fmt.Errorf("stream %s: %w: %s", st.name, ErrNoConsumer, name)
}
