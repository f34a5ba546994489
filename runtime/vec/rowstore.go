package vec

import "github.com/weirstream/weir/sql/types"

// RowStore keeps rows in columns under numbers that stay the same until the row is let go;
// numbers of rows that are gone are given out again, the last first. What nested values leave behind is collected when it is
// more than half of what is held; of strings, arenas of which half is gone, when they are a fourth of the strings' memory.
type RowStore struct {
	cols []*Vector // by number; nested ones by place
	// place says where a row lies in nested columns, which cannot be overwritten; nil without them.
	place  []int32
	held   []bool // by number
	free   []uint32
	live   int
	dead   [][]int // bytes of strings of rows that are gone, by column and arena
	sparse int     // bytes of arenas of which at least half are of rows that are gone
}

// NewRowStore makes an empty store for rows of these types.
func NewRowStore(ts []types.Type) *RowStore {
	s := &RowStore{dead: make([][]int, len(ts))}
	for _, t := range ts {
		v := New(t)
		v.slow = true
		v.Apart()
		s.cols = append(s.cols, v)
		if t.IsNested() && s.place == nil {
			s.place = []int32{}
		}
	}
	return s
}

// Len gives the number of rows.
func (s *RowStore) Len() int { return s.live }

// Bound gives the least number that is greater than that of every row.
func (s *RowStore) Bound() int { return len(s.held) }

// Add keeps a copy of a row of cols and gives its number.
func (s *RowStore) Add(cols []*Vector, row int) uint32 {
	s.live++
	id := uint32(len(s.held))
	if n := len(s.free); n > 0 {
		id = s.free[n-1]
		s.free = s.free[:n-1]
		s.held[id] = true
	} else {
		s.held = append(s.held, true)
	}
	for c, v := range s.cols {
		switch {
		case v.phys >= List:
			s.put(v, id, cols[c], row)
		case int(id) < v.n:
			v.CopyRow(int(id), cols[c], row)
		default:
			v.extend()
			v.CopyRow(int(id), cols[c], row)
		}
	}
	return id
}

// AddRows is Add for several rows, of which most get numbers that were not in use before. It appends the numbers
// to ids.
func (s *RowStore) AddRows(cols []*Vector, rows []int32, ids []uint32) []uint32 {
	again := len(rows)
	if s.place == nil {
		again = min(len(rows), len(s.free))
	}
	for _, row := range rows[:again] {
		ids = append(ids, s.Add(cols, int(row)))
	}
	rows = rows[again:]
	if len(rows) == 0 {
		return ids
	}
	for range rows {
		ids = append(ids, uint32(len(s.held)))
		s.held = append(s.held, true)
	}
	s.live += len(rows)
	for c, v := range s.cols {
		v.AppendRows(cols[c], rows)
	}
	return ids
}

// put appends a nested value.
func (s *RowStore) put(v *Vector, id uint32, src *Vector, row int) {
	for len(s.place) <= int(id) {
		s.place = append(s.place, 0)
	}
	s.place[id] = int32(v.n)
	v.AppendRow(src, row)
}

// Free lets rows go.
func (s *RowStore) Free(ids []uint32) {
	if len(ids) == 0 {
		return
	}
	for _, id := range ids {
		s.held[id] = false
	}
	for c, v := range s.cols {
		if v.phys == View {
			s.noteDead(c, ids)
		}
	}
	s.live -= len(ids)
	s.free = append(s.free, ids...)
	s.collect()
}

// noteDead counts the strings of rows that are gone. Under a NULL there is none.
func (s *RowStore) noteDead(c int, ids []uint32) {
	v := s.cols[c]
	if n := len(v.bufs); n > len(s.dead[c]) {
		s.dead[c] = append(s.dead[c], make([]int, n-len(s.dead[c]))...)
	}
	views, dead := Values[StringView](v), s.dead[c]
	for _, id := range ids {
		t := &views[id]
		if t.Inline() {
			continue
		}
		b := t.Buffer()
		before, half := dead[b], (len(v.bufs[b])+1)/2
		dead[b] += int(t.Len)
		if before < half && dead[b] >= half {
			s.sparse += len(v.bufs[b])
		}
	}
}

