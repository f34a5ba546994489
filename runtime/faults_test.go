package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/google/go-cmp/cmp"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
)

// slow is events that take their time, and go on where a checkpoint left them.
type slow struct{ events }

func (s *slow) Open(_ context.Context, r connectors.ReadRequest) (connectors.Reader, error) {
	at, err := strconv.Atoi(string(r.Position))
	if r.Position == nil {
		at, err = 0, nil
	}
	return &slowReader{reader{&s.events, at}}, err
}

type slowReader struct{ reader }

func (r *slowReader) Position() []byte { return strconv.AppendInt(nil, int64(r.at), 10) }

func (r *slowReader) Read(b *vec.Batch, limit int) error {
	time.Sleep(time.Millisecond)
	return r.reader.Read(b, limit)
}

// ledger keeps what is committed, by committable: each counts once.
type ledger struct {
	mu        sync.Mutex
	next      int
	prepared  map[string]map[string]int
	committed map[string]bool
}

func newLedger() *ledger {
	return &ledger{prepared: map[string]map[string]int{}, committed: map[string]bool{}}
}

func (l *ledger) Accepts() connectors.ChangeSet   { return connectors.Retract }
func (l *ledger) Guarantee() connectors.Guarantee { return connectors.ExactlyOnce }

func (l *ledger) Open(context.Context, connectors.WriteRequest) (connectors.Writer, error) {
	return &entries{table{rows: map[string]int{}}, l}, nil
}

func (l *ledger) Commit(_ context.Context, committables [][]byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range committables {
		l.committed[string(c)] = true
	}
	return nil
}

func (l *ledger) rows() map[string]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := map[string]int{}
	for c := range l.committed {
		for row, n := range l.prepared[c] {
			out[row] += n
		}
	}
	return out
}

type entries struct {
	table
	ledger *ledger
}

func (e *entries) Prepare(bool) ([][]byte, error) {
	l := e.ledger
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next++
	id := fmt.Sprint(l.next)
	l.prepared[id] = e.rows
	e.rows = map[string]int{}
	return [][]byte{[]byte(id)}, nil
}

// broken fails some operations on files: from a random one on, some in a row or all, with a full disk or failing syncs.
func broken(r *rand.Rand) vfs.FS {
	var mu sync.Mutex
	from, to := r.IntN(400), 1<<30
	if r.IntN(2) == 0 {
		to = from + 1 + r.IntN(5)
	}
	full, at := r.IntN(2) == 0, 0
	return errorfs.Wrap(vfs.Default, errorfs.InjectorFunc(func(op errorfs.Op) error {
		cause := syscall.ENOSPC
		switch op.Kind {
		case errorfs.OpFileSync, errorfs.OpFileSyncData, errorfs.OpFileSyncTo:
			if !full {
				cause = syscall.EIO
			}
		case errorfs.OpCreate, errorfs.OpFileWrite, errorfs.OpFileWriteAt, errorfs.OpMkdirAll, errorfs.OpLink, errorfs.OpRename:
			if !full {
				return nil
			}
		default:
			return nil
		}
		mu.Lock()
		defer mu.Unlock()
		at++
		if at <= from || at > to {
			return nil
		}
		return &os.PathError{Op: "write", Path: op.Path, Err: cause}
	}))
}

// TestFaultyDisk runs a job on a disk that fails. It ends, with its result or an error that names the place, and a run on a disk
// that is whole again gives what an undisturbed one gives.
func TestFaultyDisk(t *testing.T) {
	const rows, keys, splits = 6000, 1500, 2
	planned := func(sink connectors.Sink, tolerable int) *plan.Job {
		job := windowJob(t, &slow{events{splits, rows, keys, 1}}, sink, 2, 200, false)
		for i, n := range plan.Nodes(job) {
			n.Properties().ID = fmt.Sprint("n", i)
		}
		job.Config.MaxGroups = 128
		job.Config.Checkpoints = plan.Checkpoints{Interval: 4 * time.Millisecond, Tolerable: tolerable, Timeout: 10 * time.Second, Retain: 1}
		return job
	}
	whole := &table{rows: map[string]int{}}
	if _, err := runtime.Run(t.Context(), planned(whole, 0), runtime.Options{}); err != nil {
		t.Fatal(err)
	}
	failed := 0
	for seed := range uint64(24) {
		r := rand.New(rand.NewPCG(seed, 9))
		out, dir := newLedger(), t.TempDir()
		job := planned(out, r.IntN(2)*1_000_000)
		job.Config.Memory = 2 * int64(seed%2) // windows are on disk
		err := within(t, seed, func() error {
			_, err := runtime.Run(t.Context(), job, runtime.Options{State: &runtime.State{Dir: dir, FS: broken(r)}})
			return err
		})
		if err != nil {
			failed++
			if !strings.Contains(err.Error(), dir) || !errors.Is(err, syscall.ENOSPC) && !errors.Is(err, syscall.EIO) {
				t.Errorf("seed %d: the error does not say what failed and where: %v", seed, err)
			}
		}
		err = within(t, seed, func() error {
			_, err := runtime.Run(t.Context(), planned(out, 0), runtime.Options{State: &runtime.State{Dir: dir}})
			return err
		})
		var ended *runtime.EndedError
		if err != nil && !errors.As(err, &ended) {
			t.Fatalf("seed %d: going on: %v", seed, err)
		}
		if d := cmp.Diff(whole.rows, out.rows()); d != "" {
			t.Fatalf("seed %d: %s", seed, d)
		}
	}
	if failed == 0 {
		t.Error("no fault was met")
	}
}

// within runs f, and fails where it does not come to its end.
func within(t *testing.T, seed uint64, f func() error) error {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		return err
	case <-time.After(60 * time.Second):
		t.Fatalf("seed %d: the job hangs", seed)
		return io.ErrNoProgress
	}
}
