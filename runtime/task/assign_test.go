package task

import (
	"context"
	"testing"
	"time"

	"github.com/weirstream/weir/connectors"
)

// shards is a concurrent source that lists splits.
type shards struct {
	connectors.Source
	list []connectors.Split
}

func (s *shards) Splits(context.Context) ([]connectors.Split, error) { return s.list, nil }
func (s *shards) Bounded() bool                                      { return false }
func (s *shards) Concurrent() bool                                   { return true }
func (s *shards) DiscoverEvery() time.Duration                       { return time.Second }

// What continues a split is read by the subtask that has read it, and where several had a part, behind a barrier.
func TestWhatContinuesASplitKeepsItsOrder(t *testing.T) {
	s := &shards{list: []connectors.Split{
		{ID: "a"},
		{ID: "b"},
		{ID: "b1", After: []string{"b"}},
		{ID: "b2", After: []string{"b"}},
		{ID: "ab", After: []string{"b2", "a"}},
	}}
	a := newAssigner(s, 3)
	a.barriers = true
	if err := a.find(t.Context()); err != nil {
		t.Fatal(err)
	}
	fetch := func(subtask int, epoch int64, want string) {
		t.Helper()
		if got, _ := a.fetch(subtask, epoch); got.ID != want {
			t.Fatalf("subtask %d fetched %q in epoch %d, want %q", subtask, got.ID, epoch, want)
		}
	}
	fetch(0, 0, "a")
	fetch(1, 0, "b")
	a.read(1, "b", 2, 0)
	fetch(2, 2, "")
	fetch(1, 2, "b1")
	fetch(1, 2, "b2")
	a.read(1, "b2", 3, 0)
	fetch(1, 3, "")
	a.read(0, "a", 4, 0)
	fetch(0, 4, "ab") // b2 ended before barrier 4, which has come
	s.list = append(s.list, connectors.Split{ID: "c", After: []string{"ab", "b1"}})
	if err := a.find(t.Context()); err != nil {
		t.Fatal(err)
	}
	a.read(0, "ab", 5, 0)
	a.read(1, "b1", 5, 0)
	for _, subtask := range []int{0, 1, 2} {
		fetch(subtask, 5, "")
	}
	for _, subtask := range []int{0, 1, 2} {
		if got, ok := a.fetch(subtask, 6); ok && got.ID == "c" {
			return
		}
	}
	t.Error("nobody fetched c behind the next barrier")
}

// What continues several splits goes where event time has come least far, and those that have been read are awaited until it is open: neither
// before nor after it is given out may event time pass them.
func TestMergedSplitsHoldEventTime(t *testing.T) {
	s := &shards{list: []connectors.Split{{ID: "a"}, {ID: "b"}, {ID: "ab", After: []string{"a", "b"}}}}
	a := newAssigner(s, 2)
	a.barriers = true
	told := 0
	a.wake[0] = func() { told++ }
	if err := a.find(t.Context()); err != nil {
		t.Fatal(err)
	}
	a.fetch(0, 0)
	a.fetch(1, 0)
	awaited := func(want bool) {
		t.Helper()
		if a.awaited("a") != want || a.awaited("b") != want {
			t.Fatalf("a is awaited: %v, b: %v, want %v", a.awaited("a"), a.awaited("b"), want)
		}
	}
	a.read(0, "a", 1, 100)
	awaited(true)
	a.read(1, "b", 1, 200) // the last to end, but ahead
	awaited(true)
	if got, ok := a.fetch(1, 2); ok {
		t.Fatalf("subtask 1 fetched %q, of which it has not the earlier part", got.ID)
	}
	if got, ok := a.fetch(0, 1); ok {
		t.Fatalf("%q was fetched before the barrier", got.ID)
	}
	if got, _ := a.fetch(0, 2); got.ID != "ab" {
		t.Fatalf("fetched %q behind the barrier", got.ID)
	}
	awaited(true)
	before := told
	a.opened("ab")
	awaited(false)
	if told == before {
		t.Error("nobody was told that the split is open")
	}
}
