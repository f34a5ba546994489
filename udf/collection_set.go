package udf

import (
	"slices"

	"github.com/weirstream/weir/runtime/vec"
)

// pickElements makes a kernel of a function that gives, in order, the elements of the
// first argument that the result has.
func pickElements(f func(r row, from, to int, dst []int) []int) binder {
	return func(Call) (Kernel, error) {
		var picked []int
		return lists(func(r row, out *vec.Vector) (bool, error) {
			from, to := r.list(0)
			picked = f(r, from, to, picked[:0])
			for _, j := range picked {
				out.Child(0).AppendRow(r.args[0].Child(0), j)
			}
			return true, nil
		})
	}
}

func distinct(r row, from, to int, dst []int) []int {
	v := r.args[0].Child(0)
	for j := from; j < to; j++ {
		if findRow(v, from, j, v, j) < 0 {
			dst = append(dst, j)
		}
	}
	return dst
}

func reversed(_ row, from, to int, dst []int) []int {
	for j := to - 1; j >= from; j-- {
		dst = append(dst, j)
	}
	return dst
}

func sorted(r row, from, to int, dst []int) []int {
	ascending := !r.has(1) || r.bool(1)
	nullsFirst := ascending
	if r.has(2) {
		nullsFirst = r.bool(2)
	}
	for j := from; j < to; j++ {
		dst = append(dst, j)
	}
	v := r.args[0].Child(0)
	slices.SortStableFunc(dst, func(a, b int) int {
		switch x, y := v.IsNull(a), v.IsNull(b); {
		case x && y:
			return 0
		case x || y:
			if x == nullsFirst {
				return -1
			}
			return 1
		}
		if ascending {
			return compareRows(v, a, v, b)
		}
		return compareRows(v, b, v, a)
	})
	return dst
}

// sliced takes 0 as 1, counts negative positions from the end, and gives nothing where
// the slice is empty.
func sliced(r row, from, to int, dst []int) []int {
	n := int64(to - from)
	place := func(p int64) int64 {
		if p < 0 {
			return p + n + 1
		}
		return p
	}
	start, end := max(1, place(r.int(1))), n
	if r.has(2) {
		end = min(n, place(r.int(2)))
	}
	for p := start; p <= end; p++ {
		dst = append(dst, from+int(p)-1)
	}
	return dst
}

// bindSets makes a kernel of a function that appends the elements of several arrays.
func bindSets(f func(r row, to *vec.Vector, first int)) binder {
	return func(Call) (Kernel, error) {
		return lists(func(r row, out *vec.Vector) (bool, error) {
			f(r, out.Child(0), out.Child(0).Len())
			return true, nil
		})
	}
}

func concatenated(r row, to *vec.Vector, _ int) {
	for k := range r.n() {
		from, end := r.list(k)
		for j := from; j < end; j++ {
			to.AppendRow(r.args[k].Child(0), j)
		}
	}
}

func union(r row, to *vec.Vector, first int) {
	for k := range r.n() {
		from, end := r.list(k)
		for j := from; j < end; j++ {
			appendNew(to, first, r.args[k].Child(0), j)
		}
	}
}

// appendNew appends an element that is not there yet.
func appendNew(to *vec.Vector, first int, v *vec.Vector, j int) {
	if findRow(to, first, to.Len(), v, j) < 0 {
		to.AppendRow(v, j)
	}
}

func except(r row, to *vec.Vector, first int)       { filterBySecond(r, to, first, false) }
func intersection(r row, to *vec.Vector, first int) { filterBySecond(r, to, first, true) }

func filterBySecond(r row, to *vec.Vector, first int, want bool) {
	v, other := r.args[0].Child(0), r.args[1].Child(0)
	from, end := r.list(0)
	otherFrom, otherEnd := r.list(1)
	for j := from; j < end; j++ {
		if (findRow(other, otherFrom, otherEnd, v, j) >= 0) == want {
			appendNew(to, first, v, j)
		}
	}
}
