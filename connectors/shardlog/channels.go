package shardlog

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// channel is a channel on disk. Its states follow from the times, as a consumer's do.
type channel struct {
	Name      string
	ID        string
	Created   int64             // unix ms
	SettledAt int64             // unix ms at which the last change takes effect
	Updated   bool              `json:",omitempty"` // the last change was not its creation
	DeletedAt int64             `json:",omitempty"` // unix ms; 0 while it is kept
	Tags      map[string]string `json:",omitempty"`
	Config    json.RawMessage   // what Channel.Config says
}

// Channel describes the delivery of a stream's records to a store. The log keeps channels for those who manage
// them, and delivers nothing.
type Channel struct {
	Name    string // of its own in the whole log
	ID      string // of its own for ever
	Created time.Time
	Status  Status
	Tags    map[string]string
	Config  []byte // a JSON text that is the caller's business
}

func (c channel) at(now int64) Channel {
	status := Active
	switch {
	case c.DeletedAt > 0:
		status = Deleting
	case now < c.SettledAt && c.Updated:
		status = Updating
	case now < c.SettledAt:
		status = Creating
	}
	return Channel{Name: c.Name, ID: c.ID, Created: time.UnixMilli(c.Created), Status: status, Tags: maps.Clone(c.Tags), Config: slices.Clone(c.Config)}
}

// liveChannels are those that are not gone at a moment.
func (m *meta) liveChannels(now int64) []channel {
	return slices.DeleteFunc(slices.Clone(m.Channels), func(c channel) bool { return c.DeletedAt > 0 && c.DeletedAt <= now })
}

// AddChannel keeps a channel of the stream, which must be on-demand. ErrExists when a stream of the log has
// one of that name.
func (st *Stream) AddChannel(name string, tags map[string]string, config []byte) (Channel, error) {
	if !streamName.MatchString(name) {
		return Channel{}, fmt.Errorf("%w: channel name %q: want 1 to 128 of a-z A-Z 0-9 _ . -", ErrArgument, name)
	}
	if !json.Valid(config) {
		return Channel{}, fmt.Errorf("%w: the configuration of channel %s is not JSON", ErrArgument, name)
	}
	id := make([]byte, 16)
	if _, err := rand.Read(id); err != nil {
		return Channel{}, fmt.Errorf("making a channel's id: %w", err)
	}
	st.log.channels.Lock()
	defer st.log.channels.Unlock()
	for _, other := range st.log.list() {
		if slices.ContainsFunc(other.Channels(), func(c Channel) bool { return c.Name == name }) {
			return Channel{}, fmt.Errorf("channel %s: %w", name, ErrExists)
		}
	}
	now := st.log.nowMs()
	c := channel{Name: name, ID: hex.EncodeToString(id), Created: now, SettledAt: now + st.log.opts.StateDelay.Milliseconds(), Tags: maps.Clone(tags), Config: config}
	err := st.whenActive(func(m *meta) error {
		if m.Mode != OnDemand {
			return fmt.Errorf("%w: channels want a stream in on-demand mode", ErrProvisioned)
		}
		m.Channels = append(m.Channels, c)
		return nil
	})
	return c.at(now), err
}

// Channels lists the stream's channels in the order of their names.
func (st *Stream) Channels() []Channel {
	now := st.log.nowMs()
	live := st.meta.Load().liveChannels(now)
	slices.SortFunc(live, func(a, b channel) int { return strings.Compare(a.Name, b.Name) })
	list := make([]Channel, len(live))
	for i, c := range live {
		list[i] = c.at(now)
	}
	return list
}

// SetChannel changes a channel's configuration. ErrNoChannel when there is none, ErrNotActive while
// it is on its way to another state.
func (st *Stream) SetChannel(id string, config []byte) (Channel, error) {
	if !json.Valid(config) {
		return Channel{}, fmt.Errorf("%w: the configuration of channel %s is not JSON", ErrArgument, id)
	}
	return st.settleChannel(id, func(c *channel, settles int64) {
		c.Config, c.Updated, c.SettledAt = config, true, settles
	})
}

// RemoveChannel deletes a channel.
func (st *Stream) RemoveChannel(id string) error {
	_, err := st.settleChannel(id, func(c *channel, settles int64) { c.DeletedAt = settles })
	return err
}

// TagChannel adds and removes tags of a channel.
func (st *Stream) TagChannel(id string, add map[string]string, remove []string) error {
	return st.updateChannel(id, func(c *channel) error {
		c.Tags = retagged(c.Tags, add, remove)
		return checkTags(c.Tags)
	})
}

// settleChannel changes a channel that is in no change.
func (st *Stream) settleChannel(id string, f func(c *channel, settles int64)) (Channel, error) {
	now := st.log.nowMs()
	var changed channel
	err := st.updateChannel(id, func(c *channel) error {
		if s := c.at(now).Status; s != Active {
			return fmt.Errorf("channel %s: %w: it is %s", c.Name, ErrNotActive, s)
		}
		f(c, now+st.log.opts.StateDelay.Milliseconds())
		changed = *c
		return nil
	})
	return changed.at(now), err
}

func (st *Stream) updateChannel(id string, f func(c *channel) error) error {
	return st.update(func(m *meta) error {
		i := slices.IndexFunc(m.Channels, func(c channel) bool { return c.ID == id })
		if i < 0 {
			return fmt.Errorf("%w: %s", ErrNoChannel, id)
		}
		return f(&m.Channels[i])
	})
}
