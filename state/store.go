package state

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/sstable"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// Options say where a store lies.
type Options struct {
	// Dir is the folder of the live database. What is in it is removed: a run begins with a checkpoint or with nothing.
	Dir string
	// Restore is the folder of a checkpoint's database, "" to begin with nothing. It is not changed.
	Restore string
	// Restored is what Checkpoint said of its files. The checksums of those that the next checkpoint has, too, are not computed again.
	Restored []File
	// MaxGroups is the number of key groups; a restore must have the same.
	MaxGroups int
	// Memory is the bytes that the job's state may take, in tables, copies and buffers; what is more is moved to disk. 0: without
	// a bound.
	Memory int64
	// Scratch says that there will be no checkpoints: what does not fit the memory is all that is written.
	Scratch bool
	// LoadAtOnce is how many bytes of restored state of an operator are loaded before its first row; more is read as it is wanted,
	// where the operator can do that. 0: 32 MB.
	LoadAtOnce int64
	// FS is the file system; nil: the machine's. For tests.
	FS vfs.FS
}

// Store is the state of a job: one database. Its methods may be called by any goroutine.
type Store struct {
	db      *pebble.DB
	options *pebble.Options
	fs      vfs.FS
	dir     string
	max     int
	number  atomic.Uint64 // of parts and chunks
	epoch   atomic.Int64  // checkpoints that are complete or given up
	bytes   atomic.Int64  // handed to the database
	memory  memory
	failure *failure
	scratch bool
	atOnce  int64 // bytes of an operator's state that are loaded before the first row

	files *coldFiles

	mu       sync.Mutex
	logs     []*coldLog
	tables   []*table
	claimed  map[uint32]bool // tables that an operator of this run has opened
	next     uint32          // table number
	ints     map[string][]int64
	restored map[string]bool // operators that there is state of
	sums     map[string]File // of files that do not change
}

// format is what a database says about itself.
type format struct {
	Format int `json:"format"`
	Groups int `json:"groups"`
}

