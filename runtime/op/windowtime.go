package op

import (
	"math"
	"time"

	"github.com/weirstream/weir/runtime/plan"
)

// slicer does the arithmetic of windows. Time is cut into slices, of which every window consists
// of one or more; a row belongs to exactly one slice:
//
//	TUMBLE     a slice is a window
//	HOP        slices as long as the slide; size/slide of them make a window
//	CUMULATE   slices as long as the step; a window is the slices from its start on
//
// All ends are milliseconds of window time: UTC for TIMESTAMP, the wall clock of the session's
// zone for TIMESTAMP_LTZ, so that windows follow daylight saving. The hour that it repeats is
// one window, with both hours in it.
type slicer struct {
	kind         plan.WindowKind
	size, step   int64
	offset       int64
	zone         *zoneShift // nil: window time is UTC
	start, until int64      // the instants [start, until) lie in the slice that was asked for last,
	end          int64      // whose end this is
	fires        [8]firing  // what fireAt was asked lately, in a zone
}

// firing says at which instant a window with a given end is complete.
type firing struct{ end, at int64 }

func newSlicer(w plan.Window, zone *time.Location) *slicer {
	s := &slicer{kind: w.Kind, size: w.Size, step: w.Size, offset: w.Offset}
	if w.Kind != plan.Tumble {
		s.step = w.Slide
	}
	if w.Local && zone != nil && zone != time.UTC {
		s.zone = &zoneShift{loc: zone}
	}
	return s
}

// sliceEnd gives the end of the slice of instant ts.
func (s *slicer) sliceEnd(ts int64) int64 {
	if ts >= s.start && ts < s.until {
		return s.end
	}
	local := ts
	from, to := int64(math.MinInt64), int64(math.MaxInt64)
	if s.zone != nil {
		off := s.zone.offset(ts)
		local += off
		from, to = s.zone.from, s.zone.to
	}
	s.end = floorTo(local-s.offset, s.step) + s.offset + s.step
	back := ts - local // from window time to instants
	s.start, s.until = max(from, s.end-s.step+back), min(to, s.end+back)
	return s.end
}

// floorTo gives the largest multiple of step that is not above x.
func floorTo(x, step int64) int64 {
	r := x % step
	if r < 0 {
		r += step
	}
	return x - r
}

// covers reports whether the slice that was asked for last holds the instants lo and hi
// and all between them.
func (s *slicer) covers(lo, hi int64) bool { return lo >= s.start && hi < s.until }

// lastWindow gives the end of the last window that the slice with this end belongs to.
func (s *slicer) lastWindow(end int64) int64 {
	switch s.kind {
	case plan.Hop:
		return end - s.step + s.size
	case plan.Cumulate:
		return s.windowStart(end) + s.size
	}
	return end
}

// windowStart gives the start of the window that ends at end; for CUMULATE also of those that
// hold the slice that ends there.
func (s *slicer) windowStart(end int64) int64 {
	if s.kind == plan.Cumulate {
		return floorTo(end-s.step-s.offset, s.size) + s.offset
	}
	return end - s.size
}

// fireAt gives the watermark at which the window with this end is complete: its last
// millisecond.
func (s *slicer) fireAt(end int64) int64 {
	if s.zone == nil {
		return end - 1
	}
	f := &s.fires[uint64(end/s.step)%uint64(len(s.fires))]
	if f.end != end || f.at == 0 {
		ask := zoneShift{loc: s.zone.loc} // the offset kept in s.zone is that of the rows
		*f = firing{end, ask.instant(end - 1)}
	}
	return f.at
}

// local gives an instant on the clock of window time.
func (s *slicer) local(ts int64) int64 {
	if s.zone != nil {
		return ts + s.zone.offset(ts)
	}
	return ts
}

// endBy gives about the last end of windows that a watermark completes: exactly where the clock of window time has no shift. The first and the last watermark stay what they are.
func (s *slicer) endBy(wm int64) int64 {
	switch {
	case wm > math.MaxInt64/2:
		return math.MaxInt64
	case wm < math.MinInt64/2:
		return math.MinInt64
	}
	return s.local(wm) + 1
}

// late reports whether every window of the slice has fired at watermark wm.
func (s *slicer) late(end, wm int64) bool {
	return s.fireAt(s.lastWindow(end)) <= wm
}

// nextWindow gives the end of the first window of the slice that has not fired at wm. There must be
// one.
func (s *slicer) nextWindow(end, wm int64) int64 {
	for s.fireAt(end) <= wm {
		end += s.step
	}
	return end
}

// zoneShift converts between instants and the wall clock of a zone, with the last offset kept.
type zoneShift struct {
	loc      *time.Location
	from, to int64 // off holds for instants [from, to)
	off      int64
}

// offset gives the zone's offset from UTC at an instant; from and to then say how
// long it holds.
func (z *zoneShift) offset(ts int64) int64 {
	if ts >= z.from && ts < z.to {
		return z.off
	}
	t := time.UnixMilli(ts).In(z.loc)
	_, sec := t.Zone()
	z.off, z.from, z.to = int64(sec)*1000, math.MinInt64, math.MaxInt64
	start, end := t.ZoneBounds()
	if !start.IsZero() {
		z.from = start.UnixMilli()
	}
	if !end.IsZero() {
		z.to = end.UnixMilli()
	}
	return z.off
}

const dayMillis = 24 * 3600 * 1000

// instant gives the instant at which the wall clock shows local: the later one where
// it does so twice, the end of the gap where it never does.
func (z *zoneShift) instant(local int64) int64 {
	if local > math.MaxInt64-2*dayMillis || local < math.MinInt64+2*dayMillis {
		return local
	}
	before := local - z.offset(local-dayMillis)
	after := local - z.offset(local+dayMillis)
	inBefore, inAfter := z.offset(before) == local-before, z.offset(after) == local-after
	switch {
	case inBefore && inAfter:
		return max(before, after)
	case inBefore:
		return before
	case inAfter:
		return after
	}
	z.offset(before)
	return z.from
}
