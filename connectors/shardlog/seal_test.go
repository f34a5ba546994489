package shardlog

import (
	"runtime"
	"testing"
)

// A shard that is closed while appends wait behind its writer's commit ends behind them: they have been told that they are stored.
func TestSealTakesWhatIsPending(t *testing.T) {
	l := openLog(t, t.TempDir(), Options{})
	st := create(t, l, Spec{Name: "s"})
	put(t, st, "k", "before")
	s, err := st.shard(0)
	must(t, err)
	waiting, err := s.begin(t.Context(), []Put{{Key: "k", Data: []byte("behind the commit")}}, []int32{0}, 1)
	must(t, err)
	end := make(chan uint64)
	go func() {
		n, err := s.seal()
		if err != nil {
			t.Error(err)
		}
		end <- n
	}()
	for guests := 0; guests == 0; runtime.Gosched() {
		s.mu.Lock()
		guests = s.guests
		s.mu.Unlock()
	}
	if !s.release() { // as the writer does that has come to its end and finds a guest
		t.Fatal("the writer goes on in spite of its guest")
	}
	if n := <-end; n != waiting.first+1 {
		t.Errorf("the shard ends at %d, and record %d was taken", n, waiting.first)
	}
	<-waiting.done
	must(t, waiting.err)
}