// Open opens a store: an empty one, or a copy of a checkpoint's database, by hard links.
func Open(o Options) (*Store, error) {
	s := &Store{
		fs: o.FS, dir: o.Dir, max: o.MaxGroups, claimed: map[uint32]bool{}, ints: map[string][]int64{}, restored: map[string]bool{},
		sums: map[string]File{}, next: 1, failure: newFailure(o.Dir), scratch: o.Scratch, atOnce: cmp.Or(o.LoadAtOnce, loadAtOnce),
	}
	if s.fs == nil {
		s.fs = vfs.Default
	}
	s.files = newColdFiles(s.fs, o.Dir, s.failure)
	s.memory.limit = o.Memory / 2
	if err := s.fs.RemoveAll(o.Dir); err != nil {
		return nil, fmt.Errorf("clearing the folder of the state %s: %w", o.Dir, err)
	}
	if o.Restore != "" {
		if err := link(s.fs, o.Restore, o.Dir); err != nil {
			return nil, fmt.Errorf("taking over the checkpoint %s: %w", o.Restore, err)
		}
		for _, f := range o.Restored {
			s.sums[f.Name] = f
		}
	}
	s.options = options(s.fs, o.Restore != "", s.failure)
	if o.Memory > 0 {
		size := min(max(o.Memory/tableShare, leastTableSize), tableSize)
		s.options.MemTableSize, s.options.CacheSize = uint64(size), size
	}
	db, err := pebble.Open(o.Dir, s.options)
	if err != nil {
		return nil, fmt.Errorf("opening the state %s: %w", o.Dir, damaged(err))
	}
	s.db = db
	if err := s.failure.err(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := s.begin(o.Restore != ""); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// tableSize is the bytes of a table in memory, and of the cache, where memory is not bounded or large; else it is a share of that.
const (
	tableSize      = 32 << 20
	leastTableSize = 1 << 20
	tableShare     = 16
)

// compressed is the first level of the database whose tables are compressed.
const compressed = 5

// options are the database's. Compactions write few large tables without compression near the top, where rows soon
// move on.
func options(fs vfs.FS, exists bool, f *failure) *pebble.Options {
	o := &pebble.Options{
		FS: folders{fs, f}, DisableWAL: true, ErrorIfNotExists: exists, ErrorIfExists: !exists,
		FormatMajorVersion: pebble.FormatNewest, MemTableSize: tableSize, MemTableStopWritesThreshold: 1000,
		CacheSize: 32 << 20, L0CompactionThreshold: 4, L0StopWritesThreshold: unbounded, MaxOpenFiles: 1000,
	}
	f.listen(o)
	for i := range o.Levels {
		o.Levels[i].FilterPolicy = bloom.FilterPolicy(10)
		o.Levels[i].BlockSize = 16 << 10
		o.Levels[i].Compression = func() *sstable.CompressionProfile { return sstable.NoCompression }
		if i >= compressed {
			o.Levels[i].Compression = func() *sstable.CompressionProfile { return sstable.SnappyCompression }
		}
	}
	o.EnsureDefaults()
	return o
}

// begin checks or writes the format, and reads what is not keyed.
func (s *Store) begin(restored bool) error {
	if !restored {
		return s.db.Set(formatKey, s.format(1), pebble.NoSync)
	}
	f, err := readFormat(s.db)
	if err != nil {
		return err
	}
	if f.Groups != s.max {
		return fmt.Errorf("the state has %d key groups, the job %d: pipeline.max-parallelism is fixed for the life of the state", f.Groups, s.max)
	}
	tables, err := readTables(s.db)
	if err != nil {
		return err
	}
	for _, t := range tables {
		t.max = s.max
		s.tables = append(s.tables, t)
		s.restored[t.Operator] = true
		s.next = max(s.next, t.number+1)
	}
	if err := s.readInts(); err != nil {
		return err
	}
	last, err := s.files.read(s.db)
	if err != nil {
		return err
	}
	s.number.Store(max(s.number.Load(), last)) // a file that there is must not be written to
	return nil
}

// format gives what the database says of its format.
func (s *Store) format(version int) []byte {
	data, err := json.Marshal(format{version, s.max})
	if err != nil {
		panic(err) // of two numbers
	}
	return data
}

func readFormat(db pebble.Reader) (format, error) {
	var f format
	data, closer, err := db.Get(formatKey)
	if err != nil {
		return f, corrupt("reading the format of the state", err)
	}
	defer func() { _ = closer.Close() }()
	if err := json.Unmarshal(data, &f); err != nil {
		return f, corrupt("reading the format of the state", err)
	}
	if f.Format == unsummedVersion {
		return f, fmt.Errorf("the state has format %d, in which what was moved to disk has no checksums: %w", f.Format, ErrMismatch)
	}
	if f.Format == dealtVersion {
		return f, fmt.Errorf("the state has format %d, whose directories of what was moved to disk are others: %w", f.Format, ErrMismatch)
	}
	if f.Format > formatVersion {
		return f, fmt.Errorf("the state has format %d, this build reads up to %d: use the newer weir that wrote it", f.Format, formatVersion)
	}
	return f, nil
}

// readTables reads the descriptors.
func readTables(db pebble.Reader) ([]*table, error) {
	var out []*table
	err := each(db, []byte{0, 'T'}, func(key, value []byte) error {
		if len(key) != len(tableKey(0)) {
			return corrupt("reading the description of a table", fmt.Errorf("its key has %d bytes", len(key)))
		}
		d, err := decodeDescriptor(value)
		if err != nil {
			return err
		}
		out = append(out, &table{Descriptor: *d, number: binary.BigEndian.Uint32(key[2:])})
		return nil
	})
	return out, err
}

// each gives the entries under a prefix.
func each(db pebble.Reader, prefix []byte, f func(key, value []byte) error) error {
	it, err := db.NewIter(&pebble.IterOptions{LowerBound: prefix, UpperBound: successor(prefix)})
	if err != nil {
		return damaged(err)
	}
	defer func() { _ = it.Close() }()
	for ok := it.First(); ok; ok = it.Next() {
		value, err := it.ValueAndErr()
		if err != nil {
			return damaged(err)
		}
		if err := f(it.Key(), value); err != nil {
			return err
		}
	}
	return damaged(it.Error())
}

// readInts takes the values of subtasks over. They are removed: another number of subtasks would leave some behind.
func (s *Store) readInts() error {
	prefix := []byte{0, 'I'}
	err := each(s.db, prefix, func(key, value []byte) error {
		x, n := binary.Varint(value)
		name := string(key[2:max(2, len(key)-5)])
		if n <= 0 || !strings.Contains(name, "\x00") {
			return corrupt("reading a value of an operator", errShort)
		}
		s.ints[name] = append(s.ints[name], x)
		operator, _, _ := strings.Cut(name, "\x00")
		s.restored[operator] = true
		return nil
	})
	if err != nil {
		return err
	}
	number, closer, err := s.db.Get(numberKey)
	if err == nil {
		x, _ := binary.Uvarint(number)
		s.number.Store(x)
		_ = closer.Close()
	} else if !errors.Is(err, pebble.ErrNotFound) {
		return damaged(err)
	}
	if err := s.db.DeleteRange([]byte{scratchArea}, []byte{scratchArea + 1}, pebble.NoSync); err != nil {
		return damaged(err)
	}
	return s.db.DeleteRange(prefix, successor(prefix), pebble.NoSync)
}

// open gives the table that a descriptor describes, making it where there is none.
func (s *Store) open(d Descriptor) (*table, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.tables {
		if t.Operator != d.Operator || t.Name != d.Name {
			continue
		}
		if why := d.matches(&t.Descriptor); why != "" {
			return nil, fmt.Errorf("%s %s: %w", t, why, ErrMismatch)
		}
		s.claimed[t.number] = true
		return t, nil
	}
	t := &table{Descriptor: d, number: s.next, max: s.max}
	data, err := d.encode()
	if err != nil {
		return nil, err
	}
	if err := s.db.Set(tableKey(t.number), data, pebble.NoSync); err != nil {
		return nil, fmt.Errorf("making %s: %w", t, damaged(err))
	}
	s.next++
	s.tables = append(s.tables, t)
	s.claimed[t.number] = true
	return t, nil
}

// Tables lists the tables that there are, by operator and name.
func (s *Store) Tables() []Descriptor {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Descriptor
	for _, t := range s.tables {
		out = append(out, t.Descriptor)
	}
	slices.SortFunc(out, func(a, b Descriptor) int {
		return cmp.Or(strings.Compare(a.Operator, b.Operator), strings.Compare(a.Name, b.Name))
	})
	return out
}

// Unclaimed lists tables of the restored state that no operator has opened: what the job would lose. It is asked when
// all operators are open.
func (s *Store) Unclaimed() []Descriptor {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Descriptor
	for _, t := range s.tables {
		if !s.claimed[t.number] {
			out = append(out, t.Descriptor)
		}
	}
	return out
}

// DropUnclaimed removes them.
func (s *Store) DropUnclaimed() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := s.tables[:0]
	for _, t := range s.tables {
		if s.claimed[t.number] {
			kept = append(kept, t)
			continue
		}
		prefix := tablePrefix(nil, t.number)
		if err := s.db.DeleteRange(prefix, successor(prefix), pebble.NoSync); err != nil {
			return fmt.Errorf("dropping %s: %w", t, damaged(err))
		}
		if err := s.db.Delete(tableKey(t.number), pebble.NoSync); err != nil {
			return fmt.Errorf("dropping %s: %w", t, damaged(err))
		}
		if err := s.dropMoved(t); err != nil {
			return fmt.Errorf("dropping %s: %w", t, damaged(err))
		}
	}
	s.tables = kept
	return nil
}

// dropMoved removes the directories of a table.
func (s *Store) dropMoved(t *table) error {
	prefix := dirPrefix(t.number)
	for _, g := range s.files.groups(t.number) {
		place := dirPlace{t.number, g}
		s.files.retire(s.files.of(place))
		s.files.name(place, nil)
	}
	return s.db.DeleteRange(prefix, successor(prefix), pebble.NoSync)
}

// Scope gives the state of an operator in a subtask, which owns some key groups.
func (s *Store) Scope(operator string, subtask int, groups Groups) *Scope {
	if s == nil {
		return nil
	}
	sc := &Scope{store: s, operator: operator, subtask: subtask, groups: groups}
	if limit := s.memory.limit; s.restored[operator] {
		sc.onDisk = limit > 0 && sc.large(limit/4)
		sc.later = sc.large(s.atOnce)
	}
	return sc
}

// loadAtOnce is how many bytes an operator's state may take on disk to be loaded before the first row.
const loadAtOnce = 32 << 20

// Written counts the bytes that have been handed to the database.
func (s *Store) Written() int64 { return s.bytes.Load() }

// Close closes the database. What was written since the last checkpoint is lost.
func (s *Store) Close() error {
	if s.db == nil {
		return nil
	}
	err := s.db.Close()
	s.db = nil
	for _, l := range s.logs {
		err = errors.Join(err, l.close())
	}
	return err
}

// damaged makes the database's finding of corruption ours.
func damaged(err error) error {
	if err == nil || errors.Is(err, ErrCorrupt) || !pebble.IsCorruptionError(err) {
		return err
	}
	return corrupt("reading the state", err)
}
