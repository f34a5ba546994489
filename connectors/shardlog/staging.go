package shardlog

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"sync"

	"github.com/weirstream/weir/connectors/shardlog/internal/segment"
)

// Staged records are written in two steps, for writers that must store each record exactly once across their own
// failures: a Stage keeps records where no reader sees them, and Commit moves them into the shards.
//
// A lane is what one Stage has written: a segment store of its own, below the stream's folder. What of it has been
// committed is in the staging's state, a small file per owner that is replaced as a whole:
//
//	streams/NAME.stream/staged/0123456789abcdef/state        epoch, lanes, intent, with a CRC-32C line
//	streams/NAME.stream/staged/0123456789abcdef/2-0f3a/      a lane
//
// Commit goes by chunks. Before a chunk's records go into the shards, the state tells at which offsets they will
// lie (the intent). After a crash that decides what had been done: a shard that ends at or before the offset has not got
// them, since nobody appends to it before the log is open again.

const (
	stagedName   = "staged"
	stateName    = "state"
	stateVersion = 1
)

// ErrFenced tells a writer that another has taken its place: its job was started again elsewhere.
var ErrFenced = errors.New("the writer was replaced by a later run of its job")

// staging is what one owner of staged records, a job, has on a stream.
type staging struct {
	st    *Stream
	owner string
	dir   string

	mu    sync.Mutex
	state stagingState
	lanes map[string]*segment.Store // open ones
}

// stagingState is what is kept on disk.
type stagingState struct {
	Version int
	Owner   string
	Epoch   int             // of the run that writes: lanes of earlier ones are gone
	Lanes   map[string]lane `json:",omitempty"`
	Intent  *intent         `json:",omitempty"`
}

// lane is how far a lane has been committed.
type lane struct {
	Done uint64 // offset of the first record that is not in the shards
}

// intent is a chunk on its way into the shards.
type intent struct {
	Lane     string
	From, To uint64 // of the lane
	Shards   []landing
}

// landing is where the chunk's records of one shard go.
type landing struct {
	Shard ShardID
	Hash  HashRange
	First uint64 // offset of the first of them
	Count int
	Done  bool // they are there
}

func stagingDir(st *Stream, owner string) string {
	sum := sha256.Sum256([]byte(owner))
	return filepath.Join(st.dir, stagedName, hex.EncodeToString(sum[:8]))
}

// staging finds what an owner has on the stream, and makes it when it is not there.
func (st *Stream) staging(owner string) (*staging, error) {
	st.stage.Lock()
	defer st.stage.Unlock()
	if s := st.stagings[owner]; s != nil {
		return s, nil
	}
	s := &staging{st: st, owner: owner, dir: stagingDir(st, owner), lanes: map[string]*segment.Store{}}
	s.state = stagingState{Version: stateVersion, Owner: owner, Lanes: map[string]lane{}}
	for _, dir := range []string{filepath.Dir(s.dir), s.dir} {
		if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
			return nil, fmt.Errorf("making a folder for staged records: %w", err)
		}
		if err := segment.SyncDir(filepath.Dir(dir)); err != nil {
			return nil, err
		}
	}
	if err := s.save(); err != nil {
		return nil, err
	}
	st.keep(s)
	return s, nil
}

func (st *Stream) keep(s *staging) {
	if st.stagings == nil {
		st.stagings = map[string]*staging{}
	}
	st.stagings[s.owner] = s
}

// loadStagings reads what owners have on a stream, and finds out what became of commits that were cut short.
func (st *Stream) loadStagings() error {
	root := filepath.Join(st.dir, stagedName)
	entries, err := os.ReadDir(root)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading staged records: %w", err)
	}
	for _, e := range entries {
		s := &staging{st: st, dir: filepath.Join(root, e.Name()), lanes: map[string]*segment.Store{}}
		err := s.load()
		if errors.Is(err, os.ErrNotExist) {
			err = os.RemoveAll(s.dir) // the process died while it made the folder
			if err == nil {
				continue
			}
		}
		if err != nil {
			return err
		}
		if err := s.resolve(); err != nil {
			return fmt.Errorf("stream %s: finishing a commit: %w", st.name, err)
		}
		st.keep(s)
	}
	return nil
}

func (s *staging) load() error {
	path := filepath.Join(s.dir, stateName)
	b, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("reading what is staged: %w", err)
	}
	body, err := unsealed(b)
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrCorrupt, path, err)
	}
	if err := json.Unmarshal(body, &s.state); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrCorrupt, path, err)
	}
	if s.state.Version != stateVersion {
		return fmt.Errorf("%w: %s: format %d, this program reads %d", ErrCorrupt, path, s.state.Version, stateVersion)
	}
	if s.state.Lanes == nil {
		s.state.Lanes = map[string]lane{}
	}
	s.owner = s.state.Owner
	return nil
}

// save replaces the state on disk. The caller holds mu, or is the only one who knows the staging.
func (s *staging) save() error {
	b, err := json.Marshal(&s.state)
	if err != nil {
		return fmt.Errorf("encoding what is staged: %w", err)
	}
	if err := replaceSealed(s.dir, stateName, b); err != nil {
		return fmt.Errorf("writing what is staged: %w", err)
	}
	return nil
}

// resolve finds out which shards have the records of a chunk that was under way when the log was closed or killed.
func (s *staging) resolve() error {
	in := s.state.Intent
	if in == nil {
		return nil
	}
	for i := range in.Shards {
		l := &in.Shards[i]
		sh, ok := s.st.shards[l.Shard]
		if l.Done || !ok {
			l.Done = true // or closed with them, and expired since
			continue
		}
		store, err := sh.ready()
		if err != nil {
			return err
		}
		switch end := l.First + uint64(l.Count); {
		case store.Next() >= end:
			l.Done = true
		case store.Next() > l.First:
			return fmt.Errorf("%w: %v ends at offset %d, inside a frame", ErrCorrupt, l.Shard, store.Next())
		}
	}
	in.Shards = landed(in.Shards)
	return s.save()
}

// landed leaves the shards that have their records.
func landed(list []landing) []landing {
	var out []landing
	for _, l := range list {
		if l.Done {
			out = append(out, l)
		}
	}
	return out
}

// store opens a lane. The caller holds mu.
func (s *staging) store(name string) (*segment.Store, error) {
	if store := s.lanes[name]; store != nil {
		return store, nil
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(s.owner + "/" + name))
	store, err := segment.Open(filepath.Join(s.dir, name), segment.Options{Identity: h.Sum64(), SegmentBytes: s.st.log.opts.SegmentBytes, Durable: true})
	if err != nil {
		return nil, fmt.Errorf("opening staged records: %w", err)
	}
	s.lanes[name] = store
	return store, nil
}

// Fence begins a new run of an owner: what its earlier runs have staged and not committed is dropped, and
// their stages take no more.
func (st *Stream) Fence(owner string) error {
	s, err := st.staging(owner)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.state
	s.state.Epoch++
	s.state.Lanes, s.state.Intent = map[string]lane{}, nil
	if err := s.save(); err != nil {
		s.state = old
		return err
	}
	clear(s.lanes) // who writes to them closes them
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return fmt.Errorf("removing staged records: %w", err)
	}
	for _, e := range entries {
		if e.IsDir() {
			err = errors.Join(err, os.RemoveAll(filepath.Join(s.dir, e.Name())))
		}
	}
	return err
}
