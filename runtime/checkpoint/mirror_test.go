package checkpoint_test

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"

	"github.com/weirstream/weir/runtime/checkpoint"
	"github.com/weirstream/weir/runtime/checkpoint/s3/s3test"
)

func TestMain(m *testing.M) {
	code := m.Run()
	s3test.Stop()
	os.Exit(code)
}

func keys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

func read(t *testing.T, body io.ReadCloser) string {
	t.Helper()
	text, err := io.ReadAll(body)
	must(t, errors.Join(err, body.Close()))
	return string(text)
}

// machine is a process on a machine of its own.
type machine struct {
	s    *s3test.Server
	url  string
	work string
	l    checkpoint.Lease
	said []string
}

func newMachine(t *testing.T, s *s3test.Server) *machine {
	return &machine{s: s, url: "s3://b/p", work: t.TempDir(), l: long}
}

func (m *machine) own(t *testing.T) (*checkpoint.Mirror, error) {
	return checkpoint.OwnAt(t.Context(), bucket(t, m.s, m.url), vfs.Default, m.work, m.l, func(text string) { m.said = append(m.said, text) })
}

func (m *machine) must(t *testing.T) *checkpoint.Mirror {
	t.Helper()
	o, err := m.own(t)
	must(t, err)
	t.Cleanup(func() { must(t, o.Close()) })
	return o
}

// crash has a process end without a word: the lock of its folder is free, HEAD still names it.
func crash(t *testing.T, m *checkpoint.Mirror) { must(t, m.Work().Close()) }

func (m *machine) shared() (keys []string) {
	for _, k := range m.s.Keys() {
		if strings.Contains(k, "/shared/") {
			keys = append(keys, k[strings.LastIndex(k, "-")+1:])
		}
	}
	return keys
}

// TestOnlyNewTablesTravel counts what is written, and what is left of tables that checkpoints have given up.
func TestOnlyNewTablesTravel(t *testing.T) {
	m := newMachine(t, s3test.New(t))
	o := m.must(t)
	_, err := o.Resume(t.Context(), nil)
	must(t, err)
	steps := []struct {
		files  string
		writes int // tables, two other files, a manifest, HEAD twice
		left   []string
	}{
		{"1 2 3", 3 + 5, []string{"1.sst", "2.sst", "3.sst"}},
		{"1 2 3 4", 1 + 5, []string{"1.sst", "2.sst", "3.sst", "4.sst"}},
		{"3 4 5", 1 + 5, []string{"3.sst", "4.sst", "5.sst"}},
		{"3 4 5", 0 + 5, []string{"3.sst", "4.sst", "5.sst"}},
	}
	for i, step := range steps {
		id := int64(i + 1)
		files := map[string]string{"CURRENT": "x", "MANIFEST-1": fmt.Sprint(id)}
		for n := range strings.FieldsSeq(step.files) {
			files[n+".sst"] = "table " + n
		}
		before := m.s.Count(http.MethodPut)
		must(t, o.Finish(t.Context(), prepare(t, o, id, files)))
		must(t, o.Committed(t.Context(), id))
		must(t, o.Retain(t.Context(), 1))
		if n := m.s.Count(http.MethodPut) - before; n != step.writes {
			t.Errorf("checkpoint %d: %d writes, not %d", id, n, step.writes)
		}
		if diff := cmp.Diff(step.left, m.shared()); diff != "" {
			t.Errorf("checkpoint %d, tables that are left (-want +got):\n%s", id, diff)
		}
	}
	if n := len(m.s.Keys()); n != 3+2+1+1 {
		t.Errorf("%d objects are left: %v", n, m.s.Keys())
	}

	// Another machine goes on: tables that it has fetched are known to be in the store.
	must(t, o.Close())
	other := newMachine(t, m.s)
	o = other.must(t)
	c, err := checkpoint.Newest(t.Context(), o)
	must(t, err)
	must(t, o.Committed(t.Context(), c.ID)) // as of a job that has ended, of which nothing is fetched
	here, err := o.Resume(t.Context(), c)
	must(t, err)
	if text, err := os.ReadFile(filepath.Join(here.State(), "5.sst")); err != nil || string(text) != "table 5" {
		t.Fatalf("%q, %v", text, err)
	}
	before := m.s.Count(http.MethodPut)
	must(t, o.Finish(t.Context(), prepare(t, o, 5, map[string]string{"3.sst": "table 3", "4.sst": "table 4", "6.sst": "table 6"})))
	if n := m.s.Count(http.MethodPut) - before; n != 1+2 {
		t.Errorf("%d writes on another machine", n)
	}
	must(t, o.Retain(t.Context(), 1))
	if diff := cmp.Diff([]string{"3.sst", "4.sst", "6.sst"}, m.shared()); diff != "" {
		t.Errorf("tables that are left (-want +got):\n%s", diff)
	}

	// On this machine what the folder has is not read again.
	must(t, o.Close())
	o = other.must(t)
	c, err = checkpoint.Newest(t.Context(), o)
	must(t, err)
	gets := m.s.Count(http.MethodGet)
	_, err = o.Resume(t.Context(), c)
	must(t, err)
	if n := m.s.Count(http.MethodGet) - gets; n != 0 {
		t.Errorf("%d objects are read although the folder has them", n)
	}
	must(t, o.Close())
	left := []string{"shared/9.9-000009.sst", "chk-7-9.9/MANIFEST", "chk-7-9.9/state/x"} // by a run that was killed
	alien := []string{"shared/report.sst", "shared/1.1-x/y.sst", "chk-list/MANIFEST", "chk-7-9.9/plan"}
	for _, key := range append(left, alien...) {
		m.s.Set("b/p/"+key, []byte("x"))
	}
	o = other.must(t)
	for _, key := range left {
		if m.s.Get("b/p/"+key) != nil {
			t.Errorf("%s is not swept", key)
		}
	}
	must(t, o.Clear(t.Context()))
	for _, key := range alien {
		if m.s.Get("b/p/"+key) == nil {
			t.Errorf("%s is none of ours, and is gone", key)
		}
		m.s.Set("b/p/"+key, nil)
	}
	if diff := cmp.Diff([]string{"b/p/HEAD"}, m.s.Keys()); diff != "" {
		t.Errorf("what is left when the job starts over (-want +got):\n%s", diff)
	}
}

