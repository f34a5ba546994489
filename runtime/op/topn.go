package op

import (
	"fmt"
	"math"

	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
)

// topN gives the rows of each partition whose rank by ORDER BY lies between From and To, as a
// changelog. Rows that are equal by all keys rank in the order in which they came; without
// keys all do, which is LIMIT. Retractions of rows that are not there are passed over.
//
// With the rank number, or where there is but one rank, every rank is a row of the result, and one that a
// row has moved to is updated: -U (where somebody needs it) and +U, +I and -D for ranks
// at the end. Otherwise the rows that fall out are deleted, those that come in inserted. What
// a batch does to a partition is merged; with Config.RowByRow (mini-batching switched off) every row gives
// its own changes.
//
// State: see rankedRows; over inserts, no partition keeps more than To rows, each 12 bytes and
// its columns, and 8 bytes more. Over a changelog, all rows are kept, since those in front may go; a row then takes
// in addition 36 bytes: its place among all that came and an index by content, or by the input's key
// where there is one. Where memory is bounded, partitions move to disk with their rows, unless there is but one, without columns.
//
// Cost: over inserts, a row that is not among the first To costs a hash probe and a comparison of words; one
// that is, and any row of a changelog, O(log n) in the rows of its partition. A batch that
// changes ranks costs in addition all ranks behind the change, because they are its result.
//
// With table.exec.state.ttl the rows of a partition expire together (see expiry), counted from the last row that came among those that are kept,
// or, over a changelog, was taken back. Nothing is emitted for them; a retraction of one is passed over.
type topN struct {
	keyed
	node   *plan.TopN
	rows   *rankedRows
	finder *rowFinder // over a changelog
	lo, hi int        // places that are given, hi excluded
	limit  []uint64   // by partition, over inserts: rows with a larger word are not among the first To
	out    rankChanges
	gone   []uint32 // rows to let go at the end of the round
	empty  []uint32 // partitions that may have lost all rows, each once
	listed []bool   // by partition: it is among empty

	touched uint64 // keeps the reads of touch
}

func newTopN(n *plan.TopN) (*topN, error) {
	in := n.Input.Properties().Schema
	want := len(in)
	if n.Number {
		want++
	}
	if n.From < 1 || n.To < n.From || len(n.Schema) != want {
		return nil, fmt.Errorf("planning ranks %d to %d of %d columns as %d", n.From, n.To, want, len(n.Schema))
	}
	t := &topN{node: n, lo: int(n.From - 1), hi: int(min(n.To, maxRank))}
	t.keyed = newKeyed(t, in, n.Partition)
	t.rows = newRankedRows(in, n.Partition, n.Order, n.InputRetract)
	t.rows.table, t.rows.keys, t.rows.expiry = t.table, t.keys, &t.expiry
	if n.InputRetract {
		t.finder = newRowFinder(t.rows, n.RowKey)
	}
	t.out = newRankChanges(n, t.rows)
	return t, nil
}

func (t *topN) Open(ctx *Context) error {
	if err := t.keyed.Open(ctx); err != nil {
		return err
	}
	return t.keepRows(&t.rows.numbers, t.rows.store, t.rows.declare(t.input, t.putBack, t.restored), t.rows.rowsOf)
}

// putBack notes a row that has come from disk.
func (t *topN) putBack(g uint32, place int, row uint32) { t.out.inserted(g, place, row) }

// restored makes again what follows from rows that have come from disk.
func (t *topN) restored(rows []uint32) {
	t.grow(t.table.Bound())
	t.out.settle()
	if t.finder != nil {
		t.finder.load(rows)
		return
	}
	for _, g := range t.rows.groups {
		t.bound(g)
	}
}

// bound notes the word that a row must not exceed to be among the first of its partition.
func (t *topN) bound(g uint32) {
	if t.rows.lists.Len(g) >= t.hi {
		t.limit[g], _ = t.rows.lists.At(g, t.hi-1)
	}
}

func (t *topN) grow(bound int) {
	t.rows.lists.Grow(bound)
	t.out.grow(bound)
	for t.finder == nil && len(t.limit) < bound {
		t.limit = append(t.limit, math.MaxUint64)
	}
}

func (t *topN) size() int {
	bytes := t.rows.memory() + t.out.memory() + 8*cap(t.limit) + cap(t.listed)
	if t.finder != nil {
		bytes += t.finder.memory()
	}
	return bytes
}

// maxRank bounds ranks: row numbers are 32 bits.
const maxRank = 1 << 31

func (t *topN) Process(_ int, b *vec.Batch) error {
	if t.finder == nil {
		if err := onlyInserts(b, "Top-N of inserts"); err != nil {
			return err
		}
	}
	return t.process(b)
}

// add works through the rows of a batch.
func (t *topN) add(b *vec.Batch) error {
	t.rows.begin(b)
	t.grow(t.table.Bound())
	t.state.Touch(t.rows.groups)
	t.renew()
	if t.finder != nil {
		t.finder.begin(b)
	}
	if !t.Ctx.Config.RowByRow {
		if err := t.round(b, 0, b.Rows()); err != nil {
			return err
		}
	} else {
		for k := range b.Rows() {
			if err := t.round(b, k, k+1); err != nil {
				return err
			}
		}
	}
	t.dropEmpty()
	return nil
}

