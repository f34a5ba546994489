package task

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/checkpoint"
)

// assigner gives a source's splits to its subtasks. Splits of a concurrent source are all
// dealt out as they are found, and so are those that a checkpoint had begun; others wait in a queue from which a
// subtask that has nothing to read takes the first. A split whose After has not been read to its end waits
// in either case. One that is dealt goes to the subtask that has read its After; where others had a part, to the one whose part ended first in event
// time, and it begins behind the next barrier, which holds its rows back wherever theirs are still on the way. So what continues a split keeps
// the order of its rows, and where a split has been read, event time stands still until what continues it is open.
type assigner struct {
	source   connectors.Source
	wake     []func() // of the subtasks
	restored bool     // the job goes on from a checkpoint
	barriers bool     // they come by themselves

	mu      sync.Mutex
	known   map[string]splitState
	before  map[string]checkpoint.Split // begun when the checkpoint was taken
	waiting []connectors.Split          // found, not given out, in order
	dealt   [][]connectors.Split        // given to a subtask that has not fetched them
	load    []int                       // splits per subtask, open or dealt
	final   bool                        // no more will be found
	// unopened are the splits that continue others and that no subtask has opened, with what they continue.
	unopened map[string][]string
}

type splitState struct {
	at splitStage
	// epoch is, of a split that was read to its end, the last barrier before that. What had to wait for it begins
	// in the same epoch or later, in whatever task, so that no checkpoint has it begun and this one not
	// ended.
	epoch int64
	by    int   // the subtask that has read it
	time  int64 // its watermark then
}

type splitStage uint8

const (
	splitWaiting splitStage = iota
	splitGiven
	splitRead
)

func newAssigner(s connectors.Source, subtasks int) *assigner {
	return &assigner{
		source: s, known: map[string]splitState{}, wake: make([]func(), subtasks), before: map[string]checkpoint.Split{},
		dealt: make([][]connectors.Split, subtasks), load: make([]int, subtasks), unopened: map[string][]string{},
	}
}

// noSplits assigns nothing: for the subtasks of a stage that a source has no part in.
func noSplits(s connectors.Source) *assigner {
	a := newAssigner(s, 1)
	a.final = true
	return a
}

// restore begins with what a checkpoint says.
func (a *assigner) restore(from *checkpoint.Source) {
	a.restored = true
	for _, s := range from.Splits {
		a.before[s.ID] = s
	}
	for _, id := range from.Finished {
		a.known[id] = splitState{at: splitRead, by: -1}
	}
}

// missing says that a split is gone that a checkpoint had begun: its rest would be lost.
func (a *assigner) missing() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	for id, s := range a.before {
		if _, ok := a.known[id]; !ok {
			return fmt.Errorf("the split %s is gone, of which the checkpoint has read %d rows: the rest of it would be lost", id, s.Rows)
		}
	}
	return nil
}

// begun gives what the checkpoint has of a split.
func (a *assigner) begun(id string) (checkpoint.Split, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	s, ok := a.before[id]
	return s, ok
}

// lists reports whether the source still lists a split.
func (a *assigner) lists(id string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	_, ok := a.known[id]
	return ok
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
			a.known[s.ID] = splitState{}
			a.waiting = append(a.waiting, s)
			if len(s.After) > 0 {
				a.unopened[s.ID] = s.After
			}
		}
	}
	for id, state := range a.known {
		if state.at == splitRead && !current[id] {
			delete(a.known, id)
		}
	}
	a.final = a.source.Bounded() || a.source.DiscoverEvery() == 0
	a.deal()
	return nil
}

// deal gives splits that are to be open at once to the subtasks that have the fewest, and tells
// the subtasks that something has changed.
func (a *assigner) deal() {
	for i := 0; i < len(a.waiting); {
		s := a.waiting[i]
		_, begun := a.before[s.ID]
		if !begun && (!a.source.Concurrent() || !a.mayBegin(s)) {
			i++
			continue
		}
		a.give(i)
		to := a.subtaskOf(s)
		a.dealt[to] = append(a.dealt[to], s)
		a.load[to]++
	}
	a.tell()
}