// TestOthersObjectsAreLeftAlone at a place where there was no state before, whatever they are called.
func TestOthersObjectsAreLeftAlone(t *testing.T) {
	m := newMachine(t, s3test.New(t))
	m.s.Set("b/p/shared/9.9-000009.sst", []byte("x"))
	m.must(t)
	if m.s.Get("b/p/shared/9.9-000009.sst") == nil {
		t.Error("it is gone")
	}
}

// TestUploadFailsMidway: a checkpoint of which something could not be written is none, and what did arrive is not sent again.
func TestUploadFailsMidway(t *testing.T) {
	m := newMachine(t, s3test.New(t))
	o := m.must(t)
	_, err := o.Resume(t.Context(), nil)
	must(t, err)
	write(t, o, 1)
	must(t, o.Retain(t.Context(), 1))
	files := map[string]string{"000001.sst": "rows of the state", "MANIFEST-000007": "2"}
	for n := range 20 {
		files[fmt.Sprintf("1%05d.sst", n)] = fmt.Sprint("table ", n)
	}
	for _, broken := range []string{"/shared/", "/state/MANIFEST", "/MANIFEST", "/HEAD"} {
		var passed atomic.Int64
		m.s.Fail(func(r *http.Request) int {
			if r.Method == http.MethodPut && strings.Contains(r.URL.Path, broken) && (broken != "/shared/" || passed.Add(1) > 5) {
				return http.StatusForbidden
			}
			return 0
		})
		err := o.Finish(t.Context(), prepare(t, o, 2, files))
		if err == nil || !strings.Contains(err.Error(), "'s3://b/p/") || !strings.Contains(err.Error(), strings.Trim(broken, "/")) {
			t.Fatalf("%s: %v", broken, err)
		}
		m.s.Fail(nil)
		must(t, o.Discard(t.Context(), 2))
		c, err := checkpoint.Newest(t.Context(), checkpoint.LookAt(bucket(t, m.s, m.url)))
		must(t, err)
		if c.ID != 1 {
			t.Fatalf("%s: checkpoint %d is complete", broken, c.ID)
		}
		must(t, c.Verify(t.Context()))
	}
	before := m.s.Count(http.MethodPut)
	must(t, o.Finish(t.Context(), prepare(t, o, 3, files)))
	if n := m.s.Count(http.MethodPut) - before; n != 3 {
		t.Errorf("%d writes for what is in the store but for a small file, a manifest and HEAD", n)
	}
	must(t, o.Retain(t.Context(), 1))
	c, err := checkpoint.Newest(t.Context(), o)
	must(t, err)
	must(t, c.Verify(t.Context()))
	// Writes that were under way when another failed, and were given up, may have arrived all the same: the next owner sweeps them.
	must(t, o.Close())
	m.must(t)
	if n := len(m.s.Keys()); n != 21+1+1+1 {
		t.Errorf("%d objects are left: %v", n, m.s.Keys())
	}
}

