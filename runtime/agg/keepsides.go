package agg

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/state"
)

func count64() types.Type { return types.New(types.BigInt).WithoutNull() }

// A distinct set is kept as (group, values) → the calls that have counted it, as bits, or its count for every call.

func (s *distinctSet) columns() (key, value vec.Schema) {
	for i, t := range s.types {
		key = append(key, vec.Field{Name: fmt.Sprintf("value %d", i), Type: t})
	}
	if !s.retract {
		return key, vec.Schema{{Name: "calls", Type: count64()}}
	}
	for j := range s.calls {
		value = append(value, vec.Field{Name: fmt.Sprintf("count %d", j), Type: count64()})
	}
	return key, value
}

func (s *distinctSet) keep()                  {}
func (s *distinctSet) track(rows *state.Rows) { s.kept = rows }

func (s *distinctSet) groups(dst, entries []uint32) []uint32 {
	of := vec.Values[int32](s.table.Keys()[0])
	for _, e := range entries {
		dst = append(dst, uint32(of[e]))
	}
	return dst
}

func (s *distinctSet) appendKey(entries []uint32, out []*vec.Vector) {
	for c, v := range s.table.Keys()[1:] {
		out[c].AppendRows(v, vec.AsRows(entries))
	}
}

func (s *distinctSet) appendValue(entries []uint32, out []*vec.Vector) error {
	for _, e := range entries {
		if !s.retract {
			vec.Append(out[0], int64(s.flags.get(e)))
			continue
		}
		for j := range s.calls {
			vec.Append(out[j], s.counts[int(e)*len(s.calls)+j])
		}
	}
	return nil
}

func (s *distinctSet) load(dst, groups []uint32, cols []*vec.Vector) []uint32 {
	s.rows = s.rows[:0]
	s.group.Resize(len(groups))
	ids := vec.Values[int32](s.group)
	for k, g := range groups {
		ids[k], s.rows = int32(g), append(s.rows, int32(k))
	}
	n := len(s.types)
	s.cols = append(append(s.cols[:0], s.group), cols[:n]...)
	s.keys.Set(s.cols, len(s.rows), s.rows)
	s.insert()
	for _, g := range groups {
		if s.onDisk(g) > 0 {
			s.away[g]--
		}
	}
	for k, e := range s.ids {
		if !s.retract {
			s.flags.set(e, uint64(vec.Values[int64](cols[n])[k]))
			continue
		}
		for j := range s.calls {
			s.counts[int(e)*len(s.calls)+j] = vec.Values[int64](cols[n+j])[k]
		}
	}
	return append(dst, s.ids...)
}

func (b *bag) entries(dst []uint32, group uint32) []uint32 {
	b.each(b.root[group], func(n uint32) { dst = append(dst, n) })
	return dst
}

func (b *bag) count() int { return b.store.Len() }

// countedNodes are the nodes of ordered multisets, of which each is kept as (group, value) → count.
type countedNodes struct {
	counts []int64  // by node
	owner  []uint32 // by node: its group
	kept   *state.Rows
}

func (c *countedNodes) keep()                  {}
func (c *countedNodes) track(rows *state.Rows) { c.kept = rows }

func (c *countedNodes) groups(dst, nodes []uint32) []uint32 {
	for _, n := range nodes {
		dst = append(dst, c.owner[n])
	}
	return dst
}

func (c *countedNodes) appendValue(nodes []uint32, out []*vec.Vector) error {
	for _, n := range nodes {
		vec.Append(out[0], c.counts[n])
	}
	return nil
}

// A bag is kept as (group, value) → count, in the order of the values.

func (e *extremeRetract) side() side { return &e.bag }

func (b *bag) columns() (key, value vec.Schema) {
	return vec.Schema{{Name: "value", Type: b.valueType()}}, vec.Schema{{Name: "count", Type: count64()}}
}

func (b *bag) appendKey(nodes []uint32, out []*vec.Vector) {
	b.appendAll(out[0], nodes)
}

func (b *bag) load(dst, groups []uint32, cols []*vec.Vector) []uint32 {
	counts := vec.Values[int64](cols[1])
	for k, g := range groups {
		dst = append(dst, b.change(g, cols[0], k, counts[k]))
	}
	return dst
}

// A ranked multiset is kept as (group, value) → count.

func (p *percentile) side() side { return &p.values }

