package op

import (
	"errors"

	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/state"
)

// keepSessions has the sessions kept: (key, number) → start, end, the number of rows if the input retracts, the calls' state.
// A session's number is given when it is opened and stays, while its bounds grow.
func (a *sessionAggregate) keepSessions(key vec.Schema) (err error) {
	a.Ctx.State.Int("opened", &a.opened, state.Max)
	value := vec.Schema{bigintColumn("start"), bigintColumn(sessionEnd)}
	if a.node.InputRetract {
		value = append(value, bigintColumn("rows"))
	}
	t := state.Table{
		Name: "sessions", Key: keptKey(key), Value: append(value, a.accs.KeptSchema()...), Route: len(key),
		Keys: a.appendNames, Values: a.appendSessions, Load: a.load,
	}
	if len(key) > 0 && !a.accs.HasSides() { // calls with tables of their own keep their sessions in memory
		t.Find, t.Evict = a.find, a.evict
		t.Owners = &state.Owners{IDs: a.table.IDs, Keys: a.table.AppendKeys, Entries: a.of, Due: sessionEnd, Soon: a.endsSoon}
	}
	a.owned = a.sessions.count
	a.tracked, err = a.Ctx.State.Table(t)
	a.keyed.state = a.tracked
	return err
}

// keptKey are the columns that name a session for good.
func keptKey(key vec.Schema) vec.Schema {
	return append(append(vec.Schema{}, key...), bigintColumn("number"))
}

// appendNames appends what names sessions for good.
func (a *sessionAggregate) appendNames(ids []uint32, out []*vec.Vector) {
	n := len(a.by)
	a.owners = a.groups(a.owners[:0], ids)
	a.table.AppendKeys(a.owners, out[:n])
	a.numbersOf(ids, out[n])
}

func (a *sessionAggregate) appendSessions(ids []uint32, out []*vec.Vector) error {
	a.fill(out[0], plan.WindowStart, ids)
	a.fill(out[1], plan.WindowEnd, ids)
	out = out[2:]
	if a.node.InputRetract {
		appendInts(out[0], a.count, ids)
		out = out[1:]
	}
	return a.accs.AppendKept(ids, out)
}

func (a *sessionAggregate) load(cols []*vec.Vector, n int) ([]uint32, error) {
	nk := len(a.by)
	a.insert(cols[:nk], n, nil)
	number, start, end := vec.Values[int64](cols[nk]), vec.Values[int64](cols[nk+1]), vec.Values[int64](cols[nk+2])
	cols = cols[nk+3:]
	a.loaded = a.loaded[:0]
	for k, key := range a.ids {
		a.loaded = append(a.loaded, a.put(key, start[k], end[k], number[k]))
	}
	a.accs.Grow(a.bound())
	if a.node.InputRetract {
		for k, rows := range vec.Values[int64](cols[0]) {
			a.counts(a.loaded[k], rows)
		}
		cols = cols[1:]
	}
	return a.loaded, a.accs.LoadKept(a.loaded, cols)
}

