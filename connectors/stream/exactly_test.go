package stream

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/shardlog"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// run is a run of a job that writes lines to the stream 's' with two writers.
type run struct {
	t       *testing.T
	sink    connectors.Sink
	writers []connectors.Writer
}

func newSinkOf(t *testing.T, logs *Logs, dir string, options map[string]string) connectors.Sink {
	t.Helper()
	with := map[string]string{"path": dir, "stream": "s", "format": "raw", "shards": "3"}
	for k, v := range options {
		with[k] = v
	}
	s, err := ShardLog(formats, logs).Sink(&connectors.Table{Columns: line, Options: connectors.NewOptions(with, nil)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.(io.Closer).Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// start begins a run as the runtime does: what its checkpoint holds is committed, then runs before it are over.
func start(t *testing.T, logs *Logs, dir, id string, restored [][]byte) *run {
	t.Helper()
	r := &run{t: t, sink: newSinkOf(t, logs, dir, nil)}
	if len(restored) > 0 {
		r.commit(restored)
	}
	if err := r.sink.(*sink).Recover(t.Context(), "job"); err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		w, err := r.sink.Open(t.Context(), connectors.WriteRequest{Columns: line, Subtask: i, Parallelism: 2, JobID: "job_" + id, Clock: wallClock{}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := w.Close(); err != nil {
				t.Error(err)
			}
		})
		r.writers = append(r.writers, w)
	}
	return r
}

// write writes the lines from..to-1, dealt to the writers, and prepares.
func (r *run) write(from, to int) [][]byte {
	r.t.Helper()
	var out [][]byte
	for i, w := range r.writers {
		b := vec.NewBatch(vec.Schema{{Name: "line", Type: types.String()}})
		for n := from; n < to; n++ {
			if n%2 == i {
				b.Cols[0].AppendBytes(fmt.Append(nil, n))
				b.SetLen(b.Len() + 1)
			}
		}
		if err := w.Write(b); err != nil {
			r.t.Fatal(err)
		}
		c, err := w.Prepare(false)
		if err != nil {
			r.t.Fatal(err)
		}
		out = append(out, c...)
	}
	return out
}

func (r *run) commit(c [][]byte) {
	r.t.Helper()
	if err := r.sink.Commit(r.t.Context(), c); err != nil {
		r.t.Fatal(err)
	}
}

// wantLines checks that the stream has the lines 0..n-1, each once.
func wantLines(t *testing.T, st *shardlog.Stream, n int) {
	t.Helper()
	got := Lines(t, st)
	var want []string
	for i := range n {
		want = append(want, fmt.Sprint(i))
	}
	slices.Sort(want)
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Fatalf("got %q, want %q", got, want)
	}
}

// A job dies between any two steps of a checkpoint, and goes on from the last one that was stored: each row is in
// the stream once.
func TestRowsOfACheckpointAreStoredOnce(t *testing.T) {
	logs, dir := &Logs{}, t.TempDir()
	st := newStream(t, logs, dir, 3)

	first := start(t, logs, dir, "a", nil)
	c1 := first.write(0, 10)
	wantLines(t, st, 0) // not before the checkpoint
	first.commit(c1)
	wantLines(t, st, 10)
	c2 := first.write(10, 20) // checkpoint 2 is stored, and the job dies before it commits
	first.write(20, 30)       // of no checkpoint

	second := start(t, logs, dir, "b", c2)
	wantLines(t, st, 20)
	if err := first.sink.Commit(t.Context(), first.forged(t)); !errors.Is(err, shardlog.ErrFenced) {
		t.Errorf("a run that was replaced commits: %v", err)
	}
	second.write(20, 25) // dies before the checkpoint is stored

	third := start(t, logs, dir, "c", c2) // of the same checkpoint
	wantLines(t, st, 20)
	c3 := third.write(20, 40)
	third.commit(c3)
	third.commit(c3)
	wantLines(t, st, 40)
	if got := third.write(40, 40); len(got) != 0 {
		t.Errorf("nothing was written, and %q is to be committed", got)
	}
}

// forged is what a run that does not know that it was replaced would commit.
func (r *run) forged(t *testing.T) [][]byte {
	t.Helper()
	s := r.sink.(*sink)
	s.mu.Lock()
	defer s.mu.Unlock()
	return [][]byte{fmt.Appendf(nil, `{"Owner":"job","Epoch":%d,"Lane":"1-0","From":1,"To":2}`, s.epoch)}
}

func TestGuarantees(t *testing.T) {
	logs, dir := &Logs{}, t.TempDir()
	st := newStream(t, logs, dir, 1)
	at := newSinkOf(t, logs, dir, map[string]string{"sink.delivery-guarantee": "at-least-once"})
	exactly := newSinkOf(t, logs, dir, nil)
	if at.Guarantee() != connectors.AtLeastOnce || exactly.Guarantee() != connectors.ExactlyOnce {
		t.Errorf("got %s and %s", at.Guarantee(), exactly.Guarantee())
	}
	// Without checkpoints, and at least once, rows are there when they are prepared.
	for i, s := range []connectors.Sink{at, exactly} {
		w, err := s.Open(t.Context(), connectors.WriteRequest{Columns: line, Parallelism: 1, JobID: "j", Clock: wallClock{}, NoCheckpoints: s == exactly})
		if err != nil {
			t.Fatal(err)
		}
		b := vec.NewBatch(vec.Schema{{Name: "line", Type: types.String()}})
		b.Cols[0].AppendBytes(fmt.Append(nil, i))
		b.SetLen(1)
		if err := w.Write(b); err != nil {
			t.Fatal(err)
		}
		if c, err := w.Prepare(true); err != nil || len(c) != 0 {
			t.Fatalf("%q, %v", c, err)
		}
		wantLines(t, st, i+1)
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := exactly.Commit(t.Context(), [][]byte{[]byte("nonsense")}); err == nil {
		t.Error("nonsense was committed")
	}
}
