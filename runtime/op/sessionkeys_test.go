package op

import (
	"math"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/weirstream/weir/runtime/clock"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/state"
)

// nowhere takes what an operator gives.
type nowhere struct{ rows int }

func (n *nowhere) Emit(b *vec.Batch) error {
	n.rows += b.Rows()
	return nil
}
func (n *nowhere) EmitWatermark(int64) error { return nil }

// countOfSessions is COUNT of sessions with a gap of a second.
func countOfSessions(t *testing.T, out Output, sc *state.Scope) (*sessionAggregate, vec.Schema) {
	in := vec.Schema{{Name: "k", Type: types.New(types.BigInt)}, {Name: "ts", Type: types.TimestampOf(3)}}
	s, err := newSessionAggregate(&plan.WindowAggregate{
		Props: plan.Props{Schema: in[:1]}, Input: &plan.Values{Props: plan.Props{Schema: in, Rowtime: -1}},
		Window: plan.Window{Kind: plan.Session, TimeCol: 1, Size: 1000}, Keys: []int{0},
	})
	if err != nil {
		t.Fatal(err)
	}
	err = s.Open(&Context{Out: out, Clock: clock.NewManual(time.UnixMilli(0)), Config: &plan.Config{}, WakeAt: func(time.Time) {}, State: sc})
	if err != nil {
		t.Fatal(err)
	}
	return s, in
}

// TestSessionsEndAtOnceOnDisk has the sessions of many keys, most of which are on disk, end with one watermark: no more of them come to memory at a time than fit.
func TestSessionsEndAtOnceOnDisk(t *testing.T) {
	const keys, memory = 300_000, 8 << 20
	store, err := state.Open(state.Options{Dir: "live", MaxGroups: 128, Memory: memory, FS: vfs.NewMem(), Scratch: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	out := &nowhere{}
	s, in := countOfSessions(t, out, store.Scope("op", 0, state.GroupsOf(0, 1, 128)))
	b := vec.NewBatch(in)
	for from := int64(0); from < keys; from += 1000 {
		b.Reset()
		for k := range int64(1000) {
			vec.Append(b.Cols[0], from+k)
			vec.Append(b.Cols[1], int64(0))
		}
		b.SetLen(1000)
		if err := s.Process(0, b); err != nil {
			t.Fatal(err)
		}
	}
	fit := s.table.Bound()
	if fit > keys/4 {
		t.Fatalf("%d of %d keys are in memory", fit, keys)
	}
	if err := s.Watermark(math.MaxInt64); err != nil {
		t.Fatal(err)
	}
	if out.rows != keys || s.table.Bound() > fit+fit/4 {
		t.Errorf("%d of %d sessions have ended; there was room for %d keys, and is for %d", out.rows, keys, fit, s.table.Bound())
	}
}

// TestSessionKeysAreForgotten has a million keys come once each, of which a thousand are open at a time.
func TestSessionKeysAreForgotten(t *testing.T) {
	out := &nowhere{}
	s, in := countOfSessions(t, out, nil)
	b := vec.NewBatch(in)
	const keys = 1_000_000
	for now := int64(0); now < keys; {
		b.Reset()
		for range 100 {
			vec.Append(b.Cols[0], now)
			vec.Append(b.Cols[1], now)
			now++
		}
		b.SetLen(100)
		if err := s.Process(0, b); err != nil {
			t.Fatal(err)
		}
		if err := s.Watermark(now - 1); err != nil {
			t.Fatal(err)
		}
	}
	if s.held > 1000 || s.table.Len() > (1+idlePerHeld)*1000+minIdle || len(s.sessions.all) > 1200 || s.timers.Len() > 1000 || out.rows != keys-s.held {
		t.Errorf("%d keys with sessions, %d in all, %d sessions' places, %d timers; %d ended", s.held, s.table.Len(), len(s.sessions.all), s.timers.Len(), out.rows)
	}
}
