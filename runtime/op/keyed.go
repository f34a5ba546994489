package op

import (
	"time"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/state"
)

// keyed is what operators share that keep an entry a key, or rows of each key (partition): the table of keys, their lifetimes, and their way to disk and back, with all that
// is kept of them, where memory is bounded. An operator embeds it in place of Base, is an entries, calls keyed.Open and then keep or keepRows in its Open, and has Process end in process.
type keyed struct {
	Base
	op      entries
	input   vec.Schema
	by      []int // columns of the input: the key
	table   *vec.GroupTable
	keys    *vec.KeyBatch
	state   *state.Rows
	owned   func() int // how many entries the keys have, with what moves to disk with them; nil where each has one
	rows    bool       // entries are rows of the keys
	apart   scattered  // nil: nothing of an entry moves by itself
	expiry  expiry
	written int // the place of the time of the last write among the columns of an entry
	away    away
	came    moment // when the rows came that are added
	back    bool   // they have waited for entries on disk

	keyCols []*vec.Vector
	ids     []uint32
	all     []int32 // row numbers of a batch without selection
}

// entries is an operator over keyed. The ids of its entries are those of the table.
type entries interface {
	// add processes rows whose entries are in memory, or new.
	add(b *vec.Batch) error
	// grow makes room for entries below a bound.
	grow(bound int)
	// isLive reports whether there is something of an entry that may expire.
	isLive(id uint32) bool
	// leave empties entries, or lets the rows of keys go, without a word: they have expired or were moved to disk, and the keys are deleted then.
	leave(ids []uint32)
	// size gives the bytes that entries take, the keys and their lifetimes apart.
	size() int
	// reached is what Operator.Watermark is for others: it comes behind rows that were away.
	reached(wm int64) error
	// returned is called when all rows of a key group that were away have been added, before their entries may be moved again.
	returned() error
}

// scattered is for operators whose entries have values that move to disk by themselves, and more of which one may have than the memory holds: those of DISTINCT. A row then waits also for those
// that it touches.
type scattered interface {
	// behind adds to the rows that wait, out of those given, the ones that must too: what they touch lies on disk, or a row of their key waits. s.ids are those of the rows.
	behind(b *vec.Batch, rows, wait []int32) ([]int32, error)
	// fetch takes in what the rows of a batch touch; ids are their entries.
	fetch(b *vec.Batch, ids []uint32) error
	// waits reports whether rows of an entry in memory wait; released says that none do any more.
	waits(id uint32) bool
	released()
	// values counts what lies in memory.
	values() int
	// forget removes what entries have on disk, before they are left.
	forget(ids []uint32) error
}

func newKeyed(op entries, input vec.Schema, by []int) keyed {
	ts := columnTypes(input, by)
	return keyed{op: op, input: input, by: by, table: vec.NewGroupTable(ts), keys: vec.NewKeyBatch(ts)}
}

func (s *keyed) Open(ctx *Context) error {
	s.expiry.open(ctx)
	return s.Base.Open(ctx)
}

// keep has the entries kept. The table says what they are; if it may be evicted, how is said here.
func (s *keyed) keep(t state.Table, evict bool) (err error) {
	t.Route, t.Keys = len(s.by), s.table.AppendKeys
	for c, f := range t.Value {
		if f.Name == writtenColumn {
			s.written = c
			break
		}
	}
	if evict {
		t.Find = s.find
		t.Evict = s.evict
	}
	s.state, err = s.Ctx.State.Table(t)
	return err
}

// keepRows has the rows of keys kept, numbered as they come; entries appends those of a key, which lie in the store. They move to disk with
// their keys, unless there is but one key, without columns. The table says what a row is.
func (s *keyed) keepRows(rows *numberedRows, store *vec.RowStore, t numberedTable, entries func(dst []uint32, id uint32) []uint32) error {
	s.owned, s.rows, s.written = store.Len, true, len(t.value)
	t.groups, t.keys, t.value = s.table, s.keys, s.expiry.column(t.value)
	if len(s.by) > 0 {
		t.entries, t.find, t.evict = entries, s.find, s.evict
	}
	err := rows.keep(s.Ctx.State, t)
	s.state = rows.state
	return err
}

