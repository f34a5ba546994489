package shardlog

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// metaVersion is the format of a stream's metadata file.
const metaVersion = 1

// meta is everything about a stream but its records. A meta is never changed
// once others can see it: an update clones it, saves the clone, and swaps.
type meta struct {
	Version       int
	Name          string
	Created       int64 // unix ms
	Mode          Mode
	Status        Status
	Pending       *change `json:",omitempty"`
	Shards        []ShardInfo
	NextShard     int
	Retention     int // hours
	MaxRecordKiB  int
	Tags          map[string]string `json:",omitempty"`
	Consumers     []consumer        `json:",omitempty"`
	Channels      []channel         `json:",omitempty"`
	Encryption    string            `json:",omitempty"`
	KeyID         string            `json:",omitempty"`
	Metrics       []string          `json:",omitempty"`
	Policies      map[string]string `json:",omitempty"` // by resource: "" is the stream, else a consumer's name
	WarmMiBps     int               `json:",omitempty"`
	Distribution  string            `json:",omitempty"`
	ScaledAt      []int64           `json:",omitempty"` // unix ms of the uniform rescales of the last 24 h
	ModeChangedAt []int64           `json:",omitempty"`
}

// change is a transition that takes effect when it is due; it survives a restart.
type change struct {
	Kind   string // create, split, merge, scale, delete, settings
	Due    int64  // unix ms
	Shards []int  `json:",omitempty"`
	At     *HashKey
	Target int `json:",omitempty"`
}

func (m *meta) clone() *meta {
	c := *m
	c.Shards = slices.Clone(m.Shards)
	c.Tags = maps.Clone(m.Tags)
	c.Consumers = slices.Clone(m.Consumers)
	c.Channels = slices.Clone(m.Channels)
	c.Metrics = slices.Clone(m.Metrics)
	c.Policies = maps.Clone(m.Policies)
	c.ScaledAt = slices.Clone(m.ScaledAt)
	c.ModeChangedAt = slices.Clone(m.ModeChangedAt)
	return &c
}

// shard returns the entry of a shard that has not expired.
func (m *meta) shard(id ShardID) (*ShardInfo, bool) {
	i, ok := slices.BinarySearchFunc(m.Shards, id, func(s ShardInfo, id ShardID) int { return int(s.ID) - int(id) })
	if !ok {
		return nil, false
	}
	return &m.Shards[i], true
}

// open lists the shards that take records, in the order of their hash keys.
func (m *meta) open() []ShardInfo {
	var open []ShardInfo
	for _, s := range m.Shards {
		if !s.Closed() {
			open = append(open, s)
		}
	}
	slices.SortFunc(open, func(a, b ShardInfo) int { return a.Hash.Start.Compare(b.Hash.Start) })
	return open
}

const (
	metaName    = "stream.json"
	streamsName = "streams"
	streamExt   = ".stream"
	trashName   = "trash"
)

// saveMeta replaces a stream's metadata atomically: a crash leaves the old file
// or the new one.
func saveMeta(dir string, m *meta) error {
	b, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("encoding the metadata of stream %s: %w", m.Name, err)
	}
	if err := replaceSealed(dir, metaName, b); err != nil {
		return fmt.Errorf("writing the metadata of stream %s: %w", m.Name, err)
	}
	return nil
}

// loadMeta reads and verifies a stream's metadata.
func loadMeta(dir string) (*meta, error) {
	path := filepath.Join(dir, metaName)
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading a stream's metadata: %w", err)
	}
	m, err := parseMeta(b)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrCorrupt, path, err)
	}
	return m, nil
}

func parseMeta(b []byte) (*meta, error) {
	body, err := unsealed(b)
	if err != nil {
		return nil, err
	}
	m := &meta{}
	if err := json.Unmarshal(body, m); err != nil {
		return nil, err
	}
	if m.Version != metaVersion {
		return nil, fmt.Errorf("format %d, this program reads %d", m.Version, metaVersion)
	}
	return m, nil
}

func (m *meta) created() time.Time { return time.UnixMilli(m.Created) }
