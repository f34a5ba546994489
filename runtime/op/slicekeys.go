package op

import "github.com/weirstream/weir/runtime/vec"

// sliceKeys gives ids to the keys of a slice. The slices of HOP windows share one as long as most of its keys come in one slice after the other:
// then a key is looked up among those of all slices, once, nothing is added for it in a new slice, and a window is put together by adding up
// columns place by place.
//
// What that costs are places of keys that a slice does not have: a slice that is opened shares the keys of those before it only where
// most of them have lately come together in one (see sharesKeys), and otherwise begins anew, as it does for keys that are not needed any more.
type sliceKeys struct {
	table *vec.GroupTable
	users int      // slices
	union []uint32 // by id: its number in windowUnion, for those that have one
}

// newKeys gives keys for one slice that is opened.
func (s *slices) newKeys() *sliceKeys {
	if n := len(s.spareKeys); n > 0 {
		k := s.spareKeys[n-1]
		s.spareKeys = s.spareKeys[:n-1]
		k.users = 1
		return k
	}
	return &sliceKeys{table: vec.NewGroupTable(s.keys), users: 1}
}

// openKeys gives the keys of a slice that is opened for new rows.
func (s *slices) openKeys(x *slice) {
	if !s.share {
		x.sliceKeys = s.newKeys()
		return
	}
	if k := s.shared; k != nil && s.sharesKeys(k) {
		k.users++
		x.sliceKeys = k
	} else {
		x.sliceKeys = s.newKeys()
		s.shared = x.sliceKeys
	}
	x.sharing, x.present = true, x.present[:0]
}

// fewKeys are shared in any case.
const fewKeys = 1 << 10

// sharesKeys reports whether two thirds of the keys are in one open slice.
func (s *slices) sharesKeys(k *sliceKeys) bool {
	n := k.table.Len()
	if n <= fewKeys {
		return true
	}
	for _, x := range s.open {
		if x.sliceKeys == k && 3*x.groups() >= 2*n {
			return true
		}
	}
	return false
}

// leave takes a slice from its keys, which the last one that leaves empties.
func (s *slices) leave(x *slice, reuse bool) {
	k := x.sliceKeys
	x.sliceKeys, x.sharing = nil, false
	if k.users--; k.users > 0 {
		return
	}
	if s.shared == k {
		s.shared = nil
	}
	s.union.forget(k)
	if reuse && len(s.spareKeys) < maxSpare {
		k.table.Reset()
		s.spareKeys = append(s.spareKeys, k)
	}
}

// mark notes that groups have rows.
func (x *slice) mark(ids []uint32) {
	if !x.sharing {
		return
	}
	for n := vec.WordsFor(x.table.Bound()); len(x.present) < n; {
		x.present = append(x.present, 0)
	}
	present := x.present
	for _, id := range ids {
		present[id>>6] |= 1 << (id & 63)
	}
}

// groups counts the groups.
func (x *slice) groups() int {
	if !x.sharing {
		return x.table.Len()
	}
	return vec.CountBits(x.present, 64*len(x.present))
}

// ids appends the ids of the groups to dst, ascending.
func (x *slice) ids(dst []uint32) []uint32 {
	if !x.sharing {
		return x.table.IDs(dst)
	}
	return vec.AppendSet(dst, x.present, 64*len(x.present))
}