// evictStep is how many keys are taken out of memory at a time: what that takes by itself does not count.
const evictStep = 1 << 18

// evict takes keys out of memory that are on disk.
func (s *keyed) evict(ids []uint32) {
	for len(ids) > 0 {
		some := ids[:min(evictStep, len(ids))]
		s.op.leave(some)
		s.table.Delete(some, s.keys)
		ids = ids[len(some):]
	}
}

// insert finds the entries of n keys, or makes them; their ids lie in s.ids.
func (s *keyed) insert(cols []*vec.Vector, n int, sel []int32) {
	s.keys.Set(cols, n, sel)
	s.ids = s.table.Insert(s.keys, s.ids)
	s.op.grow(s.table.Bound())
}

// find gives the entries of n keys.
func (s *keyed) find(cols []*vec.Vector, n int) []uint32 {
	s.keys.Set(cols, n, nil)
	s.ids = s.table.Lookup(s.keys, s.ids)
	return s.ids
}

// rowsOf numbers the rows of a batch.
func (s *keyed) rowsOf(b *vec.Batch) []int32 {
	if b.Sel != nil {
		return b.Sel
	}
	for len(s.all) < b.Len() {
		s.all = append(s.all, int32(len(s.all)))
	}
	return s.all[:b.Len()]
}

// process processes rows, at once or when their entries have been read from disk, and moves entries to disk if the job's memory
// is used up.
func (s *keyed) process(b *vec.Batch) error {
	add := s.op.add
	if s.state.OnDisk() {
		add = s.addPresent
	}
	if err := add(b); err != nil {
		return err
	}
	if err := s.state.LoadMore(); err != nil {
		return err
	}
	if !s.Ctx.State.Due() {
		return nil
	}
	return s.trim()
}

func (s *keyed) trim() error { return s.state.Trim(s.inMemory()) }

// inMemory is what tables take of memory: bytes, and how many entries they have.
func (s *keyed) inMemory() (bytes, entries int) {
	entries = s.table.Len()
	if s.owned != nil {
		entries = s.owned()
	}
	if s.apart != nil {
		entries += s.apart.values()
	}
	return s.table.Memory() + 8*cap(s.expiry.written) + s.op.size(), entries
}

func (s *keyed) reached(wm int64) error { return s.Ctx.Out.EmitWatermark(wm) }

func (s *keyed) returned() error { return nil }

// leastStep bounds how often a part of the entries on disk is swept.
const leastStep = 10 * time.Millisecond

// Tick sweeps: what is in memory once a lifetime, what is on disk a key group at a time, all of them in a lifetime.
// Rows that have waited for entries on disk are brought back before.
func (s *keyed) Tick(now time.Time) error {
	if err := s.bringBackAt(now); err != nil || !s.expiry.on() {
		return err
	}
	dead := s.expiry.sweep(now, s.mayExpire)
	if s.apart != nil {
		if err := s.apart.forget(dead); err != nil {
			return err
		}
	}
	if !s.rows {
		s.state.Forget(dead)
	}
	s.op.leave(dead)
	s.table.Delete(dead, s.keys)
	return s.sweepOnDisk(now)
}

// mayExpire reports whether there is something of an entry that may expire before the rows that wait have come back.
func (s *keyed) mayExpire(id uint32) bool {
	return s.op.isLive(id) && (s.apart == nil || !s.apart.waits(id))
}

// sweepOnDisk removes what has expired of a key group from disk. A row that waits may have come up to awayLatency ago.
func (s *keyed) sweepOnDisk(now time.Time) error {
	if !s.expiry.on() || !s.state.OnDisk() {
		return nil
	}
	groups := s.Ctx.State.Groups()
	step := time.Duration(s.expiry.ttl) * time.Millisecond / time.Duration(max(groups.To-groups.From, 1))
	s.Ctx.WakeAt(now.Add(max(step, leastStep)))
	return s.state.Sweep(func(value []*vec.Vector, row int) bool {
		return s.expiry.gone(vec.Values[int64](value[s.written])[row], now.Add(-awayLatency).UnixMilli())
	})
}
