package op

import (
	"fmt"

	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/state"
)

// setOperation is INTERSECT and EXCEPT on changelogs: it counts how often each side has a row, from which
// follows how often the result has it. A row that comes or goes changes that by one at most, so that the
// output is a part of the input, as +I where the result gains the row and as -D where it loses it;
// nothing is copied. NULLs are equal. A retraction of a row that the side does not have is passed over. With
// table.exec.state.ttl, the counts of a row expire (see expiry).
//
// State: a group table of whole rows and 16 bytes of counts a row; a row that neither side has any more
// is forgotten. Where memory is bounded, rows move to disk with their counts. Cost: a hash probe a row.
type setOperation struct {
	keyed
	node  *plan.SetOperation
	sides [2][]int64 // by row of the table: how often the left and the right side have it

	gone  []uint32 // rows of the batch that no side has any more
	sel   []int32
	kinds []vec.ChangeKind
	out   vec.Batch // a header over the input's columns
}

func newSetOperation(n *plan.SetOperation) (*setOperation, error) {
	in := n.Input.Properties().Schema
	if len(n.Schema)+1 != len(in) {
		return nil, fmt.Errorf("planning a set operation of %d columns as %d", len(in)-1, len(n.Schema))
	}
	row := make([]int, len(n.Schema))
	for c := range row {
		row[c] = c
	}
	s := &setOperation{node: n, sel: make([]int32, 0, vec.DefaultBatchSize)}
	s.keyed = newKeyed(s, in, row)
	return s, nil
}

func (s *setOperation) Open(ctx *Context) error {
	if err := s.keyed.Open(ctx); err != nil {
		return err
	}
	return s.keep(state.Table{
		Name: "rows", Key: s.node.Schema, Value: s.expiry.column(vec.Schema{bigintColumn("left"), bigintColumn("right")}),
		Values: s.appendCounts, Load: s.load,
	}, true)
}

func (s *setOperation) appendCounts(ids []uint32, out []*vec.Vector) error {
	for i := range s.sides {
		appendInts(out[i], s.sides[i], ids)
	}
	s.expiry.append(ids, out)
	return nil
}

func (s *setOperation) load(cols []*vec.Vector, n int) ([]uint32, error) {
	k := len(s.node.Schema)
	s.insert(cols[:k], n, nil)
	for i := range s.sides {
		for r, x := range vec.Values[int64](cols[k+i]) {
			s.sides[i][s.ids[r]] = x
		}
	}
	s.expiry.restored(s.ids, cols)
	return s.ids, nil
}

func (s *setOperation) isLive(id uint32) bool {
	return int(id) < len(s.sides[0]) && s.sides[0][id]|s.sides[1][id] != 0
}

// leave forgets how often each side has rows.
func (s *setOperation) leave(ids []uint32) {
	for _, id := range ids {
		s.sides[0][id], s.sides[1][id] = 0, 0
	}
}

func (s *setOperation) size() int { return 8 * (cap(s.sides[0]) + cap(s.sides[1])) }

func (s *setOperation) grow(bound int) {
	for i := range s.sides {
		for len(s.sides[i]) < bound {
			s.sides[i] = append(s.sides[i], 0)
		}
	}
}

func (s *setOperation) Process(_ int, b *vec.Batch) error { return s.process(b) }

func (s *setOperation) add(b *vec.Batch) error {
	columns := len(s.node.Schema)
	s.insert(b.Cols[:columns], b.Rows(), b.Sel)
	s.leave(s.expiry.write(s.ids, s.isLive))
	s.state.Mark(s.ids, s.table.Bound())
	for len(s.kinds) < b.Len() {
		s.kinds = append(s.kinds, vec.Insert)
	}
	s.sel, s.gone = s.sel[:0], s.gone[:0]
	deletes := s.count(b, b.Cols[columns])
	s.drop()
	if len(s.sel) == 0 {
		return nil
	}
	s.out = vec.Batch{Cols: b.Cols[:columns], Sel: s.sel}
	if deletes {
		s.out.Kinds = s.kinds[:b.Len()]
	}
	s.out.SetLen(b.Len())
	return s.Ctx.Out.Emit(&s.out)
}

// count takes the rows in and back, and selects those that the result gains or loses; it reports
// whether it loses any.
func (s *setOperation) count(b *vec.Batch, right *vec.Vector) (deletes bool) {
	for k, id := range s.ids {
		i := at(b.Sel, k)
		side := &s.sides[0][id]
		if right.Bool(i) {
			side = &s.sides[1][id]
		}
		before := s.times(id)
		switch {
		case !b.Kind(i).Retracts():
			*side++
		case *side > 0:
			*side--
		}
		if s.sides[0][id]|s.sides[1][id] == 0 {
			s.gone = append(s.gone, id)
		}
		switch after := s.times(id); {
		case after > before:
			s.kinds[i] = vec.Insert
		case after < before:
			s.kinds[i] = vec.Delete
			deletes = true
		default:
			continue
		}
		s.sel = append(s.sel, int32(i))
	}
	return deletes
}

// times says how often the result has a row.
func (s *setOperation) times(id uint32) int64 {
	left, right := s.sides[0][id], s.sides[1][id]
	if !s.node.All {
		left, right = min(left, 1), min(right, 1)
	}
	if s.node.Op == plan.Intersect {
		return min(left, right)
	}
	if !s.node.All {
		return left &^ right
	}
	return max(left-right, 0)
}

// drop forgets the rows that are without a side at the end of the batch, each once.
func (s *setOperation) drop() {
	n := 0
	for _, id := range s.gone {
		if s.sides[0][id]|s.sides[1][id] == 0 {
			s.sides[0][id] = -1 // listed
			s.gone[n] = id
			n++
		}
	}
	for _, id := range s.gone[:n] {
		s.sides[0][id] = 0
	}
	s.state.Forget(s.gone[:n])
	s.table.Delete(s.gone[:n], s.keys)
}
