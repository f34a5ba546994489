package weir_test

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weirstream/weir"
	"github.com/weirstream/weir/runtime/checkpoint/s3/s3test"
)

// newS3Rig is a rig with a state in a store, on a machine of its own. Its rows are counted, so that there is state.
func newS3Rig(t *testing.T, s *s3test.Server) *rig {
	r := newRig(t)
	r.state = "s3://b/jobs/count"
	r.sql = "INSERT INTO o SELECT n FROM (SELECT n, ROW_NUMBER() OVER (PARTITION BY n ORDER BY PROCTIME()) AS rn FROM t) WHERE rn = 1"
	r.opts = s3Options(s)
	onMachine(t)
	return r
}

func s3Options(s *s3test.Server) (opts []weir.Option) {
	for key, value := range s.Settings() {
		opts = append(opts, weir.WithSetting(key, value))
	}
	return opts
}

// onMachine has jobs work in a folder that is empty.
func onMachine(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", dir)
	t.Setenv("HOME", dir)
}

func (r *rig) look() *weir.Checkpoint {
	r.t.Helper()
	c, err := weir.FindCheckpoint(r.t.Context(), r.state, r.opts...)
	if err != nil {
		r.t.Fatal(err)
	}
	return c
}

// TestResumeFromS3 stops a job, and goes on on the same machine and on others.
func TestResumeFromS3(t *testing.T) {
	s := s3test.New(t)
	r := newS3Rig(t, s)
	for i, p := range []int{2, 1, 3} {
		r.parallel = p
		r.let(1000)
		j := r.begin()
		r.await("the rows", func() bool { return r.read.Load() == int64(2000*(i+1)) })
		r.stop(j)
		r.want(2000 * (i + 1))
		if i > 0 && !r.noted(weir.Note{Kind: weir.Resumed, Text: "s3://b/jobs/count/chk-"}) {
			t.Errorf("nobody says that the job goes on: %v", r.notes)
		}
		c := r.look()
		if err := c.Verify(t.Context()); err != nil {
			t.Fatal(err)
		}
		tables, err := weir.StateTables(t.Context(), c, 3)
		if err != nil || len(tables) == 0 || tables[0].Rows != int64(2000*(i+1)) || tables[0].Sample.Len() != 3 {
			t.Errorf("the state: %+v, %v", tables, err)
		}
		if i == 1 {
			onMachine(t)
		}
	}
	r.finish()
	r.wait(r.begin())
	r.want(6000)
	all, err := weir.Checkpoints(t.Context(), r.state, r.opts...)
	if err != nil || len(all) != 1 || !all[0].Ended || !all[0].Committed {
		t.Errorf("%d checkpoints are left, %v", len(all), err)
	}
	onMachine(t)
	var ended *weir.EndedError
	if _, err := r.start(); !errors.As(err, &ended) || !strings.Contains(err.Error(), "s3://b/jobs/count") {
		t.Fatalf("a job that has ended gives %v", err)
	}
	r.opts = append(r.opts, weir.WithStartOver())
	r.wait(r.begin())
	if n := len(r.rows()); n != 12000 {
		t.Errorf("started over, there are %d rows", n)
	}
}

// TestStoreFails has uploads fail for a while: checkpoints fail, the job starts again, and nothing is lost or written twice.
func TestStoreFails(t *testing.T) {
	s := s3test.New(t)
	r := newS3Rig(t, s)
	r.let(500)
	j := r.begin()
	r.await("a checkpoint", func() bool { return len(r.rows()) == 1000 })
	var n atomic.Int64
	s.Fail(func(q *http.Request) int {
		if q.Method == http.MethodPut && !strings.HasSuffix(q.URL.Path, "/HEAD") && n.Add(1) > 1 {
			return http.StatusForbidden
		}
		return 0
	})
	r.let(500)
	r.await("a restart", func() bool { return r.noted(weir.Note{Kind: weir.Restarting, Text: "writing 's3://b/jobs/count/"}) })
	if got := len(r.rows()); got != 1000 {
		t.Errorf("%d rows are visible although their checkpoint is not complete", got)
	}
	s.Fail(nil)
	r.finish()
	r.wait(j)
	r.want(2000)
}

// TestManifestInS3IsTruncated: the job refuses to go on, and says which object it is.
func TestManifestInS3IsTruncated(t *testing.T) {
	s := s3test.New(t)
	r := newS3Rig(t, s)
	r.let(100)
	j := r.begin()
	r.await("the rows", func() bool { return r.read.Load() == 200 })
	r.stop(j)
	for _, key := range s.Keys() {
		if strings.HasSuffix(key, "/MANIFEST") {
			s.Set(key, bytes.TrimSuffix(s.Get(key), []byte("\n")))
		}
	}
	_, err := r.start()
	if err == nil || !strings.Contains(err.Error(), "'s3://b/jobs/count/chk-") || !strings.Contains(err.Error(), "MANIFEST': its checksum does not match") || !strings.Contains(err.Error(), "hint") {
		t.Errorf("%v", err)
	}
	if c, err := weir.FindCheckpoint(t.Context(), r.state, r.opts...); err == nil {
		t.Errorf("checkpoint %d is read", c.ID)
	}
}

