package task

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirstream/weir/runtime/clock"
	"github.com/weirstream/weir/runtime/op"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
)

// owners is an operator that notes which subtask saw which key, and in which order.
type owners struct {
	op.Base
	mu   *sync.Mutex
	seen map[int64][]string // key → "subtask:ts"
}

func (o *owners) Process(_ int, b *vec.Batch) error {
	o.note(b)
	return o.Ctx.Out.Emit(b)
}

func (o *owners) note(b *vec.Batch) {
	o.mu.Lock()
	defer o.mu.Unlock()
	keys, ts := vec.Values[int64](b.Cols[0]), vec.Values[int64](b.Cols[1])
	b.Each(func(i int) {
		o.seen[keys[i]] = append(o.seen[keys[i]], fmt.Sprintf("%d:%d", o.Ctx.Subtask, ts[i]))
	})
}

func TestHashExchangeKeepsKeysTogetherAndInOrder(t *testing.T) {
	const keys, perKey = 50, 100
	var splits []*fakeSplit
	for s := range 3 {
		var rs []row
		for i := range perKey {
			for k := range keys {
				rs = append(rs, row{int64(s*keys + k), int64(i)})
			}
		}
		splits = append(splits, newSplit(fmt.Sprint(s), rs...))
	}
	for _, batch := range []int{1, 7, 4096} {
		for i := range splits {
			splits[i] = newSplit(splits[i].id, splits[i].rows...)
		}
		seen, mu := map[int64][]string{}, &sync.Mutex{}
		own := fake("Owners", 4, func() op.Operator { return &owners{mu: mu, seen: seen} },
			exchange(plan.Hash, 4, sourceNode(&fakeSource{splits: slices.Clone(splits)}, 3)))
		job := jobOf(sinkNode(newSink(), 1, exchange(plan.Gather, 1, own)))
		job.Config.BatchSize = batch
		kept := make([][]row, len(splits))
		for i := range splits {
			kept[i] = splits[i].rows
		}
		wait(t, start(t, job, clock.Real{}))
		for i := range splits {
			splits[i].rows = kept[i]
		}
		if len(seen) != 3*keys {
			t.Fatalf("batch size %d: %d keys", batch, len(seen))
		}
		subtasks := map[string]bool{}
		for k, got := range seen {
			owner, _, _ := strings.Cut(got[0], ":")
			subtasks[owner] = true
			var want []string
			for i := range perKey {
				want = append(want, fmt.Sprintf("%s:%d", owner, i))
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Fatalf("batch size %d, key %d: %s", batch, k, d)
			}
		}
		if len(subtasks) != 4 {
			t.Errorf("batch size %d: only subtasks %v got rows", batch, subtasks)
		}
	}
}

func TestRebalanceUsesAllReceivers(t *testing.T) {
	seen, mu := map[int64][]string{}, &sync.Mutex{}
	src := sourceNode(&fakeSource{splits: []*fakeSplit{newSplit("a", rows(1000)...)}}, 1)
	own := fake("Owners", 3, func() op.Operator { return &owners{mu: mu, seen: seen} }, exchange(plan.Rebalance, 3, src))
	job := jobOf(sinkNode(newSink(), 3, own))
	job.Config.BatchSize = 100
	wait(t, start(t, job, clock.Real{}))
	count := map[string]int{}
	for _, s := range seen {
		sub, _, _ := strings.Cut(s[0], ":")
		count[sub] += len(s)
	}
	if len(seen) != 1000 || count["0"] < 300 || count["1"] < 300 || count["2"] < 300 {
		t.Errorf("%d rows, spread as %v", len(seen), count)
	}
}

func TestWatermarksOverExchanges(t *testing.T) {
	c := manual()
	a, b := openSplit("a", row{0, 1000}), openSplit("b", row{1, 3000})
	src := sourceNode(&fakeSource{unbounded: true, concurrent: true, splits: []*fakeSplit{a, b}}, 2)
	src.IdleTimeout = time.Minute
	sink := newSink()
	gather := exchange(plan.Gather, 1, src)
	j := start(t, jobOf(sinkNode(newSink(), 1, traceNode(sink, 1, gather))), c)
	sink.awaitWritten(t, "w1000") // the minimum over the senders
	awaitQuiet(t, a)
	awaitQuiet(t, b)
	if err := c.AwaitTimers(t.Context(), 3); err != nil { // two sources and the coordinator
		t.Fatal(err)
	}
	c.Advance(time.Minute)
	sink.awaitWritten(t, "w3000") // both idle: the maximum seen
	b.push(row{2, 7000})
	sink.awaitWritten(t, "w7000") // a is idle and left out
	b.finish()
	awaitQuiet(t, a)
	a.push(row{3, 8000})
	sink.awaitWritten(t, "w8000") // b has ended
	a.finish()
	j.Stop()
	wait(t, j)
}

