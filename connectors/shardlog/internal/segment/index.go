package segment

import "sort"

// indexStep is how many bytes of a segment one index entry covers: 256 entries
// for a full segment, 64 µs of header hops for a seek.
const indexStep = 256 << 10

// mark says where in a file the frame that starts at an offset lies.
type mark struct {
	offset  uint64
	arrived int64
	pos     int64
}

// index is a sparse list of a segment's frames in order.
type index struct {
	marks []mark
}

// add records a frame when the last mark is a step away.
func (x *index) add(pos int64, h frameHeader) {
	if n := len(x.marks); n > 0 && pos-x.marks[n-1].pos < indexStep {
		return
	}
	x.marks = append(x.marks, mark{offset: h.first, arrived: h.arrived, pos: pos})
}

// byOffset returns the last mark at or before offset; ok is false when there is none.
func (x *index) byOffset(offset uint64) (mark, bool) {
	i := sort.Search(len(x.marks), func(i int) bool { return x.marks[i].offset > offset })
	if i == 0 {
		return mark{}, false
	}
	return x.marks[i-1], true
}

// byTime returns the last mark that arrived before t, so that the first frame
// at or after t lies behind it.
func (x *index) byTime(t int64) (mark, bool) {
	i := sort.Search(len(x.marks), func(i int) bool { return x.marks[i].arrived >= t })
	if i == 0 {
		return mark{}, false
	}
	return x.marks[i-1], true
}