// TestAnswersAreLost breaks connections before or after requests are carried out: the store and who writes to it stay of one mind.
func TestAnswersAreLost(t *testing.T) {
	for name, status := range map[string]int{"before": 1, "after": -1, "busy": http.StatusServiceUnavailable} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t, s3test.New(t))
			var n atomic.Int64
			m.s.Fail(func(*http.Request) int {
				if n.Add(1)%3 == 0 {
					return status
				}
				return 0
			})
			o := m.must(t)
			for id := int64(1); id <= 4; id++ {
				write(t, o, id)
				must(t, o.Retain(t.Context(), 2))
			}
			must(t, o.Discard(t.Context(), 4))
			ids, err := checkpoint.LookAt(bucket(t, m.s, m.url)).Complete(t.Context())
			must(t, err)
			if diff := cmp.Diff([]int64{3}, ids); diff != "" {
				t.Errorf("complete (-want +got):\n%s", diff)
			}
		})
	}
}

// TestDoubt: it is not known whether a checkpoint was completed. If it was it stays whole until it is not listed any more.
func TestDoubt(t *testing.T) {
	m := newMachine(t, s3test.New(t))
	o := m.must(t)
	write(t, o, 1)
	m.s.Fail(func(r *http.Request) int {
		if strings.HasSuffix(r.URL.Path, "/HEAD") {
			return -1
		}
		return 0
	})
	files := map[string]string{"000002.sst": "rows"}
	if err := o.Finish(t.Context(), prepare(t, o, 2, files)); err == nil {
		t.Fatal("no answer is taken for yes")
	}
	if err := o.Discard(t.Context(), 2); err == nil {
		t.Fatal("no answer is taken for yes")
	}
	m.s.Fail(nil)
	c, err := checkpoint.FindAt(t.Context(), bucket(t, m.s, m.url))
	must(t, err)
	must(t, c.Verify(t.Context()))
	must(t, o.Finish(t.Context(), prepare(t, o, 3, files)))
	must(t, o.Retain(t.Context(), 1))
	c, err = checkpoint.FindAt(t.Context(), bucket(t, m.s, m.url))
	must(t, err)
	if c.ID != 3 {
		t.Errorf("the newest is %d", c.ID)
	}
	must(t, c.Verify(t.Context()))
}

// TestTwoProcesses: one that shows signs of life keeps the place from others; one that does not is succeeded, and can make no
// checkpoint complete any more should it come back.
func TestTwoProcesses(t *testing.T) {
	s := s3test.New(t)
	alive, other := newMachine(t, s), newMachine(t, s)
	alive.l = checkpoint.Lease{Renew: 20 * time.Millisecond, Expire: time.Hour}
	other.l = checkpoint.Lease{Renew: time.Hour, Expire: 10 * time.Second} // a sign of life ends the wait
	o := alive.must(t)
	if _, err := other.own(t); !errors.Is(err, checkpoint.ErrLocked) || !strings.Contains(err.Error(), "process") {
		t.Fatalf("the place of a living owner: %v", err)
	}
	must(t, o.Close())

	paused := newMachine(t, s)
	first := paused.must(t) // with a long lease: no sign of life
	write(t, first, 1)
	other.l = short
	second := other.must(t)
	c, err := checkpoint.Newest(t.Context(), second)
	must(t, err)
	if c.ID != 1 {
		t.Fatalf("the successor sees checkpoint %d", c.ID)
	}
	if err := first.Finish(t.Context(), prepare(t, first, 2, map[string]string{"000009.sst": "late"})); !errors.Is(err, checkpoint.ErrLocked) {
		t.Fatalf("the predecessor completes a checkpoint: %v", err)
	}
	if err := first.Discard(t.Context(), 2); !errors.Is(err, checkpoint.ErrLocked) {
		t.Fatalf("the predecessor discards: %v", err)
	}
	if err := first.Retain(t.Context(), 1); !errors.Is(err, checkpoint.ErrLocked) {
		t.Fatalf("the predecessor retains: %v", err)
	}
	write(t, second, 2)
	ids, err := checkpoint.LookAt(bucket(t, s, "s3://b/p")).Complete(t.Context())
	must(t, err)
	if diff := cmp.Diff([]int64{1, 2}, ids); diff != "" {
		t.Errorf("complete (-want +got):\n%s", diff)
	}
	must(t, first.Close())
	if err := second.Retain(t.Context(), 1); err != nil {
		t.Errorf("the successor, after the predecessor has let go: %v", err)
	}
}

