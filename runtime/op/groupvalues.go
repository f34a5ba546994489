package op

import "github.com/weirstream/weir/runtime/vec"

// groupValues has the values of DISTINCT of a group aggregate move to disk and back by themselves: a few groups may have more of them than the memory holds. A row waits for its
// group, as with others, and for those of its values that may lie on disk; with it do the rows of its group that come later, so that the order of these stays. What a row's values are
// depends on the calls' FILTERs.
type groupValues struct {
	g    *groupAggregate
	held []uint64 // by group: rows wait

	rows []int32
	ids  []uint32
	away []uint64 // by row
	wait []int32
}

// behind: see scattered.
func (v *groupValues) behind(b *vec.Batch, rows, wait []int32) ([]int32, error) {
	g := v.g
	v.rows, v.ids = v.rows[:0], v.ids[:0]
	for len(v.held) < vec.WordsFor(g.table.Bound()) {
		v.held = append(v.held, 0)
	}
	for len(v.away) < vec.WordsFor(b.Len()) {
		v.away = append(v.away, 0)
	}
	for k, id := range g.ids {
		switch {
		case id == vec.NoGroup:
		case vec.Bit(v.held, int(id)):
			vec.SetBit(v.away, int(rows[k]))
		default:
			v.rows, v.ids = append(v.rows, rows[k]), append(v.ids, id)
		}
	}
	if len(v.rows) > 0 {
		if err := g.accs.Away(v.ids, b.Cols, g.keyCols, v.rows, v.away); err != nil {
			return nil, err
		}
	}
	for k, id := range v.ids {
		i := int(v.rows[k])
		switch {
		case vec.Bit(v.held, int(id)):
			vec.SetBit(v.away, i)
		case vec.Bit(v.away, i) || g.expiry.past(id) && g.accs.OnDisk(id): // what has expired is removed from disk for many groups at a time
			vec.SetBit(v.away, i)
			vec.SetBit(v.held, int(id))
		}
	}
	for _, i := range wait {
		vec.SetBit(v.away, int(i))
	}
	v.wait = v.wait[:0]
	for _, i := range rows {
		if vec.Bit(v.away, int(i)) {
			v.wait = append(v.wait, i)
		}
	}
	clear(v.away)
	return v.wait, nil
}

// fetch: see scattered.
func (v *groupValues) fetch(b *vec.Batch, ids []uint32) error {
	g := v.g
	if g.expiry.on() {
		v.ids = v.ids[:0]
		for _, id := range ids {
			if g.expiry.past(id) && g.accs.OnDisk(id) {
				v.ids = append(v.ids, id)
			}
		}
		if err := g.accs.ForgetOnDisk(v.ids); err != nil {
			return err
		}
	}
	return g.accs.Fetch(ids, b.Cols, g.rowsOf(b))
}

func (v *groupValues) waits(id uint32) bool {
	return int(id) < len(v.held)<<6 && vec.Bit(v.held, int(id))
}

func (v *groupValues) released() { clear(v.held) }

func (v *groupValues) values() int { return v.g.accs.Values() }

func (v *groupValues) forget(ids []uint32) error { return v.g.accs.ForgetOnDisk(ids) }
