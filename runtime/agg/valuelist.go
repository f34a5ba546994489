package agg

import (
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/state"
)

// valueList keeps all values of every group in the order in which they came: doubly linked lists
// whose nodes are entries of columns shared by all groups. With retraction a hash table finds the
// oldest node of a group that has a value, so that adding and taking back both cost a probe. A
// node takes its value and 8 bytes, with retraction 8 more and the table's share.
type valueList struct {
	nodeValues
	prev, next []uint32
	head, tail []uint32 // by group

	finder *valueFinder // nil without retraction

	// Where the list is kept: by node, its group and its number among all values that came.
	numbered bool
	owner    []uint32
	number   []int64
	came     int64
	made     []uint32 // nodes of the last add
	kept     *state.Rows
}

func newValueList(t types.Type, retract bool) *valueList {
	l := &valueList{nodeValues: newNodeValues(t)}
	if retract {
		l.finder = newValueFinder(t)
	}
	return l
}

func (l *valueList) grow(n int) {
	l.head, l.tail = grown(l.head, n, noNode), grown(l.tail, n, noNode)
}

// add puts rows of v at the ends of their groups' lists.
func (l *valueList) add(groups []uint32, v *vec.Vector, rows []int32) {
	var entries []uint32
	l.made = l.made[:0]
	if l.finder != nil && len(groups) > 0 {
		entries = l.finder.insert(groups, v, rows)
	}
	for k, g := range groups {
		n := l.node(v, at(rows, k))
		if l.numbered {
			l.enter(n, g)
		}
		l.prev[n], l.next[n] = l.tail[g], noNode
		if l.tail[g] == noNode {
			l.head[g] = n
		} else {
			l.next[l.tail[g]] = n
		}
		l.tail[g] = n
		if l.finder != nil {
			l.finder.append(entries[k], n)
		}
	}
}

// enter notes a new node for who keeps the list.
func (l *valueList) enter(n, g uint32) {
	l.owner, l.number = grown(l.owner, int(n)+1, 0), grown(l.number, int(n)+1, 0)
	l.came++
	l.owner[n], l.number[n] = g, l.came
	l.made = append(l.made, n)
	l.kept.MarkOne(n)
}

// take takes rows back, the oldest of equal ones; a value that is not there is passed over.
func (l *valueList) take(groups []uint32, v *vec.Vector, rows []int32) {
	if len(groups) == 0 {
		return
	}
	for k, e := range l.finder.lookup(groups, v, rows) {
		if n := l.finder.oldest(e); n != noNode {
			l.unlink(groups[k], n)
			l.finder.remove(e)
			l.release(n)
		}
	}
	l.finder.drop()
}

func (l *valueList) node(v *vec.Vector, i int) uint32 {
	n := l.put(v, i)
	if int(n) == len(l.next) {
		l.prev, l.next = append(l.prev, noNode), append(l.next, noNode)
	}
	return n
}

func (l *valueList) unlink(g, n uint32) {
	p, q := l.prev[n], l.next[n]
	if p == noNode {
		l.head[g] = q
	} else {
		l.next[p] = q
	}
	if q == noNode {
		l.tail[g] = p
	} else {
		l.prev[q] = p
	}
}

// release frees a node.
func (l *valueList) release(n uint32) {
	l.kept.ForgetOne(n)
	l.letGo(n)
}

// appendTo appends the group's values to an ARRAY vector, as one array.
func (l *valueList) appendTo(g uint32, out *vec.Vector) {
	for n := l.head[g]; n != noNode; n = l.next[n] {
		l.appendOne(out.Child(0), n)
	}
	out.EndList()
}

// merge adds the values of arrays.
func (l *valueList) merge(groups []uint32, arrays *vec.Vector, rows []int32) {
	offsets := arrays.Offsets()
	var ids []uint32
	var elems []int32
	for k, g := range groups {
		i := at(rows, k)
		for j := offsets[i]; j < offsets[i+1] && !arrays.IsNull(i); j++ {
			ids, elems = append(ids, g), append(elems, j)
		}
	}
	l.add(ids, arrays.Child(0), elems)
}

// reset empties groups.
func (l *valueList) reset(groups []uint32) {
	for _, g := range groups {
		for n := l.head[g]; n != noNode; n = l.next[n] {
			if l.finder != nil {
				l.finder.forget(n)
			}
			l.release(n)
		}
		l.head[g], l.tail[g] = noNode, noNode
	}
	if l.finder != nil {
		l.finder.drop()
	}
}

func (l *valueList) clear() {
	l.store.Reset()
	l.prev, l.next, l.head, l.tail = l.prev[:0], l.next[:0], l.head[:0], l.tail[:0]
	l.owner, l.number, l.came = l.owner[:0], l.number[:0], 0
	if l.finder != nil {
		l.finder.clear()
	}
}

func (l *valueList) memory() int {
	m := l.store.Memory() + 4*(cap(l.prev)+cap(l.next)+cap(l.head)+cap(l.tail)+cap(l.owner)+cap(l.made)) + 8*cap(l.number)
	if l.finder != nil {
		m += l.finder.memory()
	}
	return m
}
