package weir_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/weirstream/weir"
	"github.com/weirstream/weir/runtime/checkpoint/s3/s3test"
)

// travelling are the files of moved rows that are written to a store.
type travelling struct {
	r *rig
	s *s3test.Server

	mu     sync.Mutex
	refuse bool              // them
	puts   []string          // keys, since the last look
	seen   map[string]string // contents that have been written, and under which key
}

// watchMoved looks at what a rig writes to its store.
func watchMoved(r *rig, s *s3test.Server) *travelling {
	w := &travelling{r: r, s: s, seen: map[string]string{}}
	s.Fail(func(q *http.Request) int {
		if q.Method == http.MethodPut && strings.HasSuffix(q.URL.Path, ".cold") {
			w.mu.Lock()
			defer w.mu.Unlock()
			if w.refuse {
				return http.StatusForbidden
			}
			w.puts = append(w.puts, strings.TrimPrefix(q.URL.Path, "/"))
		}
		return 0
	})
	return w
}

// check asserts behind a checkpoint that what was written since the last one is contents that the store has never had, and that it has what its checkpoints name, and nothing else. It gives how
// many files of moved rows these are.
func (w *travelling) check() int {
	t := w.r.t
	t.Helper()
	w.mu.Lock()
	puts := w.puts
	w.puts = nil
	w.mu.Unlock()
	for _, key := range puts {
		text := string(w.s.Get(key))
		if before, again := w.seen[text]; again || text == "" {
			t.Errorf("%s, of %d bytes, is written again, as %s", before, len(text), key)
		}
		w.seen[text] = key
	}
	var named, there []string
	w.r.await("what no checkpoint names to be deleted", func() bool {
		all, err := weir.Checkpoints(t.Context(), w.r.state, w.r.opts...)
		if err != nil {
			t.Fatal(err)
		}
		named, there = nil, nil
		for _, c := range all {
			for _, f := range c.Files {
				if strings.HasSuffix(f.Name, ".cold") {
					named = append(named, "b/jobs/count/"+f.Shared)
				}
			}
		}
		slices.Sort(named)
		named = slices.Compact(named)
		for _, key := range w.s.Keys() {
			if strings.HasSuffix(key, ".cold") {
				there = append(there, key)
			}
		}
		slices.Sort(there)
		return slices.Equal(named, there)
	})
	return len(there)
}

func (w *travelling) refusing(refuse bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.refuse = refuse
}

// s3MovedRig is a movedRig whose checkpoints are in a store.
func s3MovedRig(t *testing.T) (r *rig, counts string, w *travelling) {
	s := s3test.New(t)
	r, counts = movedRig(t)
	r.state = "s3://b/jobs/count"
	r.opts = append(r.opts, s3Options(s)...)
	onMachine(t)
	return r, counts, watchMoved(r, s)
}

// TestMovedRowsInS3 has a job with little memory keep its checkpoints in a store: what it has moved to disk travels once, as long as it is of use, goes along to other machines, parallelisms and
// memories, and is deleted when no checkpoint names it.
func TestMovedRowsInS3(t *testing.T) {
	r, counts, w := s3MovedRig(t)
	own := append(r.opts, weir.WithSetting("execution.checkpointing.num-retained", "2"))
	rounds := 0
	for _, run := range []struct {
		parallel int
		memory   string
		other    bool // machine
		moves    bool // something is on disk
	}{{2, "2 b", false, true}, {1, "2 b", false, true}, {3, "2 b", true, true}, {2, "16 kb", false, true}, {2, "0 b", true, false}, {4, "2 b", false, true}} {
		if run.other {
			onMachine(t)
		}
		r.parallel, r.opts = run.parallel, append(slices.Clip(own), weir.WithSetting("weir.memory", run.memory))
		j := r.begin()
		for range 3 {
			r.feed(j, 2)
			rounds += 2
			w.check()
		}
		r.stop(j)
		if files := w.check(); files > 0 != run.moves {
			t.Errorf("-p %d, memory %s: %d files of moved rows are in the store", run.parallel, run.memory, files)
		}
		if err := r.look().Verify(t.Context()); err != nil {
			t.Error(err)
		}
	}
	r.finish()
	r.wait(r.begin())
	w.check()
	r.expectCounts(counts, rounds)
}

// TestMovedRowsDoNotReachS3 has the store refuse what was moved to disk for a while: checkpoints fail as often as they may, and the next has it.
func TestMovedRowsDoNotReachS3(t *testing.T) {
	r, counts, w := s3MovedRig(t)
	r.opts = append(r.opts, weir.WithSetting("execution.checkpointing.tolerable-failed-checkpoints", "2"))
	j := r.begin()
	r.feed(j, 1)
	w.check()
	w.refusing(true)
	rounds, failed := 1, 0
	for ; failed < 2 && rounds < 20; rounds++ {
		r.let(movedKeys / 2)
		r.await("the rows", func() bool { return r.read.Load() == int64(movedKeys*(rounds+1)) })
		if _, err := j.Checkpoint(t.Context()); err != nil {
			failed++
			if !strings.Contains(err.Error(), "writing 's3://b/jobs/count/shared/") || !strings.Contains(err.Error(), ".cold'") {
				t.Fatalf("a checkpoint whose files cannot be written: %v", err)
			}
		}
	}
	if failed != 2 {
		t.Errorf("%d checkpoints have failed", failed)
	}
	w.refusing(false)
	r.feed(j, 1)
	w.check()
	r.stop(j)
	onMachine(t)
	r.let(movedKeys / 2)
	r.finish()
	r.wait(r.begin())
	r.expectCounts(counts, rounds+2)
	if r.noted(weir.Note{Kind: weir.Restarting}) {
		t.Errorf("the notes: %v", r.notes)
	}
}

// TestMovedRowsThatCannotBeReadForS3 has the disk fail while what was moved there is read to be written to the store: the checkpoint fails, and the next has it.
func TestMovedRowsThatCannotBeReadForS3(t *testing.T) {
	r, counts, w := s3MovedRig(t)
	d := &faultyDisk{hit: func(op errorfs.Op) bool { return op.Kind == errorfs.OpFileReadAt && strings.Contains(op.Path, "chk-") }, err: syscall.EIO, lasting: true}
	r.opts = append(r.opts, d.option(), weir.WithSetting("execution.checkpointing.tolerable-failed-checkpoints", "1"))
	j := r.begin()
	rounds := 0
	for failed := false; !failed && rounds < 20; rounds++ {
		r.let(movedKeys / 2)
		r.await("the rows", func() bool { return r.read.Load() == int64(movedKeys*(rounds+1)) })
		if _, err := j.Checkpoint(t.Context()); err != nil {
			if failed = true; !errors.Is(err, syscall.EIO) || !strings.Contains(err.Error(), ".cold: input/output error") {
				t.Errorf("a checkpoint whose files cannot be read: %v", err)
			}
		}
	}
	if d.met.Load() == 0 {
		t.Error("no fault was met")
	}
	d.sound.Store(true)
	r.feed(j, 1)
	w.check()
	r.stop(j)
	onMachine(t)
	r.finish()
	r.wait(r.begin())
	r.expectCounts(counts, rounds+1)
}
