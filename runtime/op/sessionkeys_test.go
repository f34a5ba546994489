package op

import (
	"testing"
	"time"

	"github.com/weirstream/weir/runtime/clock"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// nowhere takes what an operator gives.
type nowhere struct{ rows int }

func (n *nowhere) Emit(b *vec.Batch) error {
	n.rows += b.Rows()
	return nil
}
func (n *nowhere) EmitWatermark(int64) error { return nil }

// TestSessionKeysAreForgotten has a million keys come once each, of which a thousand are open at a time.
func TestSessionKeysAreForgotten(t *testing.T) {
	in := vec.Schema{{Name: "k", Type: types.New(types.BigInt)}, {Name: "ts", Type: types.TimestampOf(3)}}
	s, err := newSessionAggregate(&plan.WindowAggregate{
		Props: plan.Props{Schema: in[:1]}, Input: &plan.Values{Props: plan.Props{Schema: in, Rowtime: -1}},
		Window: plan.Window{Kind: plan.Session, TimeCol: 1, Size: 1000}, Keys: []int{0},
	})
	if err != nil {
		t.Fatal(err)
	}
	out := &nowhere{}
	err = s.Open(&Context{Out: out, Clock: clock.NewManual(time.UnixMilli(0)), Config: &plan.Config{}, WakeAt: func(time.Time) {}})
	if err != nil {
		t.Fatal(err)
	}
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
