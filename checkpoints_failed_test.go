package weir_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weirstream/weir"
	"github.com/weirstream/weir/runtime/clock"
)

// stuckRig is a rig on a clock of its own, whose checkpoints come when they are asked for and are given up after a minute.
func stuckRig(t *testing.T, tolerable string) (*rig, *clock.Manual) {
	r, m := newRig(t), clock.NewManual(time.Unix(0, 0))
	r.opts = []weir.Option{
		weir.WithClock(m),
		weir.WithSetting("execution.checkpointing.interval", "0"),
		weir.WithSetting("execution.checkpointing.timeout", "1 min"),
		weir.WithSetting("execution.checkpointing.tolerable-failed-checkpoints", tolerable),
	}
	return r, m
}

// expire takes a checkpoint that cannot be completed, since a source hangs while it is read, and gives its error.
func (r *rig) expire(j *weir.Job, m *clock.Manual) error {
	r.t.Helper()
	r.stuck.Lock()
	defer r.stuck.Unlock()
	r.let(1)
	r.await("a read that hangs", func() bool { return r.hangs.Load() > 0 })
	failed := make(chan error, 1)
	go func() {
		_, err := j.Checkpoint(r.t.Context())
		failed <- err
	}()
	var err error
	r.await("the timeout", func() bool {
		m.Advance(time.Minute)
		select {
		case err = <-failed:
			return true
		default:
			return false
		}
	})
	return err
}

func (r *rig) checkpoint(j *weir.Job) {
	r.t.Helper()
	if _, err := j.Checkpoint(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) count(kind weir.Note) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, x := range r.notes {
		if x.Kind == kind.Kind {
			n++
		}
	}
	return n
}

// expectFold checks what the committed changes in a folder amount to: "k: c", a line a row.
func (r *rig) expectFold(dir string, want ...string) {
	r.t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "[^.]*"))
	if err != nil {
		r.t.Fatal(err)
	}
	rows := map[string]int{}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			r.t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			var c struct {
				Op  string
				Row struct{ K, C int }
			}
			if err := json.Unmarshal([]byte(line), &c); err != nil {
				r.t.Fatalf("%s: %q: %v", f, line, err)
			}
			n := 1
			if c.Op == "-U" || c.Op == "-D" {
				n = -1
			}
			rows[fmt.Sprintf("%d: %d", c.Row.K, c.Row.C)] += n
		}
	}
	maps.DeleteFunc(rows, func(_ string, n int) bool { return n == 0 })
	got := slices.Sorted(maps.Keys(rows))
	for row, n := range rows {
		if n != 1 {
			r.t.Errorf("%s: %s is there %d times", dir, row, n)
		}
	}
	if !slices.Equal(got, want) {
		r.t.Errorf("%s holds %q, not %q", dir, got, want)
	}
}

// TestCheckpointTimeout has checkpoints take too long, never more in a row than may: what they had begun goes into the next.
func TestCheckpointTimeout(t *testing.T) {
	r, m := stuckRig(t, "2")
	r.let(10)
	j := r.begin()
	r.await("the rows", func() bool { return r.read.Load() == 20 })
	for range 2 {
		for range 2 {
			err := r.expire(j, m)
			if err == nil || !strings.Contains(err.Error(), "it took longer than 1m0s ('execution.checkpointing.timeout')") {
				t.Fatalf("a checkpoint that takes too long: %v", err)
			}
		}
		r.checkpoint(j)
	}
	if n := r.count(weir.Note{Kind: weir.CheckpointFailed}); n != 4 || r.noted(weir.Note{Kind: weir.Restarting}) {
		t.Errorf("%d notes of failed checkpoints: %v", n, r.notes)
	}
	r.finish()
	r.wait(j)
	r.want(28)
}

// TestCheckpointTimeoutOnceTooOften: one more than is tolerated, and the job fails; it goes on from the last that was complete.
func TestCheckpointTimeoutOnceTooOften(t *testing.T) {
	r, m := stuckRig(t, "1")
	r.let(10)
	j := r.begin()
	r.await("the rows", func() bool { return r.read.Load() == 20 })
	r.checkpoint(j)
	r.want(20)
	for range 2 {
		if err := r.expire(j, m); err == nil {
			t.Fatal("a checkpoint is complete of which a source knows nothing")
		}
	}
	r.await("the restart", func() bool { return r.noted(weir.Note{Kind: weir.Restarting, Text: "from checkpoint 1"}) })
	if n := r.count(weir.Note{Kind: weir.CheckpointFailed}); n != 2 {
		t.Errorf("%d notes of failed checkpoints", n)
	}
	if !r.noted(weir.Note{Kind: weir.Restarting, Text: "checkpoint 3: it took longer than 1m0s"}) {
		t.Errorf("the reason is not told: %v", r.notes)
	}
	r.want(20)
	r.finish()
	done := make(chan error, 1)
	go func() { done <- j.Wait(t.Context()) }()
	r.await("the end", func() bool {
		m.Advance(time.Minute)
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			return true
		default:
			return false
		}
	})
	r.want(24)
}