// TestOneProcessAPlace: a second process is refused on this machine; one whose place has been taken over ends, and commits nothing
// more.
func TestOneProcessAPlace(t *testing.T) {
	s := s3test.New(t)
	r := newS3Rig(t, s)
	r.let(100)
	j := r.begin()
	r.await("a checkpoint", func() bool { return len(r.rows()) == 200 })
	if _, err := r.start(); !errors.Is(err, weir.ErrStateInUse) || !strings.Contains(err.Error(), "s3://b/jobs/count") {
		t.Errorf("a second process: %v", err)
	}
	head := s.Get("b/jobs/count/HEAD")
	s.Set("b/jobs/count/HEAD", bytes.Replace(head, []byte(`"epoch": 1`), []byte(`"epoch": 2`), 1))
	r.let(100)
	if err := j.Wait(t.Context()); !errors.Is(err, weir.ErrStateInUse) || !strings.Contains(err.Error(), "taken over by process") {
		t.Errorf("the place was taken over: %v", err)
	}
	r.want(200)
}

// TestTakeoverIsNoticed by a job that takes no checkpoints by itself.
func TestTakeoverIsNoticed(t *testing.T) {
	s := s3test.New(t)
	r := newS3Rig(t, s)
	r.opts = append(r.opts, weir.WithSetting("execution.checkpointing.interval", "0"))
	r.let(100)
	j := r.begin()
	s.Set("b/jobs/count/HEAD", bytes.Replace(s.Get("b/jobs/count/HEAD"), []byte(`"epoch": 1`), []byte(`"epoch": 2`), 1))
	if err := j.Wait(t.Context()); !errors.Is(err, weir.ErrStateInUse) {
		t.Errorf("the place was taken over: %v", err)
	}
	r.want(0)
}

// TestSavepointInS3 begins with a savepoint in a store, with a state in a folder, and the other way round.
func TestSavepointInS3(t *testing.T) {
	s := s3test.New(t)
	r := newS3Rig(t, s)
	r.let(100)
	j := r.begin()
	r.await("the rows", func() bool { return r.read.Load() == 200 })
	if _, err := j.StopWithSavepoint(t.Context(), "s3://b/saved"); err != nil {
		t.Fatal(err)
	}
	r.wait(j)
	folder := filepath.Join(t.TempDir(), "folder")
	opts := r.opts
	for _, hop := range []struct{ state, from, to string }{{folder, "s3://b/saved", folder + "-saved"}, {"s3://b/other", folder + "-saved", "s3://b/saved2"}} {
		r.state = hop.state
		r.opts = append(opts, weir.WithSetting("execution.state-recovery.path", hop.from))
		rows := r.read.Load()
		r.let(100)
		j := r.begin()
		r.await("the rows", func() bool { return r.read.Load() == rows+200 })
		if _, err := j.StopWithSavepoint(t.Context(), hop.to); err != nil {
			t.Fatal(err)
		}
		r.wait(j)
		r.want(int(rows) + 200)
		if _, err := os.Stat(filepath.Join(folder, "fetched")); err == nil {
			t.Error("what was fetched is left")
		}
		c, err := weir.FindCheckpoint(t.Context(), hop.to, r.opts...)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Verify(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// TestStoreIsSlow: a checkpoint whose upload takes too long is given up.
func TestStoreIsSlow(t *testing.T) {
	s := s3test.New(t)
	r := newS3Rig(t, s)
	r.opts = append(r.opts, weir.WithSetting("execution.checkpointing.timeout", "1 s"), weir.WithSetting("restart-strategy.type", "none"))
	stuck := make(chan struct{})
	s.Stall(func(q *http.Request) <-chan struct{} {
		if q.Method == http.MethodPut && strings.Contains(q.URL.Path, "/shared/") {
			return stuck
		}
		return nil
	})
	r.let(100)
	j := r.begin()
	began := time.Now()
	err := j.Wait(t.Context())
	close(stuck)
	if err == nil || !strings.Contains(err.Error(), "it took longer than 1s ('execution.checkpointing.timeout')") || !strings.Contains(err.Error(), "s3://b/jobs/count/shared/") {
		t.Errorf("%v", err)
	}
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("it takes %v", took)
	}
	r.want(0)
}
