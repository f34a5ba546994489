package op

import (
	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/runtime/vec"
)

// changelog turns the results of groups before and after a round into changes. Results lie in one
// batch of vectors: first those of the groups that had one, then those of the groups that have
// one now; an output row is a key and a row of these.
type changelog struct {
	nKeys   int
	results []*vec.Vector // of the calls
	old     []uint32      // groups that had a result
	now     []uint32      // groups that have one
	had     []bool        // by group of the round
	has     []bool
	touched []uint32
	same    []bool // by entry of the groups that had and have one: nothing has changed

	groups []uint32 // of the output rows
	rows   []int32
	kinds  []vec.ChangeKind
	out    *vec.Batch
	repeat bool // unchanged results are given too
}

func newChangelog(s vec.Schema, keys int) *changelog {
	l := &changelog{nKeys: keys, out: vec.NewBatch(s)}
	for _, f := range s[keys:] {
		l.results = append(l.results, vec.New(f.Type))
	}
	return l
}

// begin takes a round's groups, borrowed until changes; live says which had a result.
func (l *changelog) begin(touched []uint32, live []bool) {
	l.touched = touched
	l.old, l.had, l.has = l.old[:0], l.had[:0], l.has[:0]
	for _, id := range touched {
		l.had, l.has = append(l.had, live[id]), append(l.has, true)
		if live[id] {
			l.old = append(l.old, id)
		}
	}
	for _, v := range l.results {
		v.Reset()
	}
}

// before notes the results that there were.
func (l *changelog) before(accs *agg.Accumulators) error { return accs.Results(l.old, l.results) }

// keep says that groups without rows have no result any more.
func (l *changelog) keep(rows []int64) {
	for t, id := range l.touched {
		l.has[t] = rows[id] > 0
	}
}

// after notes the results that there are.
func (l *changelog) after(accs *agg.Accumulators) error {
	l.now = l.now[:0]
	for t, id := range l.touched {
		if l.has[t] {
			l.now = append(l.now, id)
		}
	}
	return accs.Results(l.now, l.results)
}

// changes gives the round's changes, groups in the order of their first rows. With always there are no
// results from before, and every group has changed.
func (l *changelog) changes(table *vec.GroupTable, updateBefore, always bool) *vec.Batch {
	l.groups, l.rows, l.kinds = l.groups[:0], l.rows[:0], l.kinds[:0]
	first := int32(len(l.old))
	if always {
		first = 0
	} else {
		l.compare()
	}
	before, after, pair := int32(0), first, 0
	for t, id := range l.touched {
		had, has := l.had[t], l.has[t]
		switch {
		case had && has:
			if always || l.repeat || !l.same[pair] {
				if updateBefore {
					l.add(id, before, vec.UpdateBefore)
				}
				l.add(id, after, vec.UpdateAfter)
			}
			pair++
		case had:
			l.add(id, before, vec.Delete)
		case has:
			l.add(id, after, vec.Insert)
		}
		if had {
			before++
		}
		if has {
			after++
		}
	}
	return l.batch(table)
}

func (l *changelog) add(group uint32, row int32, k vec.ChangeKind) {
	l.groups, l.rows, l.kinds = append(l.groups, group), append(l.rows, row), append(l.kinds, k)
}

// compare finds the groups whose results are the same as before.
func (l *changelog) compare() {
	l.same = l.same[:0]
	before, after := 0, len(l.old)
	for t := range l.touched {
		if l.had[t] && l.has[t] {
			l.same = append(l.same, l.equal(before, after))
		}
		if l.had[t] {
			before++
		}
		if l.has[t] {
			after++
		}
	}
}

func (l *changelog) equal(i, j int) bool {
	for _, v := range l.results {
		if !vec.EqualKeys(v, i, v, j) {
			return false
		}
	}
	return true
}

func (l *changelog) batch(table *vec.GroupTable) *vec.Batch {
	l.out.Reset()
	if len(l.groups) == 0 {
		return l.out
	}
	table.AppendKeys(l.groups, l.out.Cols[:l.nKeys])
	for i, v := range l.results {
		l.out.Cols[l.nKeys+i].AppendRows(v, l.rows)
	}
	l.out.SetLen(len(l.groups))
	for _, k := range l.kinds {
		if k != vec.Insert {
			copy(l.out.EnsureKinds(), l.kinds)
			break
		}
	}
	return l.out
}