// TestForwardExchange unites a source with an aggregation of it: a stage would be fed by a
// source and an exchange.
func TestForwardExchange(t *testing.T) {
	for _, p := range []int{1, 3} {
		src := sourceNode(&fakeSource{splits: []*fakeSplit{newSplit("a", rows(10)...)}}, p)
		u := &plan.UnionAll{Props: props(p), Ins: []plan.Node{src, exchange(plan.Hash, p, src)}}
		sink := newSink()
		job := jobOf(sinkNode(sink, p, traceNode(sink, p, u)))
		g, err := cut(job)
		if err != nil {
			t.Fatal(err)
		}
		if want := map[int]int{1: 1, 3: 2}[p]; len(g.list) != want {
			t.Errorf("parallelism %d: %d stages", p, len(g.list))
		}
		wait(t, start(t, job, clock.Real{}))
		slices.Sort(sink.committed)
		if got := strings.Join(sink.committed, ""); got != "00112233445566778899" {
			t.Error(got)
		}
		if n := strings.Count(strings.Join(sink.written, " "), "wmax"); n != p {
			t.Errorf("%d final watermarks", n)
		}
	}
}

func TestSharedSubplanFeedsAllSinks(t *testing.T) {
	src := sourceNode(&fakeSource{splits: []*fakeSplit{newSplit("a", rows(100)...)}}, 2)
	x := exchange(plan.Hash, 2, src)
	a, b, c := newSink(), newSink(), newSink()
	job := jobOf(sinkNode(a, 2, src), sinkNode(b, 2, x), sinkNode(c, 2, traceNode(newSink(), 2, x)))
	wait(t, start(t, job, clock.Real{}))
	for i, s := range []*fakeSink{a, b, c} {
		if len(s.committed) != 100 {
			t.Errorf("sink %d got %d rows", i, len(s.committed))
		}
	}
}

func TestExchangeSendsOnBeforeResting(t *testing.T) {
	a := openSplit("a", row{1, 1})
	sink := newSink()
	src := sourceNode(&fakeSource{unbounded: true, splits: []*fakeSplit{a}}, 1)
	start(t, jobOf(sinkNode(sink, 2, exchange(plan.Hash, 2, exchange(plan.Rebalance, 2, src)))), manual())
	sink.awaitWritten(t, "1")
	a.push(row{2, 1})
	sink.awaitWritten(t, "2") // although neither a watermark nor a full batch follows
}

func TestLaneBlocksWhenFullAndRecycles(t *testing.T) {
	in := &inbox{wake: func() {}}
	l := in.addLane(0, 0)
	made := map[*vec.Batch]bool{}
	for range laneBatches {
		b, err := l.batch(t.Context(), schema)
		if err != nil {
			t.Fatal(err)
		}
		made[b] = true
		if err := l.put(t.Context(), element{kind: rowsElement, batch: b}); err != nil {
			t.Fatal(err)
		}
	}
	short, cancel := context.WithCancel(t.Context())
	cancel()
	for l.await(short) == nil { // notes of room that the batches left behind
	}
	if _, err := l.batch(short, schema); err != errStopped {
		t.Fatalf("a full lane gave a batch (%v)", err)
	}
	got := make(chan *vec.Batch)
	go func() {
		b, _ := l.batch(context.Background(), schema)
		got <- b
	}()
	_, e, _ := in.take()
	l.recycle(e.batch)
	if b := <-got; !made[b] || b != e.batch {
		t.Error("the batch was not used again")
	}
}

func TestWatermarksDoNotFillALane(t *testing.T) {
	in := &inbox{wake: func() {}}
	l := in.addLane(0, 0)
	for wm := range int64(100) {
		if err := l.put(t.Context(), element{kind: watermarkElement, value: wm}); err != nil {
			t.Fatal(err)
		}
	}
	_, e, _ := in.take()
	if _, _, more := in.take(); e.value != 99 || more {
		t.Errorf("got watermark %d, more: %v", e.value, more)
	}
}

// TestAlignment holds each lane back behind its barrier until all have given theirs.
func TestAlignment(t *testing.T) {
	in := &inbox{wake: func() {}}
	a, b := in.addLane(0, 0), in.addLane(0, 1)
	put := func(l *lane, kind elementKind, value int64) {
		t.Helper()
		if err := l.put(t.Context(), element{kind: kind, value: value}); err != nil {
			t.Fatal(err)
		}
	}
	put(a, barrierElement, 1)
	put(a, activeElement, 10) // behind the barrier
	put(b, activeElement, 20)
	put(b, activeElement, 21)
	put(b, barrierElement, 1)
	var got []string
	for {
		l, e, ok := in.take()
		if !ok {
			break
		}
		got = append(got, fmt.Sprintf("%d/%d", l.sender, e.value))
		if e.kind == barrierElement && in.hold(l) {
			got = append(got, "aligned")
		}
	}
	want := []string{"0/1", "1/20", "1/21", "1/1", "aligned", "0/10"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}

	put(a, barrierElement, 2)
	if l, _, _ := in.take(); in.hold(l) {
		t.Error("aligned without b")
	}
	if !in.close(b) {
		t.Error("the end of b does not let a's barrier through")
	}
}
