package task

import (
	"context"
	"slices"
	"sync"

	"github.com/weirstream/weir/connectors"
)

// assigner gives a source's splits to its subtasks. Splits of a concurrent source are all
// dealt out as they are found; those of others wait in a queue from which a subtask that
// has nothing to read takes the first. A split whose After has not been read to its end waits
// in either case.
type assigner struct {
	source connectors.Source
	wake   []func() // of the subtasks

	mu      sync.Mutex
	known   map[string]splitState
	waiting []connectors.Split   // found, not given out, in order
	dealt   [][]connectors.Split // of a concurrent source: given to a subtask that has not fetched them
	load    []int                // splits per subtask, open or dealt
	final   bool                 // no more will be found
}

type splitState uint8

const (
	splitWaiting splitState = iota
	splitGiven
	splitRead
)

func newAssigner(s connectors.Source, subtasks int) *assigner {
	return &assigner{
		source: s, known: map[string]splitState{}, wake: make([]func(), subtasks),
		dealt: make([][]connectors.Split, subtasks), load: make([]int, subtasks),
	}
}

// noSplits assigns nothing: for the subtasks of a stage that a source has no part in.
func noSplits(s connectors.Source) *assigner {
	a := newAssigner(s, 1)
	a.final = true
	return a
}

// find asks the source for splits and takes in those that are new. A split that has been
// read and is no longer listed is forgotten.
func (a *assigner) find(ctx context.Context) error {
	listed, err := a.source.Splits(ctx)
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	current := make(map[string]bool, len(listed))
	for _, s := range listed {
		current[s.ID] = true
		if _, ok := a.known[s.ID]; !ok {
			a.known[s.ID] = splitWaiting
			a.waiting = append(a.waiting, s)
		}
	}
	for id, state := range a.known {
		if state == splitRead && !current[id] {
			delete(a.known, id)
		}
	}
	a.final = a.source.Bounded() || a.source.DiscoverEvery() == 0
	a.deal()
	return nil
}

// deal gives a concurrent source's splits to the subtasks that have the fewest, and tells
// the subtasks that something has changed.
func (a *assigner) deal() {
	if a.source.Concurrent() {
		for {
			s, ok := a.ready()
			if !ok {
				break
			}
			to := slices.Index(a.load, slices.Min(a.load))
			a.dealt[to] = append(a.dealt[to], s)
			a.load[to]++
		}
	}
	for _, wake := range a.wake {
		if wake != nil {
			wake()
		}
	}
}

// ready takes the first split out of the queue that need not wait for another.
func (a *assigner) ready() (connectors.Split, bool) {
	for i, s := range a.waiting {
		if !a.blocked(s) {
			a.waiting = slices.Delete(a.waiting, i, i+1)
			a.known[s.ID] = splitGiven
			return s, true
		}
	}
	return connectors.Split{}, false
}

// blocked reports whether a split must wait. One that nobody knows has been read long ago.
func (a *assigner) blocked(s connectors.Split) bool {
	return slices.ContainsFunc(s.After, func(id string) bool {
		state, ok := a.known[id]
		return ok && state != splitRead
	})
}

// next gives a subtask a split to read. Without one, over says whether there will be none.
func (a *assigner) next(subtask int) (s connectors.Split, ok, over bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.source.Concurrent() {
		if d := a.dealt[subtask]; len(d) > 0 {
			a.dealt[subtask] = d[1:]
			return d[0], true, false
		}
	} else if s, ok := a.ready(); ok {
		return s, true, false
	}
	return s, false, a.final && len(a.waiting) == 0
}

// read says that a subtask has read a split to its end.
func (a *assigner) read(subtask int, id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.known[id] = splitRead
	a.load[subtask]--
	if len(a.waiting) > 0 {
		a.deal()
	}
}

// discover looks for new splits again and again, until ctx ends.
func (a *assigner) discover(ctx context.Context, clock connectors.Clock) error {
	for {
		select {
		case <-clock.After(a.source.DiscoverEvery()):
		case <-ctx.Done():
			return nil
		}
		if err := a.find(ctx); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
	}
}
