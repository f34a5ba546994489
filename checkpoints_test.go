package weir_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weirstream/weir"
	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/vec"
)

// tap is a source of the numbers 0, 1, 2, … in two splits (even and odd), which gives no more than the test lets
// through.
type tap struct {
	open  atomic.Int64 // how many numbers of each split may be read
	end   atomic.Bool  // the splits end there
	fails atomic.Int64 // how many more reads are to fail
	read  atomic.Int64
	stuck sync.RWMutex // held by the test: reads do not return
	hangs atomic.Int64 // how many reads do not

	mu    sync.Mutex
	wakes []func()
}

func (p *tap) connector() *connectors.Connector {
	return &connectors.Connector{Name: "tap", Source: func(*connectors.Table) (connectors.Source, error) { return p, nil }}
}

// let allows n more numbers of each split.
func (p *tap) let(n int64) {
	p.open.Add(n)
	p.wake()
}

func (p *tap) finish() {
	p.end.Store(true)
	p.wake()
}

func (p *tap) wake() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, w := range p.wakes {
		w()
	}
}

func (p *tap) Bounded() bool                 { return true }
func (p *tap) Changes() connectors.ChangeSet { return connectors.InsertOnly }
func (p *tap) DiscoverEvery() time.Duration  { return 0 }
func (p *tap) Concurrent() bool              { return true }
func (p *tap) Splits(context.Context) ([]connectors.Split, error) {
	return []connectors.Split{{ID: "even", Data: int64(0)}, {ID: "odd", Data: int64(1)}}, nil
}

func (p *tap) Open(_ context.Context, r connectors.ReadRequest) (connectors.Reader, error) {
	p.mu.Lock()
	p.wakes = append(p.wakes, r.Wake)
	p.mu.Unlock()
	at, err := strconv.ParseInt(string(r.Position), 10, 64)
	if r.Position == nil {
		at, err = 0, nil
	}
	return &tapReader{p, r.Split.Data.(int64), at}, err
}

type tapReader struct {
	*tap
	odd, at int64
}

func (r *tapReader) Read(b *vec.Batch, limit int) error {
	r.hangs.Add(1)
	r.stuck.RLock()
	defer r.stuck.RUnlock()
	r.hangs.Add(-1)
	if r.at > 0 && r.fails.Load() > 0 && r.fails.Add(-1) >= 0 {
		return errors.New("the wire is cut")
	}
	end := r.end.Load()
	n := min(r.open.Load()-r.at, int64(limit))
	if n <= 0 && end {
		return io.EOF
	}
	if n <= 0 {
		return connectors.ErrNoData
	}
	for range n {
		if err := b.Cols[0].AppendValue(2*r.at + r.odd); err != nil {
			return err
		}
		r.at++
	}
	b.SetLen(b.Len() + int(n))
	r.read.Add(n)
	return nil
}

func (r *tapReader) Position() []byte { return strconv.AppendInt(nil, r.at, 10) }
func (r *tapReader) Close() error     { return nil }

// rig is a job that copies the tap's numbers to files, with a state folder.
type rig struct {
	*tap
	t          *testing.T
	state, out string
	sql        string
	parallel   int
	opts       []weir.Option

	mu    sync.Mutex
	notes []weir.Note
}

func newRig(t *testing.T) *rig {
	dir := t.TempDir()
	return &rig{
		tap: &tap{}, t: t, state: filepath.Join(dir, "state"), out: filepath.Join(dir, "out"), parallel: 2,
		sql: "INSERT INTO o SELECT n FROM t",
	}
}

func (r *rig) start() (*weir.Job, error) {
	env, err := weir.NewEnv(append([]weir.Option{
		weir.WithConnector(r.connector()), weir.WithParallelism(r.parallel), weir.WithStateDir(r.state), weir.WithNotes(r.note),
		weir.WithSetting("execution.checkpointing.interval", "20 ms"),
		weir.WithSetting("restart-strategy.exponential-delay.initial-backoff", "1 ms"),
	}, r.opts...)...)
	if err != nil {
		r.t.Fatal(err)
	}
	res, err := env.ExecuteSQL(r.t.Context(), fmt.Sprintf(`
		CREATE TABLE t (n BIGINT) WITH ('connector' = 'tap');
		CREATE TABLE o (n BIGINT) WITH ('connector' = 'filesystem', 'path' = '%s', 'format' = 'csv');
		%s`, r.out, r.sql))
	if err != nil {
		return nil, err
	}
	return res.Job(), nil
}

func (r *rig) note(n weir.Note) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.notes = append(r.notes, n)
}

