package op

import (
	"cmp"
	slicing "slices"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/state"
)

// numberedRows has the rows of a store kept that belong to keys (partitions): (key, number) → columns. Numbers ascend in the order
// in which rows come, so that they come back in that order. A row takes 12 bytes for it; where rows are neither
// kept nor ordered by their numbers, nothing is noted.
type numberedRows struct {
	on     bool
	state  *state.Rows
	owner  []uint32 // by row: its key
	number []int64
	came   int64 // the last number given
}

// numberedTable declares the rows. groups maps keys to owners; values appends columns of rows, load takes rows of owners
// in and appends what they are called to dst.
type numberedTable struct {
	name   string
	key    vec.Schema
	groups *vec.GroupTable
	keys   *vec.KeyBatch
	value  vec.Schema
	values func(rows []uint32, out []*vec.Vector) error
	load   func(dst, owners []uint32, cols []*vec.Vector) ([]uint32, error)

	// What follows is nil where all stays in memory: how keys move to disk with their rows (see state.Table), of which entries appends those of one key. due,
	// dueKey and soon may be empty then, too (see state.Owners).
	entries func(dst []uint32, owner uint32) []uint32
	find    func(cols []*vec.Vector, n int) []uint32
	evict   func(owners []uint32)
	leader  *state.Rows // may be nil (see state.Owners)
	due     string
	dueKey  int
	soon    func(owner uint32) bool
}

// owners says whose the rows are, where keys move to disk.
func (r *numberedRows) owners(t numberedTable) *state.Owners {
	if t.entries == nil {
		return nil
	}
	return &state.Owners{
		IDs: t.groups.IDs, Keys: t.groups.AppendKeys, Leader: t.leader, Latest: writtenColumn, Due: t.due, DueKey: t.dueKey, Soon: t.soon,
		Entries: func(dst []uint32, owner uint32) []uint32 {
			from := len(dst)
			dst = t.entries(dst, owner)
			slicing.SortFunc(dst[from:], func(a, b uint32) int { return cmp.Compare(r.number[a], r.number[b]) })
			return dst
		},
	}
}

func (r *numberedRows) keep(sc *state.Scope, t numberedTable) (err error) {
	if sc == nil {
		return nil
	}
	r.on = true
	n := len(t.key)
	sc.Int(t.name, &r.came, state.Max)
	var owners, rows []uint32
	r.state, err = sc.Table(state.Table{
		Name: t.name, Key: append(append(vec.Schema{}, t.key...), bigintColumn("number")), Value: t.value, Route: n,
		Keys: func(ids []uint32, out []*vec.Vector) {
			owners = owners[:0]
			for _, id := range ids {
				owners = append(owners, r.owner[id])
			}
			t.groups.AppendKeys(owners, out[:n])
			appendInts(out[n], r.number, ids)
		},
		Values: t.values, Owners: r.owners(t), Find: t.find, Evict: t.evict,
		Load: func(cols []*vec.Vector, m int) (_ []uint32, err error) {
			t.keys.Set(cols[:n], m, nil)
			owners = t.groups.Insert(t.keys, owners)
			if rows, err = t.load(rows[:0], owners, cols[n+1:]); err != nil {
				return nil, err
			}
			for k, number := range vec.Values[int64](cols[n]) {
				r.set(rows[k], owners[k], number)
			}
			return rows, nil
		},
	})
	return err
}

// enter gives a row that has come its number.
func (r *numberedRows) enter(owner, row uint32) {
	if !r.on {
		return
	}
	r.came++
	r.set(row, owner, r.came)
	r.state.MarkOne(row)
}

// memory gives the bytes that it takes.
func (r *numberedRows) memory() int { return 4*cap(r.owner) + 8*cap(r.number) }

func (r *numberedRows) set(row, owner uint32, number int64) {
	for len(r.owner) <= int(row) {
		r.owner, r.number = append(r.owner, 0), append(r.number, 0)
	}
	r.owner[row], r.number[row] = owner, number
}

// touch says that a row's columns are written anew.
func (r *numberedRows) touch(row uint32) { r.state.MarkOne(row) }

// forget is called before rows are let go; their owners are still there.
func (r *numberedRows) forget(rows []uint32) { r.state.Forget(rows) }
