package op

import (
	"errors"

	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/state"
)

// keep has the sessions kept: (key, number) → start, end and further columns, which values appends and load takes.
// A session's number is given when it is opened and stays, while its bounds grow.
func (s *sessions) keep(sc *state.Scope, key, more vec.Schema, values func(ids []uint32, out []*vec.Vector) error, load func(ids []uint32, cols []*vec.Vector) error) (err error) {
	sc.Int("opened", &s.opened, state.Max)
	n := len(key)
	var owners, ids []uint32
	s.state, err = sc.Table(state.Table{
		Name: "sessions", Key: s.keptKey(key), Route: n,
		Value: append(vec.Schema{bigintColumn("start"), bigintColumn("end")}, more...),
		Keys: func(ids []uint32, out []*vec.Vector) {
			owners = s.groups(owners[:0], ids)
			s.table.AppendKeys(owners, out[:n])
			s.numbersOf(ids, out[n])
		},
		Values: func(ids []uint32, out []*vec.Vector) error {
			s.fill(out[0], plan.WindowStart, ids)
			s.fill(out[1], plan.WindowEnd, ids)
			return values(ids, out[2:])
		},
		Load: func(cols []*vec.Vector, m int) ([]uint32, error) {
			s.insert(cols[:n], m, nil)
			number, start, end := vec.Values[int64](cols[n]), vec.Values[int64](cols[n+1]), vec.Values[int64](cols[n+2])
			ids = ids[:0]
			for k, g := range s.ids {
				ids = append(ids, s.add(g, start[k], end[k], number[k]))
			}
			return ids, load(ids, cols[n+3:])
		},
	})
	return err
}

// keptKey are the columns that name a session for good.
func (s *sessions) keptKey(key vec.Schema) vec.Schema {
	return append(append(vec.Schema{}, key...), bigintColumn("number"))
}

// find gives the sessions that keys and numbers name.
func (s *sessions) find(cols []*vec.Vector, n int) []uint32 {
	k := len(cols) - 1
	s.keys.Set(cols[:k], n, nil)
	s.ids = s.table.Lookup(s.keys, s.ids)
	out := make([]uint32, 0, n)
	for i, number := range vec.Values[int64](cols[k]) {
		out = append(out, vec.NoGroup)
		if s.ids[i] == vec.NoGroup {
			continue
		}
		out[i] = s.numbered(s.ids[i], number)
	}
	return out
}

// numbered gives the session of a key that has a number; vec.NoGroup where there is none.
func (s *sessions) numbered(key uint32, number int64) uint32 {
	if l := s.last[key].id(); l != noSession && s.number[l] == number {
		return l
	}
	for at := range s.several.Len(key) {
		if _, id := s.several.At(key, at); s.number[id] == number {
			return id
		}
	}
	return vec.NoGroup
}

// numbersOf appends the numbers of sessions to out.
func (s *sessions) numbersOf(ids []uint32, out *vec.Vector) {
	for _, id := range ids {
		vec.Append(out, s.number[id])
	}
}

func (a *sessionAggregate) Open(ctx *Context) error {
	if err := a.sessionClock.Open(ctx); err != nil {
		return err
	}
	key, kept, n := a.node.Schema[:len(a.node.Keys)], a.accs.KeptSchema(), 0
	if a.node.InputRetract {
		kept, n = append(vec.Schema{bigintColumn("rows")}, kept...), 1
	}
	err := a.sessions.keep(ctx.State, key, kept, func(ids []uint32, out []*vec.Vector) error {
		if n > 0 {
			appendInts(out[0], a.count, ids)
		}
		return a.accs.AppendKept(ids, out[n:])
	}, func(ids []uint32, cols []*vec.Vector) error {
		a.accs.Grow(a.bound())
		for k, id := range ids {
			if n > 0 {
				a.counts(id, vec.Values[int64](cols[0])[k])
			}
		}
		return a.accs.LoadKept(ids, cols[n:])
	})
	if err != nil {
		return err
	}
	a.wake()
	return a.accs.Keep(ctx.State, agg.Owner{
		Key: a.keptKey(key), Route: len(key), Find: a.find,
		Keys: func(ids []uint32, out []*vec.Vector) {
			a.owners = a.sessions.groups(a.owners[:0], ids)
			a.table.AppendKeys(a.owners, out[:len(key)])
			a.numbersOf(ids, out[len(key)])
		},
	})
}

func (t *sessionTableFunction) Open(ctx *Context) error {
	if err := t.sessionClock.Open(ctx); err != nil {
		return err
	}
	key := pick(t.in, t.node.Keys)
	nothing := func([]uint32, []*vec.Vector) error { return nil }
	if err := t.sessions.keep(ctx.State, key, nil, nothing, nothing); err != nil {
		return err
	}
	t.wake()
	return t.numbers.keep(ctx.State, numberedTable{
		name: "rows", key: key, groups: t.table, keys: t.sessions.keys,
		value: t.keptRow(), values: t.appendRows, load: t.load,
	})
}

func (t *sessionTableFunction) keptRow() vec.Schema {
	s := append(vec.Schema{bigintColumn("time")}, named("row ", t.in)...)
	if t.retract {
		s = append(s, bigintColumn("kind"))
	}
	return s
}

// errNoSession is damage.
var errNoSession = errors.New("a row lies in no session")

// appendRows appends the window time of rows, by which their sessions are found again, and their columns.
func (t *sessionTableFunction) appendRows(rows []uint32, out []*vec.Vector) error {
	appendInts(out[0], t.time, rows)
	if t.retract {
		for _, row := range rows {
			vec.Append(out[len(out)-1], int64(t.kinds[row]))
		}
	}
	for c, v := range out[1 : 1+len(t.in)] {
		t.places = t.store.AppendColumn(v, c, rows, t.places)
	}
	return nil
}

func (t *sessionTableFunction) load(dst, owners []uint32, cols []*vec.Vector) ([]uint32, error) {
	for k, ts := range vec.Values[int64](cols[0]) {
		session := t.at(owners[k], ts)
		if session == noSession {
			return nil, errNoSession
		}
		row := t.store.Add(cols[1:1+len(t.in)], k)
		t.add(session, row, ts)
		if t.retract {
			t.kind(row, vec.ChangeKind(vec.Values[int64](cols[len(cols)-1])[k]))
		}
		dst = append(dst, row)
	}
	return dst, nil
}
