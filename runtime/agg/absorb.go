package agg

// absorber is an Accumulator that takes in groups of another of its kind column by column, without the vectors of State in between. Windows
// that are put together from slices do little else.
type absorber interface {
	// absorb takes in groups first, first+1, … of from, which groups says the groups of. It reports false, and does nothing, where only
	// Merge can do it.
	absorb(from Accumulator, groups []uint32, first int) bool
}

func (c *count) absorb(from Accumulator, groups []uint32, first int) bool {
	addAll(c.n, groups, from.(*count).n[first:])
	return true
}

func (s *sum[T]) absorb(from Accumulator, groups []uint32, first int) bool {
	f := from.(*sum[T])
	addAll(s.sums, groups, f.sums[first:])
	if s.retract {
		addAll(s.counts, groups, f.counts[first:])
		return true
	}
	seen := f.seen[first:][:len(groups)]
	for k, g := range groups {
		s.seen[g] = s.seen[g] || seen[k]
	}
	return true
}

func (a *avg[T, S]) absorb(from Accumulator, groups []uint32, first int) bool {
	f := from.(*avg[T, S])
	addAll(a.sums, groups, f.sums[first:])
	addAll(a.counts, groups, f.counts[first:])
	return true
}

// absorb compares bests as they are: groups without a value hold the worst one. Not where some group has truly seen that, nor floats, whose
// worst value may be NaN.
func (e *extreme[T]) absorb(from Accumulator, groups []uint32, first int) bool {
	f := from.(*extreme[T])
	if e.seen != nil || f.seen != nil || e.worst != e.worst {
		return false
	}
	best := f.best[first:][:len(groups)]
	if e.largest {
		for k, g := range groups {
			e.best[g] = max(e.best[g], best[k])
		}
		return true
	}
	for k, g := range groups {
		e.best[g] = min(e.best[g], best[k])
	}
	return true
}

// addAll adds the k-th value to the sum of the k-th group.
func addAll[T number](sums []T, groups []uint32, vals []T) {
	vals = vals[:len(groups)]
	for k, g := range groups {
		sums[g] += vals[k]
	}
}
