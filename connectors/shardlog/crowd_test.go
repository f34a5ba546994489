package shardlog

import (
	"sync"
	"testing"
	"time"
)

// pendingFrames gives a shard with so many appenders behind the commit under way.
func pendingFrames(t *testing.T, crowd, frames int) *shard {
	t.Helper()
	l, err := Open(t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	s := &shard{log: l, pending: &commit{frames: frames}}
	s.crowd.size, s.crowd.sync = crowd, time.Second
	return s
}

func TestFewAppendersAreNotSlowedDown(t *testing.T) {
	for crowd, frames := range map[int]int{leastCrowd - 1: 1, leastCrowd: 7, 64: 56, 1: 1} {
		s := pendingFrames(t, crowd, frames)
		s.mu.Lock()
		s.gather()
		s.mu.Unlock()
		if s.crowd.full != nil {
			t.Errorf("%d of %d appenders: the writer waited", frames, crowd)
		}
	}
}

func TestWriterWaitsForTheCrowd(t *testing.T) {
	for _, come := range []int{10, 55, 0} { // fewer than wanted, enough, none
		s := pendingFrames(t, 64, 1)
		var others sync.WaitGroup
		s.mu.Lock()
		others.Go(func() {
			for range come {
				s.mu.Lock()
				s.pending.frames++
				s.crowd.joined(s.pending.frames)
				s.mu.Unlock()
			}
		})
		s.gather()
		s.mu.Unlock()
		others.Wait()
		if len(s.crowd.full) != 0 || s.crowd.wanted != 0 {
			t.Errorf("%d came: a later wait would end at once", come)
		}
	}
}

func TestCrowdIsWhoCommitsAndWhoWaits(t *testing.T) {
	var w crowd
	w.committed(&commit{frames: 5}, &commit{frames: 7})
	if w.size != 12 {
		t.Errorf("got %d", w.size)
	}
	w.committed(&commit{frames: 3}, nil)
	if w.size != 3 {
		t.Errorf("got %d", w.size)
	}
}