// TestKilledOwnerIsSucceededAtOnce where its folder shows that it is dead.
func TestKilledOwnerIsSucceededAtOnce(t *testing.T) {
	m := newMachine(t, s3test.New(t))
	write(t, m.must(t), 1)
	for range 3 {
		o, err := m.own(t)
		if !errors.Is(err, checkpoint.ErrLocked) {
			t.Fatalf("the folder is taken twice: %v, %v", o, err)
		}
	}
	o2 := newMachine(t, m.s)
	crash(t, o2.mustFail(t, m))
}

// mustFail kills the owner on another machine and takes its folder over.
func (m *machine) mustFail(t *testing.T, dead *machine) *checkpoint.Mirror {
	t.Helper()
	m.work = t.TempDir()
	must(t, os.CopyFS(m.work, os.DirFS(dead.work))) // the lock went with the process
	o := m.must(t)
	if c, err := checkpoint.Newest(t.Context(), o); err != nil || c == nil || c.ID != 1 {
		t.Fatalf("%v, %v", c, err)
	}
	if len(m.said) > 0 {
		t.Errorf("it has waited: %v", m.said)
	}
	return o
}

func TestCarelessStoreIsRefused(t *testing.T) {
	m := newMachine(t, s3test.New(t))
	m.s.Careless()
	if _, err := m.own(t); err == nil || !strings.Contains(err.Error(), "conditional writes") {
		t.Errorf("%v", err)
	}
}

func TestPlaceThatMakesNoSense(t *testing.T) {
	for text, want := range map[string]string{
		`{`:             "damaged",
		`{}`:            "damaged",
		`{"format": 2}`: "newer version",
		`{"format": 1, "checkpoints": [{"id": 1, "dir": "chk-1"}]}`:                              "damaged",
		`{"format": 1, "checkpoints": [{"id": 2, "dir": "chk-2/"}, {"id": 1, "dir": "chk-1/"}]}`: "damaged",
		`{"format": 1, "checkpoints": [{"id": 1, "dir": "chk-1/"}]}`:                             "",
	} {
		m := newMachine(t, s3test.New(t))
		m.s.Set("b/p/HEAD", []byte(text))
		o, err := m.own(t)
		if want == "" {
			must(t, err)
			t.Cleanup(func() { must(t, o.Close()) })
			want = "the file is missing"
			_, err = checkpoint.Newest(t.Context(), o)
		}
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "s3://b/p/") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestNamesStayBelow refuses a manifest that would have files written elsewhere.
func TestNamesStayBelow(t *testing.T) {
	for _, name := range []string{"../x", "state/../../x", "state/..", "state/", "/etc/x", `state/..\x`} {
		s := s3test.New(t)
		m := manifest(1)
		m.Files = []checkpoint.File{{Name: name, Size: 1, Sum: "00000000"}}
		text, err := m.Encode()
		must(t, err)
		s.Set("b/p/MANIFEST", text)
		c, err := checkpoint.FindAt(t.Context(), bucket(t, s, "s3://b/p"))
		must(t, err)
		if _, err := c.Fetch(t.Context(), vfs.Default, t.TempDir()); err == nil || !strings.Contains(err.Error(), "no name of a file") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSavepointInAStore(t *testing.T) {
	s := s3test.New(t)
	o := newMachine(t, s).must(t)
	want := write(t, o, 1)
	must(t, o.Committed(t.Context(), 1))
	c, err := o.Work().Read(t.Context(), 1)
	must(t, err)
	to := bucket(t, s, "s3://b/saved/monday")
	must(t, c.Upload(t.Context(), to))
	must(t, o.Clear(t.Context()))
	got, err := checkpoint.FindAt(t.Context(), to)
	must(t, err)
	must(t, got.Verify(t.Context()))
	if diff := cmp.Diff(want, got.Manifest); diff != "" || !got.Committed {
		t.Errorf("-want +got:\n%s", diff)
	}
	if err := c.Upload(t.Context(), to); err == nil {
		t.Error("a place that is not empty takes a savepoint")
	}
	for _, begin := range []checkpoint.Storage{o, inFolder(t).must(t)} {
		here, err := begin.Resume(t.Context(), got)
		must(t, err)
		must(t, here.Verify(t.Context()))
		must(t, begin.Work().Resumed())
		if _, err := os.Stat(here.State()); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("what was fetched is left: %v", err)
		}
	}
}