// named gives the sessions that keys and numbers name.
func (a *sessionAggregate) named(cols []*vec.Vector, n int) []uint32 {
	k := len(cols) - 1
	keys := a.find(cols[:k], n)
	out := make([]uint32, 0, n)
	for i, number := range vec.Values[int64](cols[k]) {
		out = append(out, vec.NoGroup)
		if keys[i] == vec.NoGroup {
			continue
		}
		out[i] = a.numbered(keys[i], number)
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
	key := a.node.Schema[:len(a.by)]
	if err := a.keepSessions(key); err != nil {
		return err
	}
	a.wake()
	return a.accs.Keep(ctx.State, agg.Owner{Key: keptKey(key), Route: len(key), Find: a.named, Keys: a.appendNames})
}

// leave lets the sessions of keys go, which have been moved to disk.
func (a *sessionAggregate) leave(keys []uint32) {
	a.loaded = a.loaded[:0]
	for _, key := range keys {
		a.loaded = a.of(a.loaded, key)
	}
	a.accs.Reset(a.loaded)
	if a.node.InputRetract {
		for _, id := range a.loaded {
			a.count[id] = 0
		}
	}
	a.forget(keys, a.loaded)
}

func (a *sessionAggregate) size() int { return a.memory() + a.accs.Memory() + 8*cap(a.count) }

// Open has the rows kept: (key, number) → window time, the end of its session when it was written, the row, its change kind. The sessions follow from them.
func (t *sessionTableFunction) Open(ctx *Context) error {
	if err := t.sessionClock.Open(ctx); err != nil {
		return err
	}
	err := t.keepRows(&t.numbers, t.store, numberedTable{
		name: "rows", key: pick(t.input, t.by), value: t.keptRow(), values: t.appendRows, load: t.load, due: sessionEnd, soon: t.endsSoon,
	}, t.rowsOfKey)
	if err != nil {
		return err
	}
	t.wake()
	return nil
}

func (t *sessionTableFunction) keptRow() vec.Schema {
	s := append(vec.Schema{bigintColumn("time"), bigintColumn(sessionEnd)}, named("row ", t.input)...)
	if t.retract {
		s = append(s, bigintColumn("kind"))
	}
	return s
}

// rowsOfKey appends the rows of a key's sessions.
func (t *sessionTableFunction) rowsOfKey(dst []uint32, key uint32) []uint32 {
	t.some = t.of(t.some[:0], key)
	for _, id := range t.some {
		for row := t.first[id]; row != noRow; row = t.next[row] {
			dst = append(dst, row)
		}
	}
	return dst
}

// leave lets the sessions of keys go, which have been moved to disk, and their rows.
func (t *sessionTableFunction) leave(keys []uint32) {
	t.rows, t.ofRows = t.rows[:0], t.ofRows[:0]
	for _, key := range keys {
		t.rows = t.rowsOfKey(t.rows, key)
		t.ofRows = append(t.ofRows, t.some...)
	}
	for _, id := range t.ofRows {
		t.first[id] = noRow
	}
	t.store.Free(t.rows)
	t.forget(keys, t.ofRows)
	t.rows, t.ofRows = t.rows[:0], t.ofRows[:0]
}

func (t *sessionTableFunction) size() int {
	rows := t.store.Memory() + t.numbers.memory() + 4*cap(t.next) + 8*cap(t.time) + cap(t.kinds)
	return t.memory() + rows + 4*(cap(t.first)+cap(t.tail))
}

// errNoSession is damage.
var errNoSession = errors.New("a row lies in no session")

// appendRows appends the window time of rows, by which their sessions are found again, these sessions' ends and the rows' columns.
func (t *sessionTableFunction) appendRows(rows []uint32, out []*vec.Vector) error {
	appendInts(out[0], t.time, rows)
	for _, row := range rows {
		vec.Append(out[1], t.sessions.all[t.at(t.numbers.owner[row], t.time[row])].end)
	}
	if t.retract {
		for _, row := range rows {
			vec.Append(out[len(out)-1], int64(t.kinds[row]))
		}
	}
	for c, v := range out[2 : 2+len(t.input)] {
		t.places = t.store.AppendColumn(v, c, rows, t.places)
	}
	return nil
}

func (t *sessionTableFunction) load(dst, owners []uint32, cols []*vec.Vector) ([]uint32, error) {
	t.grow(t.table.Bound())
	for k, ts := range vec.Values[int64](cols[0]) {
		kind := vec.Insert
		if t.retract {
			kind = vec.ChangeKind(vec.Values[int64](cols[len(cols)-1])[k])
		}
		session, err := t.sessionOf(owners[k], ts, kind, MinWatermark)
		if err != nil {
			return nil, err
		}
		if session == noSession {
			return nil, errNoSession
		}
		row := t.store.Add(cols[2:2+len(t.input)], k)
		t.hold(session, row, ts)
		if t.retract {
			t.kind(row, kind)
		}
		dst = append(dst, row)
	}
	return dst, nil
}
