package vec

import "slices"

// An arena grows by copying while it is small. From firstFull bytes on a full one is left to
// the views that point into it, and another is begun: state of gigabytes is never copied. It is twice as large, so that a vector that is
// filled again and again comes to have one arena, or in a slow vector an eighth of what there is. lastFull bounds that, and so keeps
// offsets inside 32 bits.
const (
	firstFull = 1 << 20
	lastFull  = 64 << 20
)

// store copies b to the vector's arena.
func (v *Vector) store(b []byte) (buf, off uint32) {
	if v.own == 0 {
		v.begin(v.kept[:0])
		v.kept = nil
	}
	if a := v.bufs[v.own-1]; len(a)+len(b) > cap(a) && cap(a) >= firstFull {
		v.full += cap(a)
		v.begin(make([]byte, 0, max(v.nextArena(), len(b))))
	}
	a := v.bufs[v.own-1]
	off = uint32(len(a))
	v.bufs[v.own-1] = append(a, b...)
	return uint32(v.own - 1), off
}

// storeViews copies the texts of views, which point into bufs, to the vector's arena, and has the views point there.
func (v *Vector) storeViews(views []StringView, bufs [][]byte) {
	var arena []byte // the vector's, while there is room in it
	for k := range views {
		s := &views[k]
		if s.Inline() {
			continue
		}
		off, end := s.Offset(), len(arena)+int(s.Len)
		b := bufs[s.Buffer()][off : off+s.Len]
		if end > cap(arena) {
			if arena != nil {
				v.bufs[v.own-1] = arena
			}
			buf, at := v.store(b)
			s.point(buf, at)
			arena = v.bufs[v.own-1]
			continue
		}
		s.point(uint32(v.own-1), uint32(len(arena)))
		arena = arena[:end]
		copy(arena[end-len(b):], b)
	}
	if arena != nil {
		v.bufs[v.own-1] = arena
	}
}

// nextArena says how large the arena behind a full one is.
func (v *Vector) nextArena() int {
	if v.slow {
		return min(max(v.full/8, firstFull), lastFull)
	}
	return min(2*cap(v.bufs[v.own-1]), lastFull)
}

// begin makes an arena the vector's.
func (v *Vector) begin(arena []byte) {
	if v.holes > 0 {
		i := slices.IndexFunc(v.bufs, func(b []byte) bool { return b == nil })
		v.bufs[i], v.own, v.holes = arena, i+1, v.holes-1
		return
	}
	v.bufs = append(v.bufs, arena)
	v.own = len(v.bufs)
}

// vacate lets arenas go of which at least half are texts of rows that are gone, and copies the others in them to where texts are stored: so what is
// needed for it is at most what is let go. dead says how many bytes of each arena are of rows that are gone, and is cleared for those that go; held
// says by row which are there. The vector's buffers are its own arenas.
func (v *Vector) vacate(dead []int, held []bool) {
	sparse := make([]bool, len(v.bufs))
	some, alive := false, false
	for i, a := range v.bufs {
		if a == nil || dead[i] == 0 || 2*dead[i] < len(a) {
			continue
		}
		sparse[i], some = true, true
		alive = alive || dead[i] < len(a)
		dead[i] = 0
		if i != v.own-1 {
			v.full -= cap(a)
		}
	}
	if !some {
		return
	}
	if sparse[v.own-1] {
		v.begin(make([]byte, 0, v.nextArena()))
	}
	if alive {
		v.moveTexts(sparse, held)
	}
	for i, s := range sparse {
		if s {
			v.bufs[i] = nil
			v.holes++
		}
	}
}

// moveTexts stores the texts of rows that are there anew that lie in some of the arenas.
func (v *Vector) moveTexts(from, held []bool) {
	views := Values[StringView](v)
	for i := range views {
		if s := &views[i]; held[i] && !s.Inline() && from[s.Buffer()] {
			b := ViewBytes(s, v.bufs)
			buf, off := v.store(b)
			*s = MakeView(b, buf, off)
		}
	}
}