func (r *rig) noted(kind weir.Note) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.ContainsFunc(r.notes, func(n weir.Note) bool { return n.Kind == kind.Kind && strings.Contains(n.Text, kind.Text) })
}

func (r *rig) begin() *weir.Job {
	r.t.Helper()
	j, err := r.start()
	if err != nil {
		r.t.Fatal(err)
	}
	return j
}

func (r *rig) await(what string, ok func() bool) {
	r.t.Helper()
	for deadline := time.Now().Add(time.Minute); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			r.t.Fatalf("waiting for %s took too long; notes: %v", what, r.notes)
		}
	}
}

// rows gives what is committed, sorted, and fails when something half-written is visible.
func (r *rig) rows() (out []int) {
	r.t.Helper()
	files, err := os.ReadDir(r.out)
	if err != nil && !os.IsNotExist(err) {
		r.t.Fatal(err)
	}
	for _, f := range files {
		if strings.HasPrefix(f.Name(), ".") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(r.out, f.Name()))
		if err != nil {
			r.t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			n, err := strconv.Atoi(strings.TrimSpace(line))
			if err != nil {
				r.t.Fatal(err)
			}
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out
}

// want checks that the numbers below n are there, each once.
func (r *rig) want(n int) {
	r.t.Helper()
	got := r.rows()
	if len(got) != n {
		r.t.Fatalf("%d rows are committed, not %d", len(got), n)
	}
	for i, x := range got {
		if x != i {
			r.t.Fatalf("row %d is %d", i, x)
		}
	}
}

func (r *rig) wait(j *weir.Job) {
	r.t.Helper()
	if err := j.Wait(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) stop(j *weir.Job) {
	r.t.Helper()
	if err := j.Stop(); err != nil {
		r.t.Fatal(err)
	}
}

// TestResume stops a job, and goes on at other parallelisms until the input has ended.
func TestResume(t *testing.T) {
	r := newRig(t)
	for i, p := range []int{2, 1, 3} {
		r.parallel = p
		r.let(1000)
		j := r.begin()
		r.await("the rows", func() bool { return r.read.Load() == int64(2000*(i+1)) })
		r.stop(j)
		r.want(2000 * (i + 1))
		if i > 0 && !r.noted(weir.Note{Kind: weir.Resumed}) {
			t.Errorf("nobody says that the job goes on: %v", r.notes)
		}
	}
	r.finish()
	r.wait(r.begin())
	r.want(6000)

	_, err := r.start()
	var ended *weir.EndedError
	if !errors.As(err, &ended) {
		t.Fatalf("a job that has ended gives %v", err)
	}
	r.want(6000)
	r.opts = []weir.Option{weir.WithStartOver()}
	r.wait(r.begin())
	if n := len(r.rows()); n != 12000 {
		t.Errorf("started over, there are %d rows", n)
	}
}

// TestCheckpointsCommit: rows become visible with the checkpoint that they belong to, and not before.
func TestCheckpointsCommit(t *testing.T) {
	r := newRig(t)
	r.opts = []weir.Option{weir.WithSetting("execution.checkpointing.interval", "0")}
	r.let(10)
	j := r.begin()
	r.await("the rows", func() bool { return r.read.Load() == 20 })
	r.want(0)
	if _, err := j.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.want(20)
	r.let(10)
	r.await("the rows", func() bool { return r.read.Load() == 40 })
	r.want(20)
	r.finish()
	r.wait(j)
	r.want(40)
}

// TestRestart has the source fail, and the job go on by itself.
func TestRestart(t *testing.T) {
	r := newRig(t)
	r.let(500)
	j := r.begin()
	r.await("a checkpoint", func() bool { return len(r.rows()) == 1000 })
	r.fails.Store(3)
	r.let(500)
	r.await("a restart", func() bool { return r.noted(weir.Note{Kind: weir.Restarting, Text: "the wire is cut"}) })
	r.finish()
	r.wait(j)
	r.want(2000)
}

func TestNoRestart(t *testing.T) {
	r := newRig(t)
	r.opts = []weir.Option{weir.WithSetting("restart-strategy.type", "none")}
	r.let(500)
	j := r.begin()
	r.await("a checkpoint", func() bool { return len(r.rows()) == 1000 })
	r.fails.Store(1)
	r.let(1)
	if err := j.Wait(t.Context()); err == nil || !strings.Contains(err.Error(), "the wire is cut") {
		t.Fatalf("it ends with %v", err)
	}
	r.fails.Store(0)
	r.finish()
	r.wait(r.begin())
	r.want(1002)
}

// TestSameFault gives up on a row that cannot be computed: it will not get better.
func TestSameFault(t *testing.T) {
	r := newRig(t)
	r.sql = "INSERT INTO o SELECT CAST(CASE WHEN n = 700 THEN 'x' ELSE CAST(n AS STRING) END AS BIGINT) FROM t"
	r.let(300)
	j := r.begin()
	r.await("a checkpoint", func() bool { return len(r.rows()) == 600 })
	r.let(300)
	if err := j.Wait(t.Context()); err == nil || !strings.Contains(err.Error(), "cannot") {
		t.Fatalf("it ends with %v", err)
	}
	r.want(600)
}

func TestSavepoint(t *testing.T) {
	r := newRig(t)
	r.let(100)
	j := r.begin()
	r.await("the rows", func() bool { return r.read.Load() == 200 })
	first := filepath.Join(t.TempDir(), "first")
	if _, err := j.Savepoint(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	r.want(200)
	r.let(100)
	r.await("the rows", func() bool { return r.read.Load() == 400 })
	second := filepath.Join(t.TempDir(), "second")
	if _, err := j.StopWithSavepoint(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	r.wait(j)
	r.want(400)
	r.finish()

	other := newRig(t)
	other.tap = r.tap
	other.opts = []weir.Option{weir.WithSetting("execution.state-recovery.path", first)}
	other.wait(other.begin())
	if got := other.rows(); len(got) != 200 || got[0] != 200 {
		t.Errorf("begun with the first savepoint: %d rows, %v …", len(got), got[:min(len(got), 3)])
	}
	r.wait(r.begin())
	r.want(400)
}

func TestDrain(t *testing.T) {
	r := newRig(t)
	r.let(100)
	j := r.begin()
	r.await("the rows", func() bool { return r.read.Load() == 200 })
	j.Drain()
	r.wait(j)
	r.want(200)
	var ended *weir.EndedError
	if _, err := r.start(); !errors.As(err, &ended) || !ended.Drained {
		t.Errorf("a drained job gives %v", err)
	}
}

// A job that is told to drain while it waits to be restarted is drained by the next attempt.
func TestDrainBetweenAttempts(t *testing.T) {
	r := newRig(t)
	var j *weir.Job
	begun := make(chan struct{})
	r.opts = append(r.opts, weir.WithNotes(func(n weir.Note) {
		if n.Kind == weir.Restarting {
			<-begun
			j.Drain()
		}
		r.note(n)
	}))
	r.let(100)
	j = r.begin()
	close(begun)
	r.await("a checkpoint", func() bool { return len(r.rows()) == 200 })
	r.fails.Store(1)
	r.let(1)
	r.await("the end", func() bool {
		select {
		case <-j.Done():
			return true
		default:
			return false
		}
	})
	r.wait(j)
	var ended *weir.EndedError
	if _, err := r.start(); !errors.As(err, &ended) || !ended.Drained {
		t.Errorf("a drained job gives %v", err)
	}
}

// TestRefusedState shows which folders a job does not go on in.
func TestRefusedState(t *testing.T) {
	r := newRig(t)
	r.let(100)
	j := r.begin()
	r.await("a checkpoint", func() bool { return len(r.rows()) == 200 })
	if _, err := r.start(); !errors.Is(err, weir.ErrStateInUse) {
		t.Errorf("a second job in the folder: %v", err)
	}
	r.stop(j)

	refused := func(what, text string) {
		t.Helper()
		if _, err := r.start(); err == nil || !strings.Contains(err.Error(), text) || !strings.Contains(err.Error(), "hint:") {
			t.Errorf("%s: %v", what, err)
		}
	}
	manifests, err := filepath.Glob(filepath.Join(r.state, "chk-*", "MANIFEST"))
	if err != nil || len(manifests) != 1 {
		t.Fatalf("%v, %v", manifests, err)
	}
	good, err := os.ReadFile(manifests[0])
	if err != nil {
		t.Fatal(err)
	}
	write := func(text []byte) {
		if err := os.WriteFile(manifests[0], text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(good[:len(good)/2])
	refused("cut in half", manifests[0])
	write([]byte(strings.Replace(string(good), "weir-checkpoint 1", "weir-checkpoint 9", 1)))
	refused("of a newer format", "newer version")
	write(good)

	sql := r.sql
	r.sql = `CREATE TABLE other (n BIGINT) WITH ('connector' = 'tap'); INSERT INTO o SELECT n FROM other`
	refused("of another job", "belongs to another job")
	r.sql = sql
	r.finish()
	r.wait(r.begin())
	r.want(200)
}

func TestOneJobAStateFolder(t *testing.T) {
	r := newRig(t)
	r.sql += "; SELECT n FROM t"
	if _, err := r.start(); err == nil || !strings.Contains(err.Error(), "a script with a state folder has one job") {
		t.Errorf("two jobs: %v", err)
	}
}
