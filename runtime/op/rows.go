package op

import (
	"math"

	"github.com/weirstream/weir/runtime/vec"
)

// rowtimes gives the time attribute of a batch; a NULL among its rows is an error.
func rowtimes(b *vec.Batch, col int, in vec.Schema) ([]int64, error) {
	v := b.Cols[col]
	if v.Valid() != nil && v.NullCount() > 0 {
		for k := range b.Rows() {
			if v.IsNull(at(b.Sel, k)) {
				return nil, nullRowtime(in[col].Name)
			}
		}
	}
	return vec.Values[int64](v), nil
}

// bounds gives the smallest and the largest time of the rows that count.
func bounds(times []int64, sel []int32) (lo, hi int64) {
	lo, hi = math.MaxInt64, math.MinInt64
	if sel == nil {
		lo2, hi2 := lo, hi // two of each, or every step would wait for the one before
		for ; len(times) >= 2; times = times[2:] {
			lo, hi = min(lo, times[0]), max(hi, times[0])
			lo2, hi2 = min(lo2, times[1]), max(hi2, times[1])
		}
		for _, t := range times {
			lo, hi = min(lo, t), max(hi, t)
		}
		return min(lo, lo2), max(hi, hi2)
	}
	for _, i := range sel {
		lo, hi = min(lo, times[i]), max(hi, times[i])
	}
	return lo, hi
}

// at gives the row of entry k of a selection.
func at(sel []int32, k int) int {
	if sel == nil {
		return k
	}
	return int(sel[k])
}

// columns names some columns of a batch, in dst's memory.
func columns(dst []*vec.Vector, b *vec.Batch, cols []int) []*vec.Vector {
	dst = dst[:0]
	for _, c := range cols {
		dst = append(dst, b.Cols[c])
	}
	return dst
}