// round works through rows from to (exclusive) of the batch and gives their changes together.
func (t *topN) round(b *vec.Batch, from, to int) error {
	t.out.begin()
	exact := to-from == 1
	for k := from; k < to; k++ {
		if (k-from)%touchRows == 0 {
			t.touch(t.rows.groups[k:min(k+touchRows, to)])
		}
		g, word := t.rows.groups[k], t.rows.words[k]
		if t.finder == nil && word > t.limit[g] {
			continue
		}
		switch i := at(b.Sel, k); {
		case t.finder == nil:
			t.addBest(g, word, i, exact)
		case b.Kind(i).Retracts():
			t.takeBack(k, i, g, exact)
		default:
			t.addFound(k, i, g, word, exact)
		}
	}
	err := t.out.give(t.Ctx)
	t.rows.free(t.gone)
	t.gone = t.gone[:0]
	return err
}

func (t *topN) isLive(g uint32) bool { return int(g) < t.table.Bound() && t.rows.lists.Len(g) > 0 }

// renew lets the rows go that have expired in the partitions of a batch.
func (t *topN) renew() {
	if !t.expiry.on() {
		return
	}
	for _, g := range t.rows.groups {
		if t.isLive(g) && t.expiry.past(g) {
			t.expire(g)
		}
	}
}

// leave lets the rows of partitions go without a word.
func (t *topN) leave(groups []uint32) {
	for _, g := range groups {
		t.expire(g)
	}
}

func (t *topN) expire(g uint32) {
	rows := t.rows.takeAll(g)
	if t.finder != nil {
		t.finder.forget(g, rows)
	} else {
		t.limit[g] = math.MaxUint64
	}
	t.out.forget(rows)
	t.rows.free(rows)
}

// touch fetches what is looked at for every row of some partitions.
func (t *topN) touch(groups []uint32) {
	if t.finder == nil {
		sum := uint64(0)
		for _, g := range groups {
			sum += t.limit[g]
		}
		t.touched = sum
	}
	t.rows.lists.Touch(groups)
}

// addBest puts a row of an append-only input among those of its partition, if it is one of the first To. first says that the round has
// no other row, so that the ranks before the row's place do not change.
func (t *topN) addBest(g uint32, word uint64, i int, first bool) {
	n := t.rows.lists.Len(g)
	if n == t.hi && t.rows.worse(g, word, i, n-1) {
		return
	}
	t.expiry.renew(g)
	row := t.rows.keep(g, i)
	t.insert(g, word, row, first)
	if n == t.hi {
		t.gone = append(t.gone, t.rows.lists.Remove(g, t.hi))
	}
	t.bound(g)
}

// insert puts a row of the store into its list.
func (t *topN) insert(g uint32, word uint64, row uint32, first bool) {
	at := 0
	if first && t.out.byRank {
		at = t.rows.lists.Search(g, word, row)
	}
	t.out.before(g, at)
	at = t.rows.lists.Insert(g, word, row)
	t.out.inserted(g, at, row)
}

func (t *topN) addFound(k, i int, g uint32, word uint64, first bool) {
	t.expiry.renew(g)
	row := t.rows.keep(g, i)
	t.finder.add(k, i, g, row)
	t.insert(g, word, row, first)
}

// takeBack takes out the first row that is the same as row i of the batch.
func (t *topN) takeBack(k, i int, g uint32, first bool) {
	row := t.finder.take(k, i, g)
	if row == noRow {
		t.mayDrop(g) // the partition may be new, and stay without rows
		return
	}
	at := t.rows.place(g, row)
	if first {
		t.out.before(g, at)
	} else {
		t.out.before(g, 0)
	}
	t.rows.lists.Remove(g, at)
	t.out.removed(g, at, row)
	t.gone = append(t.gone, row)
	if t.expiry.on() && t.rows.lists.Len(g) > 0 {
		t.expiry.renew(g)
		_, other := t.rows.lists.At(g, 0)
		t.rows.numbers.touch(other) // the time is kept with the rows
	}
	t.mayDrop(g)
}

// mayDrop lists a partition without rows.
func (t *topN) mayDrop(g uint32) {
	for len(t.listed) <= int(g) {
		t.listed = append(t.listed, false)
	}
	if t.rows.lists.Len(g) == 0 && !t.listed[g] {
		t.listed[g] = true
		t.empty = append(t.empty, g)
	}
}

// dropEmpty forgets the partitions that have no rows at the end of the batch.
func (t *topN) dropEmpty() {
	n := 0
	for _, g := range t.empty {
		t.listed[g] = false
		if t.rows.lists.Len(g) == 0 {
			t.empty[n] = g
			n++
		}
	}
	t.rows.drop(t.empty[:n])
	t.empty = t.empty[:0]
}
