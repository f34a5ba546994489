package state

import (
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/weirstream/weir/runtime/vec"
)

// Scope is the state of one operator in one subtask. A nil *Scope keeps nothing and restores nothing.
type Scope struct {
	store    *Store
	operator string
	subtask  int
	groups   Groups
	rows     []*Rows
	spans    []*Spans
	ints     []scopeInt
	sealed   int64        // the checkpoint, by the store's count, that the state was last frozen for
	pending  atomic.Int64 // snapshots that have not been written
	used     int64        // bytes of memory
	batches  int
	onDisk   bool // rows are not loaded: there are too many
	later    bool // rows are loaded when they are wanted, where the operator can wait
}

type scopeInt struct {
	name string
	x    *int64
}

// table is a table that is open.
type table struct {
	Descriptor
	number uint32
	max    int // key groups

	mu    sync.Mutex
	spare []*vec.Batch // of frozen rows, for the next time
}

// maxSpare bounds the batches that a table keeps for the next checkpoint.
const maxSpare = 8

func (t *table) borrow() *vec.Batch {
	t.mu.Lock()
	defer t.mu.Unlock()
	if n := len(t.spare); n > 0 {
		b := t.spare[n-1]
		t.spare = t.spare[:n-1]
		return b
	}
	return vec.NewBatch(t.columns())
}

func (t *table) giveBack(b *vec.Batch) {
	b.Reset()
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.spare) < maxSpare {
		t.spare = append(t.spare, b)
	}
}

// Table has a keyed table kept. If there is state of it, its entries are taken in by t.Load before Table returns.
func (s *Scope) Table(t Table) (*Rows, error) {
	if s == nil {
		return nil, nil
	}
	tab, err := s.store.open(Descriptor{
		Operator: s.operator, Name: t.Name, Kind: Keyed, Version: layoutVersion, Key: t.Key, Value: t.Value, Route: t.Route,
	})
	if err != nil {
		return nil, err
	}
	r := &Rows{scope: s, table: tab, keys: t.Keys, values: t.Values}
	s.rows = append(s.rows, r)
	if t.moves() && (s.budgeted() || s.later && !t.Whole) {
		r.cold = newEviction(s, tab, &t)
		r.follow(t.Owners)
		r.join(t.Member)
	}
	if err := r.restoreMoved(&t); err != nil {
		return nil, fmt.Errorf("restoring %s: %w", tab, err)
	}
	if err := r.restoreStored(&t); err != nil {
		return nil, fmt.Errorf("restoring %s: %w", tab, err)
	}
	return r, nil
}

// Merge says what becomes of a value that each subtask had, when they are restored into others.
type Merge uint8

// Ways to merge.
const (
	Min Merge = iota
	Max
)

// Int has a value kept that belongs to the subtask, not to a key: a watermark, a counter. If there is one in the state, *x is set
// to it: to the least or greatest that any subtask had.
func (s *Scope) Int(name string, x *int64, how Merge) {
	if s == nil {
		return
	}
	s.ints = append(s.ints, scopeInt{name, x})
	for i, y := range s.store.ints[s.operator+"\x00"+name] {
		if i == 0 || how == Min && y < *x || how == Max && y > *x {
			*x = y
		}
	}
}

// Restored reports whether there is state of this operator.
func (s *Scope) Restored() bool { return s != nil && s.store.restored[s.operator] }

// Snapshot copies what has changed since the last one. It is called between two calls of the operator, by its goroutine, for
// every checkpoint; what it gives must be written (Store.Write), also if the checkpoint is given up.
func (s *Scope) Snapshot() (Frozen, error) {
	f := Frozen{scope: s}
	if s == nil {
		return f, nil
	}
	s.sealed = s.store.epoch.Load() + 1
	s.pending.Add(1)
	for _, r := range s.rows {
		rows, err := r.freeze()
		if err != nil {
			return f, err
		}
		f.add(rows)
	}
	for _, sp := range s.spans {
		if err := sp.freeze(&f); err != nil {
			return f, err
		}
	}
	for _, v := range s.ints {
		f.ints = append(f.ints, frozenInt{v.name, *v.x})
	}
	return f, nil
}

// Frozen is what an operator's subtask hands over at a barrier: copies, which nothing in the operator refers to.
type Frozen struct {
	scope *Scope
	rows  []frozenRows
	drops []spanDrop
	ints  []frozenInt
}

type frozenRows struct {
	table *table
	span  int64
	part  uint64
	rows  *vec.Batch // nil: none
	gone  *vec.Batch // keys
	// emptied are key groups of which nothing is left in the database but rows, dirs say where what was moved to disk is.
	emptied []int
	dirs    []frozenDir
	// scratch rows are of no checkpoint.
	scratch bool
}

type frozenInt struct {
	name string
	x    int64
}

func (f *Frozen) add(r frozenRows) {
	if r.rows != nil || r.gone != nil || r.emptied != nil || r.dirs != nil {
		f.rows = append(f.rows, r)
	}
}

// Rows counts the rows that are to be written, those to delete among them.
func (f *Frozen) Rows() int {
	n := 0
	for _, r := range f.rows {
		if r.rows != nil {
			n += r.rows.Len()
		}
		if r.gone != nil {
			n += r.gone.Len()
		}
	}
	return n
}
