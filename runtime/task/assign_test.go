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
	a.read(1, "b", 2)
	fetch(2, 2, "")
	fetch(1, 2, "b1")
	fetch(1, 2, "b2")
	a.read(1, "b2", 3)
	fetch(1, 3, "")
	a.read(0, "a", 4)
	fetch(0, 4, "ab") // b2 ended before barrier 4, which has come
	s.list = append(s.list, connectors.Split{ID: "c", After: []string{"ab", "b1"}})
	if err := a.find(t.Context()); err != nil {
		t.Fatal(err)
	}
	a.read(0, "ab", 5)
	a.read(1, "b1", 5)
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