// TestNoCheckpointMayFail: without a word about it in the settings, the first one that fails ends the attempt.
func TestNoCheckpointMayFail(t *testing.T) {
	r, m := stuckRig(t, "0")
	r.opts = append(r.opts, weir.WithSetting("restart-strategy.type", "none"))
	r.let(10)
	j := r.begin()
	r.await("the rows", func() bool { return r.read.Load() == 20 })
	if err := r.expire(j, m); err == nil {
		t.Fatal("a checkpoint is complete of which a source knows nothing")
	}
	if err := j.Wait(t.Context()); err == nil || !strings.Contains(err.Error(), "checkpoint 1: it took longer than") {
		t.Fatalf("it ends with %v", err)
	}
	r.want(0)
	r.finish()
	r.wait(r.begin())
	r.want(22)
}

const twoCounts = `
	CREATE TABLE a (k BIGINT, c BIGINT) WITH ('connector' = 'filesystem', 'path' = '$DIR/a', 'format' = 'changelog-json');
	CREATE TABLE b (k BIGINT, c BIGINT) WITH ('connector' = 'filesystem', 'path' = '$DIR/b', 'format' = 'changelog-json');
	CREATE TABLE b2 (k BIGINT, c BIGINT) WITH ('connector' = 'filesystem', 'path' = '$DIR/b2', 'format' = 'changelog-json');
	EXECUTE STATEMENT SET BEGIN
	INSERT INTO a SELECT n % 5 AS k, COUNT(*) AS c FROM t GROUP BY n % 5;
	`

// TestAllowDroppedState goes on with a script in which one of two aggregations is another: it begins empty, the first one
// goes on, and what was lost is gone from later checkpoints.
func TestAllowDroppedState(t *testing.T) {
	r := newRig(t)
	dir := t.TempDir()
	two := strings.ReplaceAll(twoCounts, "$DIR", dir)
	before := two + "INSERT INTO b SELECT n % 2 AS k, SUM(n) AS c FROM t GROUP BY n % 2; END"
	after := two + "INSERT INTO b2 SELECT n % 2 AS k, MIN(n) AS c FROM t GROUP BY n % 2; END"

	r.sql = before
	r.let(100)
	j := r.begin()
	r.await("the rows", func() bool { return r.read.Load() == 200 })
	r.stop(j)
	r.expectFold(dir+"/a", "0: 40", "1: 40", "2: 40", "3: 40", "4: 40")
	r.expectFold(dir+"/b", "0: 9900", "1: 10000")

	r.sql = after
	_, err := r.start()
	for _, text := range []string{"the script has changed", "GroupAggregate (", "its state: groups", "hint: --allow-dropped-state"} {
		if err == nil || !strings.Contains(err.Error(), text) {
			t.Fatalf("refused without %q: %v", text, err)
		}
	}
	r.opts = []weir.Option{weir.WithAllowDroppedState()}
	r.let(100)
	j = r.begin()
	r.await("the rows", func() bool { return r.read.Load() == 400 })
	r.stop(j)
	for _, text := range []string{"left behind: operator GlobalGroupAggregate", "new since the checkpoint: operator GlobalGroupAggregate"} {
		if !r.noted(weir.Note{Kind: weir.Warning, Text: text}) {
			t.Errorf("nobody says %q: %v", text, r.notes)
		}
	}
	r.expectFold(dir+"/a", "0: 80", "1: 80", "2: 80", "3: 80", "4: 80")
	r.expectFold(dir+"/b", "0: 9900", "1: 10000")
	r.expectFold(dir+"/b2", "0: 200", "1: 201")

	c, err := weir.FindCheckpoint(t.Context(), r.state)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := weir.StateTables(t.Context(), c, 0)
	if err != nil {
		t.Fatal(err)
	}
	var rows []int
	for _, x := range tables {
		rows = append(rows, int(x.Rows))
	}
	if slices.Sort(rows); !slices.Equal(rows, []int{2, 5}) {
		t.Errorf("the checkpoint has tables of %v rows", rows)
	}

	// Nothing is lost any more: it goes on without the option, at another parallelism.
	r.opts, r.parallel = nil, 3
	r.finish()
	r.let(10)
	r.wait(r.begin())
	r.expectFold(dir+"/a", "0: 84", "1: 84", "2: 84", "3: 84", "4: 84")
	r.expectFold(dir+"/b2", "0: 200", "1: 201")
}