func (r *ranked) columns() (key, value vec.Schema) {
	return vec.Schema{{Name: "value", Type: types.New(types.Double).WithoutNull()}}, vec.Schema{{Name: "count", Type: count64()}}
}

func (r *ranked) appendKey(nodes []uint32, out []*vec.Vector) {
	for _, n := range nodes {
		vec.Append(out[0], numberOf(r.words[n]))
	}
}

func (r *ranked) load(dst, groups []uint32, cols []*vec.Vector) []uint32 {
	numbers, counts := vec.Values[float64](cols[0]), vec.Values[int64](cols[1])
	for k, g := range groups {
		dst = append(dst, r.change(g, numbers[k], counts[k]))
	}
	return dst
}

func (r *ranked) entries(dst []uint32, group uint32) []uint32 {
	r.each(r.root[group], func(n uint32) { dst = append(dst, n) })
	return dst
}

func (r *ranked) count() int { return len(r.words) - len(r.free) }

// A value list is kept as (group, number) → value; numbers ascend in the order in which values came.

func (a *arrayAgg) side() side    { return a.list }
func (e *edgeRetract) side() side { return e.list }

func (l *valueList) columns() (key, value vec.Schema) {
	return vec.Schema{{Name: "number", Type: count64()}}, vec.Schema{{Name: "value", Type: l.valueType()}}
}

func (l *valueList) keep()                  { l.numbered = true }
func (l *valueList) track(rows *state.Rows) { l.kept = rows }

func (l *valueList) groups(dst, nodes []uint32) []uint32 {
	for _, n := range nodes {
		dst = append(dst, l.owner[n])
	}
	return dst
}

func (l *valueList) appendKey(nodes []uint32, out []*vec.Vector) {
	for _, n := range nodes {
		vec.Append(out[0], l.number[n])
	}
}

func (l *valueList) appendValue(nodes []uint32, out []*vec.Vector) error {
	l.appendAll(out[0], nodes)
	return nil
}

func (l *valueList) load(dst, groups []uint32, cols []*vec.Vector) []uint32 {
	numbers, from := vec.Values[int64](cols[0]), len(dst)
	rows := inOrder(numbers)
	if rows == nil {
		l.add(groups, cols[1], nil)
		dst = append(dst, l.made...)
	} else {
		of, values := make([]uint32, len(rows)), vec.New(l.valueType())
		for i, k := range rows {
			of[i] = groups[k]
		}
		values.AppendRows(cols[1], rows)
		l.add(of, values, nil)
		dst = append(dst, l.made...)
		for i, k := range rows {
			dst[from+int(k)] = l.made[i]
		}
	}
	for k, n := range dst[from:] {
		l.number[n] = numbers[k]
		l.came = max(l.came, numbers[k])
	}
	return dst
}

func (l *valueList) entries(dst []uint32, group uint32) []uint32 {
	for n := l.head[group]; n != noNode; n = l.next[n] {
		dst = append(dst, n)
	}
	return dst
}

func (l *valueList) count() int { return l.store.Len() }

// inOrder gives the rows by their numbers; nil: they stand so. What lies there in chunks does not where a node was used
// again for a later value.
func inOrder(numbers []int64) []int32 {
	if slices.IsSorted(numbers) {
		return nil
	}
	rows := make([]int32, len(numbers))
	for k := range rows {
		rows[k] = int32(k)
	}
	slices.SortFunc(rows, func(a, b int32) int { return cmp.Compare(numbers[a], numbers[b]) })
	return rows
}

// LISTAGG keeps its separator with every value: it is a constant, but only rows say which.

func (l *listAgg) side() side { return &separated{valueList: l.list, of: l} }

type separated struct {
	*valueList
	of *listAgg
}

func (s *separated) columns() (key, value vec.Schema) {
	key, value = s.valueList.columns()
	return key, append(value, vec.Field{Name: "separator", Type: types.String()})
}

func (s *separated) appendValue(nodes []uint32, out []*vec.Vector) error {
	for range nodes {
		out[1].AppendBytes(s.of.separator)
	}
	return s.valueList.appendValue(nodes, out)
}

func (s *separated) load(dst, groups []uint32, cols []*vec.Vector) []uint32 {
	if len(groups) > 0 {
		s.of.separate(cols[2], 0)
	}
	return s.valueList.load(dst, groups, cols[:2])
}