// tell wakes the subtasks.
func (a *assigner) tell() {
	for _, wake := range a.wake {
		if wake != nil {
			wake()
		}
	}
}

// subtaskOf chooses who reads a split that is dealt: whoever has read what it continues, else who has the fewest. Of several it is the one
// whose part ended first in event time: its watermark is behind all rows that come. Of those the last to end.
func (a *assigner) subtaskOf(s connectors.Split) int {
	last := splitState{by: -1}
	for _, id := range s.After {
		state := a.known[id]
		if state.at != splitRead || state.by < 0 {
			continue
		}
		if last.by < 0 || state.time < last.time || state.time == last.time && state.epoch >= last.epoch {
			last = state
		}
	}
	if last.by < 0 {
		return slices.Index(a.load, slices.Min(a.load))
	}
	return last.by
}

// opened says that a subtask has opened a split: event time waits for it there.
func (a *assigner) opened(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, ok := a.unopened[id]; ok {
		delete(a.unopened, id)
		a.tell()
	}
}

// awaited reports whether a split that continues this one has not been opened yet.
func (a *assigner) awaited(id string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, after := range a.unopened {
		if slices.Contains(after, id) {
			return true
		}
	}
	return false
}

// give takes a split out of the queue.
func (a *assigner) give(i int) {
	a.known[a.waiting[i].ID] = splitState{at: splitGiven}
	a.waiting = slices.Delete(a.waiting, i, i+1)
}

// mayBegin reports whether a split need not wait for another any more.
func (a *assigner) mayBegin(s connectors.Split) bool {
	_, blocked := a.after(s)
	return !blocked
}

// after gives the epoch from which on a split may begin, or says that it must wait. What nobody knows that it waits
// for has been read long ago; one that a checkpoint had begun waits for nothing.
func (a *assigner) after(s connectors.Split) (epoch int64, blocked bool) {
	if _, begun := a.before[s.ID]; begun {
		return 0, false
	}
	for _, id := range s.After {
		switch state, ok := a.known[id]; {
		case ok && state.at != splitRead:
			return 0, true
		case ok:
			epoch = max(epoch, state.epoch)
		}
	}
	return epoch, false
}

// fetch gives a subtask a split that was dealt to it and may begin in its epoch.
func (a *assigner) fetch(subtask int, epoch int64) (connectors.Split, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i, s := range a.dealt[subtask] {
		if from, _ := a.after(s); from <= epoch && a.behind(s, subtask, epoch) {
			a.dealt[subtask] = slices.Delete(a.dealt[subtask], i, i+1)
			return s, true
		}
	}
	return connectors.Split{}, false
}

// behind reports whether a barrier has come since another subtask has read what the split continues.
func (a *assigner) behind(s connectors.Split, subtask int, epoch int64) bool {
	for _, id := range s.After {
		if state, ok := a.known[id]; ok && a.barriers && state.by >= 0 && state.by != subtask && state.epoch >= epoch {
			return false
		}
	}
	return true
}

// next gives a subtask a split from the queue. Without one, over says whether there will be none.
func (a *assigner) next(subtask int, epoch int64) (s connectors.Split, ok, over bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.source.Concurrent() {
		for i, s := range a.waiting {
			if from, blocked := a.after(s); !blocked && from <= epoch {
				a.give(i)
				a.load[subtask]++
				return s, true, false
			}
		}
	}
	return s, false, a.final && len(a.waiting)+len(a.dealt[subtask]) == 0
}

// read says that a subtask has read a split to its end, in its epoch, and the split's watermark.
func (a *assigner) read(subtask int, id string, epoch, time int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.known[id] = splitState{splitRead, epoch, subtask, time}
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
