package op

import (
	"testing"

	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// TestSessionKeysAreForgotten has a million keys come once each, of which a thousand are open at a time.
func TestSessionKeysAreForgotten(t *testing.T) {
	in := vec.Schema{{Name: "k", Type: types.New(types.BigInt)}}
	s := newSessions(plan.Window{Kind: plan.Session, Size: 1000}, in, []int{0}, nil)
	b := vec.NewBatch(in)
	var fired []uint32
	for now := int64(0); now < 1_000_000; {
		b.Reset()
		for range 100 {
			vec.Append(b.Cols[0], now)
			now++
		}
		b.SetLen(100)
		s.begin(b, []int{0})
		for k, key := range s.ids {
			if id, err := s.assign(key, now-100+int64(k), now-101); id == noSession || err != nil {
				t.Fatalf("session %d, error %v", id, err)
			}
		}
		fired = s.ended(fired[:0], now-1, 1000)
		s.close(fired)
		s.tidy()
	}
	if s.held > 1000 || s.table.Len() > (1+idlePerHeld)*1000+minIdle || len(s.all) > 1200 || s.timers.Len() > 1000 {
		t.Errorf("%d keys with sessions, %d in all, %d sessions' places, %d timers", s.held, s.table.Len(), len(s.all), s.timers.Len())
	}
}