// collect lets go of what rows that are gone have left behind when that is much of the memory.
func (s *RowStore) collect() {
	if s.sparse > firstFull && 4*s.sparse > s.textMemory() {
		for c, v := range s.cols {
			if v.phys == View {
				v.vacate(s.dead[c], s.held)
			}
		}
		s.sparse = 0
	}
	if s.nestedRows() <= 2*s.live+1024 {
		return
	}
	for c, v := range s.cols {
		if v.phys >= List {
			fresh := New(v.typ)
			fresh.AppendRows(v, s.places())
			s.cols[c] = fresh
		}
	}
	next := int32(0)
	for id, held := range s.held {
		if held {
			s.place[id] = next
			next++
		}
	}
}

// textMemory gives the bytes of arenas of strings that are not nested.
func (s *RowStore) textMemory() (m int) {
	for _, v := range s.cols {
		if v.own > 0 {
			m += v.full + cap(v.bufs[v.own-1])
		}
	}
	return m
}

// nestedRows counts the entries of nested columns.
func (s *RowStore) nestedRows() int {
	for _, v := range s.cols {
		if v.phys >= List {
			return v.n
		}
	}
	return 0
}

// places lists where the rows that are held lie in nested columns.
func (s *RowStore) places() []int32 {
	out := []int32{}
	for id, held := range s.held {
		if held {
			out = append(out, s.place[id])
		}
	}
	return out
}

// Columns gives the columns by number, for reading flat ones until the store changes.
func (s *RowStore) Columns() []*Vector { return s.cols }

// At gives column c, and where in it row id lies.
func (s *RowStore) At(c int, id uint32) (*Vector, int) {
	if s.cols[c].phys >= List {
		return s.cols[c], int(s.place[id])
	}
	return s.cols[c], int(id)
}

// Equal reports whether columns of row id are the same as those of a row of others; columns and
// others go together.
func (s *RowStore) Equal(id uint32, columns []int, others []*Vector, row int) bool {
	for k, c := range columns {
		if v, i := s.At(c, id); !EqualKeys(v, i, others[k], row) {
			return false
		}
	}
	return true
}

// AppendColumn appends column c of the rows ids to out. places is scratch memory, given back.
func (s *RowStore) AppendColumn(out *Vector, c int, ids []uint32, places []int32) []int32 {
	v := s.cols[c]
	if v.phys < List {
		out.AppendRows(v, AsRows(ids))
		return places
	}
	places = places[:0]
	for _, id := range ids {
		places = append(places, s.place[id])
	}
	if len(ids) > 0 {
		out.AppendRows(v, places)
	}
	return places
}

// ShareColumn is AppendColumn without copying texts: what it appends is valid until the store is Reset, also where
// rows are let go before.
func (s *RowStore) ShareColumn(out *Vector, c int, ids []uint32, places []int32) []int32 {
	v := s.cols[c]
	if v.phys != View {
		return s.AppendColumn(out, c, ids, places)
	}
	out.ShareRows(v, AsRows(ids))
	return places
}

// Reset empties the store and keeps its memory.
func (s *RowStore) Reset() {
	for _, v := range s.cols {
		v.Reset()
	}
	if s.place != nil {
		s.place = s.place[:0]
	}
	for _, dead := range s.dead {
		clear(dead)
	}
	s.held, s.free, s.live, s.sparse = s.held[:0], s.free[:0], 0, 0
}

// Memory gives the bytes held.
func (s *RowStore) Memory() int {
	m := 4*cap(s.place) + cap(s.held) + 4*cap(s.free)
	for _, v := range s.cols {
		m += v.Memory()
	}
	return m
}
