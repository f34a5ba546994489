package agg

import "github.com/weirstream/weir/runtime/vec"

// absorb takes in the entries of from, whose group g becomes a part of groups[g], nil: of g.
func (s *distinctSet) absorb(a *Accumulators, from *distinctSet, groups []uint32) error {
	keys := from.table.Keys()
	ids := from.table.IDs(nil)
	for at := 0; at < len(ids); at += vec.DefaultBatchSize {
		part := ids[at:min(at+vec.DefaultBatchSize, len(ids))]
		if err := s.absorbPart(a, from, keys, part, groups); err != nil {
			return err
		}
	}
	return nil
}

// absorbPart handles the entries part, ascending, of from as if they were rows of a batch.
func (s *distinctSet) absorbPart(a *Accumulators, from *distinctSet, keys []*vec.Vector, part, groups []uint32) error {
	s.rows, s.wanted = append(s.rows[:0], vec.AsRows(part)...), s.wanted[:0]
	s.group.Resize(int(part[len(part)-1]) + 1)
	ids, theirs := vec.Values[int32](s.group), vec.Values[int32](keys[0])
	for _, e := range part {
		ids[e] = int32(groupAt(groups, 0, int(theirs[e])))
		if !s.retract {
			s.wanted = append(s.wanted, from.flags.get(e))
		}
	}
	s.cols = append(append(s.cols[:0], s.group), keys[1:]...)
	s.keys.Set(s.cols, len(s.rows), s.rows)
	s.insert()
	if s.retract {
		return s.absorbCounts(a, from, keys[1:], part)
	}
	s.begin()
	s.flag()
	return s.tell(a, keys[1:], false)
}

// absorbCounts adds the counts of part. What has become positive is new to a call, what no longer is
// has gone.
func (s *distinctSet) absorbCounts(a *Accumulators, from *distinctSet, args []*vec.Vector, part []uint32) error {
	s.kept.Mark(s.ids, s.table.Bound())
	groups := vec.Values[int32](s.group)
	for _, back := range []bool{false, true} {
		s.begin()
		for k, e := range s.ids {
			mine, theirs := s.counts[int(e)*len(s.calls):], from.counts[int(part[k])*len(s.calls):]
			for j := range s.calls {
				// A first pass finds what appears, the second what goes, and adds.
				before, after := mine[j], mine[j]+theirs[j]
				if back {
					mine[j] = after
				}
				if appears := before <= 0 && after > 0; !back && appears || back && before > 0 && after <= 0 {
					f := &s.fresh[j]
					f.groups, f.rows = append(f.groups, uint32(groups[part[k]])), append(f.rows, int32(part[k]))
				}
			}
		}
		if err := s.tell(a, args, back); err != nil {
			return err
		}
	}
	return nil
}
