package agg

// absorber is an Accumulator that takes in groups of another of its kind column by column, without the vectors of State in between. Windows
// that are put together from slices do little else.
type absorber interface {
	// absorb takes in groups first to first+n-1 of from, which groups says the groups of, nil: the same. It reports false, and does
	// nothing, where only Merge can do it. Of groups that have no rows it takes in nothing.
	absorb(from Accumulator, groups []uint32, first, n int) bool
}

func (c *count) absorb(from Accumulator, groups []uint32, first, n int) bool {
	addAll(c.n, groups, from.(*count).n, first, n)
	return true
}

func (s *sum[T]) absorb(from Accumulator, groups []uint32, first, n int) bool {
	f := from.(*sum[T])
	addAll(s.sums, groups, f.sums, first, n)
	if s.retract {
		addAll(s.counts, groups, f.counts, first, n)
		return true
	}
	for k, seen := range f.seen[first:][:n] {
		g := groupAt(groups, first, k)
		s.seen[g] = s.seen[g] || seen
	}
	return true
}

func (a *avg[T, S]) absorb(from Accumulator, groups []uint32, first, n int) bool {
	f := from.(*avg[T, S])
	addAll(a.sums, groups, f.sums, first, n)
	addAll(a.counts, groups, f.counts, first, n)
	return true
}

// absorb compares bests as they are: groups without a value hold the worst one. Not where some group has truly seen that, nor floats, whose
// worst value may be NaN.
func (e *extreme[T]) absorb(from Accumulator, groups []uint32, first, n int) bool {
	f := from.(*extreme[T])
	if e.seen != nil || f.seen != nil || e.worst != e.worst {
		return false
	}
	if e.largest {
		maxAll(e.best, groups, f.best, first, n)
	} else {
		minAll(e.best, groups, f.best, first, n)
	}
	return true
}

// groupAt gives the k-th of the groups, or of those that begin with first.
func groupAt(groups []uint32, first, k int) int {
	if groups == nil {
		return first + k
	}
	return int(groups[k])
}

// addAll adds vals[first+k] to the sum of the k-th group, for n values.
func addAll[T number](sums []T, groups []uint32, vals []T, first, n int) {
	vals = vals[first:][:n]
	if groups == nil {
		sums = sums[first:][:n]
		for k, x := range vals {
			sums[k] += x
		}
		return
	}
	for k, g := range groups[:n] {
		sums[g] += vals[k]
	}
}

// maxAll makes vals[first+k] the best of the k-th group if it is larger, for n values.
func maxAll[T number](best []T, groups []uint32, vals []T, first, n int) {
	vals = vals[first:][:n]
	if groups == nil {
		best = best[first:][:n]
		for k, x := range vals {
			best[k] = max(best[k], x)
		}
		return
	}
	for k, g := range groups[:n] {
		best[g] = max(best[g], vals[k])
	}
}

// minAll is maxAll the other way.
func minAll[T number](best []T, groups []uint32, vals []T, first, n int) {
	vals = vals[first:][:n]
	if groups == nil {
		best = best[first:][:n]
		for k, x := range vals {
			best[k] = min(best[k], x)
		}
		return
	}
	for k, g := range groups[:n] {
		best[g] = min(best[g], vals[k])
	}
}
