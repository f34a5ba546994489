package filesystem

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

// testClock is a clock that stands still unless it is moved.
type testClock struct{ now time.Time }

func (c *testClock) Now() time.Time                       { return c.now }
func (c *testClock) After(time.Duration) <-chan time.Time { return nil }

func mustSink(t *testing.T, tab *connectors.Table) *sink {
	t.Helper()
	s, err := newSink(tab, formats())
	if err != nil {
		t.Fatal(err)
	}
	return s.(*sink)
}

func openWriter(t *testing.T, s connectors.Sink, tab *connectors.Table, r connectors.WriteRequest) connectors.Writer {
	t.Helper()
	r.Columns, r.JobID = tab.Columns, "job/1"
	if r.Clock == nil {
		r.Clock = &testClock{}
	}
	w, err := s.Open(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// rowsBatch makes a batch of boxed rows.
func rowsBatch(t *testing.T, cols []connectors.Column, rows ...[]any) *vec.Batch {
	t.Helper()
	b := batchOf(cols)
	for _, r := range rows {
		for c, x := range r {
			if err := b.Cols[c].AppendValue(x); err != nil {
				t.Fatal(err)
			}
		}
		b.SetLen(b.Len() + 1)
	}
	return b
}

// listing gives the files below dir with their contents.
func listing(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		rel, relErr := filepath.Rel(dir, path)
		out[rel] = string(data)
		return errors.Join(err, relErr)
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func visible(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := listing(t, dir)
	for name := range out {
		if strings.HasPrefix(filepath.Base(name), ".") {
			delete(out, name)
		}
	}
	return out
}

func prepare(t *testing.T, w connectors.Writer, final bool) [][]byte {
	t.Helper()
	c, err := w.Prepare(final)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestSinkCommits(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	tab := table("", map[string]string{"path": dir})
	s := mustSink(t, tab)
	ctx := context.Background()
	w := openWriter(t, s, tab, connectors.WriteRequest{Subtask: 3})
	b := rowsBatch(t, tab.Columns, []any{int64(1), "a"}, []any{int64(2), nil}, []any{int64(3), "c"})
	b.Sel = []int32{0, 2}
	must(t, w.Write(b))
	if got := visible(t, dir); len(got) != 0 {
		t.Errorf("visible before the commit: %v", got)
	}
	first := prepare(t, w, false)
	must(t, w.Write(rowsBatch(t, tab.Columns, []any{int64(4), "d"})))
	second := prepare(t, w, true)
	must(t, w.Close())
	if got := visible(t, dir); len(first) != 1 || len(second) != 1 || len(got) != 0 {
		t.Fatalf("%d and %d committables, visible: %v", len(first), len(second), got)
	}
	for range 2 { // the second time after a restore
		must(t, s.Commit(ctx, first))
		must(t, s.Commit(ctx, second))
	}
	want := map[string]string{
		"part-job_1-3-0.json": `{"id":1,"name":"a"}` + "\n" + `{"id":3,"name":"c"}` + "\n",
		"part-job_1-3-1.json": `{"id":4,"name":"d"}` + "\n",
	}
	if d := cmp.Diff(want, listing(t, dir)); d != "" {
		t.Error(d)
	}

	// Another run of the same job does not touch the files that are there.
	w = openWriter(t, s, tab, connectors.WriteRequest{Subtask: 3})
	must(t, w.Write(b))
	must(t, s.Commit(ctx, prepare(t, w, true)))
	must(t, w.Close())
	want["part-job_1-3-2.json"] = want["part-job_1-3-0.json"]
	if d := cmp.Diff(want, listing(t, dir)); d != "" {
		t.Error(d)
	}
	must(t, os.Remove(filepath.Join(dir, "part-job_1-3-0.json")))
	if err := s.Commit(ctx, first); err == nil || !strings.Contains(err.Error(), "the file is gone") {
		t.Errorf("committing a file that is gone: %v", err)
	}
	if err := s.Commit(ctx, [][]byte{[]byte(`{"name":"../x"}`)}); err == nil {
		t.Error("a committable outside of the folder was taken")
	}
}

func TestSinkDiscards(t *testing.T) {
	dir := t.TempDir()
	tab := table("", map[string]string{"path": dir})
	s := mustSink(t, tab)
	w := openWriter(t, s, tab, connectors.WriteRequest{})
	must(t, w.Write(rowsBatch(t, tab.Columns, []any{int64(1), "a"})))
	must(t, w.Close())
	if got := listing(t, dir); len(got) != 0 {
		t.Errorf("left behind: %v", got)
	}
}

// TestSinkFailsAtTheEnd has a file that cannot be finished, as on a full disk: nothing of it stays.
func TestSinkFailsAtTheEnd(t *testing.T) {
	for _, form := range []string{"json", "csv"} {
		dir := t.TempDir()
		tab := table("", map[string]string{"path": dir, "format": form})
		w := openWriter(t, mustSink(t, tab), tab, connectors.WriteRequest{})
		must(t, w.Write(rowsBatch(t, tab.Columns, []any{int64(1), "a"})))
		must(t, w.(*writer).open[""].f.Close())
		if _, err := w.Prepare(true); err == nil {
			t.Errorf("%s: no error", form)
		}
		must(t, w.Close())
		if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
			t.Errorf("%s: left: %v, %v", form, left, err)
		}
	}
}

func TestSinkRollsWithoutCheckpoints(t *testing.T) {
	dir := t.TempDir()
	tab := table("", map[string]string{"path": dir, "sink.rolling-policy.file-size": "100 b"})
	s := mustSink(t, tab)
	clock := &testClock{now: time.Unix(0, 0)}
	w := openWriter(t, s, tab, connectors.WriteRequest{Clock: clock, NoCheckpoints: true})
	small := rowsBatch(t, tab.Columns, []any{int64(1), "a"})
	must(t, w.Write(small))
	if c := prepare(t, w, false); len(c) != 0 {
		t.Errorf("a small file was finished: %s", c)
	}
	must(t, w.Write(rowsBatch(t, tab.Columns, []any{int64(2), strings.Repeat("x", 100)})))
	must(t, w.Write(small))
	if c := prepare(t, w, false); len(c) != 1 {
		t.Errorf("committables after the file grew past its size: %s", c)
	}
	clock.now = clock.now.Add(31 * time.Minute)
	if c := prepare(t, w, false); len(c) != 1 {
		t.Errorf("committables after the rollover interval: %s", c)
	}
	must(t, w.Close())
}

func TestSinkPartitions(t *testing.T) {
	dir := t.TempDir()
	day := connectors.Column{Name: "day", Type: types.New(types.Date)}
	key := connectors.Column{Name: "k", Type: types.String()}
	tab := table("", map[string]string{"path": dir, "sink.partition-commit.policy.kind": "success-file"}, day, key)
	tab.PartitionedBy = []string{"k", "day"}
	s := mustSink(t, tab)
	w := openWriter(t, s, tab, connectors.WriteRequest{})
	b := rowsBatch(t, tab.Columns,
		[]any{int64(1), "a", int64(0), "x/y"}, []any{int64(2), "b", nil, ""}, []any{int64(3), "c", int64(0), "x/y"}, []any{int64(4), "d", int64(1), nil})
	must(t, w.Write(b))
	must(t, s.Commit(context.Background(), prepare(t, w, true)))
	must(t, w.Close())
	row := func(id, name string) string { return `{"id":` + id + `,"name":"` + name + `"}` + "\n" }
	want := map[string]string{
		"k=x%2Fy/day=1970-01-01/part-job_1-0-0.json":                                      row("1", "a") + row("3", "c"),
		"k=x%2Fy/day=1970-01-01/_SUCCESS":                                                 "",
		"k=__HIVE_DEFAULT_PARTITION__/day=__HIVE_DEFAULT_PARTITION__/part-job_1-0-0.json": row("2", "b"),
		"k=__HIVE_DEFAULT_PARTITION__/day=__HIVE_DEFAULT_PARTITION__/_SUCCESS":            "",
		"k=__HIVE_DEFAULT_PARTITION__/day=1970-01-02/part-job_1-0-0.json":                 row("4", "d"),
		"k=__HIVE_DEFAULT_PARTITION__/day=1970-01-02/_SUCCESS":                            "",
	}
	if d := cmp.Diff(want, listing(t, dir)); d != "" {
		t.Error(d)
	}
	got := readAll(t, mustSource(t, tab, nil), tab.Columns)
	sort.Strings(got)
	if d := cmp.Diff([]string{"1,a,0,x/y", "2,b,<nil>,<nil>", "3,c,0,x/y", "4,d,1,<nil>"}, got); d != "" {
		t.Errorf("read back: %s", d)
	}
}

func TestSinkManyPartitions(t *testing.T) {
	dir := t.TempDir()
	tab := table("", map[string]string{"path": dir})
	tab.PartitionedBy = []string{"id"}
	s := mustSink(t, tab)
	w := openWriter(t, s, tab, connectors.WriteRequest{NoCheckpoints: true})
	const n = maxOpen + 20
	var rows [][]any
	for i := range n {
		rows = append(rows, []any{int64(i), "x"})
	}
	must(t, w.Write(rowsBatch(t, tab.Columns, rows...)))
	must(t, w.Write(rowsBatch(t, tab.Columns, rows...)))
	must(t, s.Commit(context.Background(), prepare(t, w, true)))
	must(t, w.Close())
	if got := readAll(t, mustSource(t, tab, nil), tab.Columns); len(got) != 2*n {
		t.Errorf("%d rows, want %d", len(got), 2*n)
	}
}

func TestSinkCompression(t *testing.T) {
	for _, how := range []string{"gzip", "zstd"} {
		dir := t.TempDir()
		tab := table("", map[string]string{"path": dir, "sink.compression": how})
		s := mustSink(t, tab)
		w := openWriter(t, s, tab, connectors.WriteRequest{})
		must(t, w.Write(rowsBatch(t, tab.Columns, []any{int64(1), "a"}, []any{int64(2), "b"})))
		must(t, s.Commit(context.Background(), prepare(t, w, true)))
		must(t, w.Close())
		if d := cmp.Diff([]string{"1,a", "2,b"}, readAll(t, mustSource(t, tab, nil), tab.Columns)); d != "" {
			t.Errorf("%s: %s", how, d)
		}
	}
}

// TestSinkLeftovers checks that the unfinished file of a dead process is removed, and that
// of a live one is not.
func TestSinkLeftovers(t *testing.T) {
	dir := t.TempDir()
	tab := table("", map[string]string{"path": dir})
	tab.PartitionedBy = []string{"id"}
	live := openWriter(t, mustSink(t, tab), tab, connectors.WriteRequest{})
	must(t, live.Write(rowsBatch(t, tab.Columns, []any{int64(1), "a"})))
	dead := write(t, filepath.Join(dir, "id=1/.part-old-0-0.json.inprogress"), row(9))
	kept := write(t, filepath.Join(dir, "id=1/.part-old-0-0.json.pending"), row(9))
	other := openWriter(t, mustSink(t, tab), tab, connectors.WriteRequest{Subtask: 1})
	if _, err := os.Stat(dead); !errors.Is(err, fs.ErrNotExist) {
		t.Skip("files cannot be locked here")
	}
	if _, err := os.Stat(kept); err != nil {
		t.Error("a pending file was removed")
	}
	committables := prepare(t, live, true)
	must(t, mustSink(t, tab).Commit(context.Background(), committables))
	must(t, live.Close())
	must(t, other.Close())
	if got := visible(t, dir); len(got) != 1 {
		t.Errorf("visible: %v", got)
	}
}

func TestSinkFaults(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "file"), "")
	for _, c := range []struct {
		options map[string]string
		by      string
		want    string
	}{
		{map[string]string{"path": "-"}, "", "can be read, not written"},
		{map[string]string{"path": "x", "sink.compression": "lz4"}, "", "there is no compression 'lz4'"},
		{map[string]string{"path": "x", "auto-compaction": "true"}, "", "not supported yet: 'auto-compaction' = 'true'"},
		{map[string]string{"path": "x", "sink.partition-commit.trigger": "partition-time"}, "", "not supported yet"},
		{map[string]string{"path": "x", "sink.partition-commit.policy.kind": "metastore,success-file"}, "", "policy 'metastore'"},
		{map[string]string{"path": "x", "sink.rolling-policy.file-size": "0"}, "", "must be more than zero"},
		{map[string]string{"path": "x"}, "nope", "PARTITIONED BY 'nope', but has no such column"},
		{map[string]string{"path": "x"}, "list", "which a path cannot hold"},
		{map[string]string{"path": "x", "format": "xml"}, "", "there is no format 'xml'"},
		{map[string]string{"path": filepath.Join(dir, "file")}, "", "is a file (a table that is written is a folder"},
	} {
		tab := table("", c.options, connectors.Column{Name: "list", Type: types.ArrayOf(types.String())})
		if c.by != "" {
			tab.PartitionedBy = []string{c.by}
		}
		s, err := newSink(tab, formats())
		if err == nil {
			_, err = s.Open(context.Background(), connectors.WriteRequest{Columns: tab.Columns})
		}
		var e *diag.Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: error %v, want %s", c.options, err, c.want)
		}
	}
}

// TestSinkNamesTheFaultyField checks the error of a row that the format cannot express.
func TestSinkNamesTheFaultyField(t *testing.T) {
	tab := table("", map[string]string{"path": t.TempDir()}, connectors.Column{Name: "m", Type: types.MapOf(types.String(), types.String())})
	w := openWriter(t, mustSink(t, tab), tab, connectors.WriteRequest{})
	err := w.Write(rowsBatch(t, tab.Columns, []any{int64(1), "a", []vec.Entry{{Key: nil, Value: "x"}}}))
	var e *format.RecordError
	if !errors.As(err, &e) || e.Field != "m" || !strings.Contains(err.Error(), "map-null-key.mode") {
		t.Errorf("error %v", err)
	}
	must(t, w.Close())
}

func TestPartitionTextsInPaths(t *testing.T) {
	for _, s := range []string{"x", "a/b", "100%", "%41", "k=v", "a b", "grün", "..", "\x01\x7f", "\"'*#"} {
		if got := unescape(escape(s)); got != s {
			t.Errorf("%q became %q and then %q", s, escape(s), got)
		}
		if strings.ContainsAny(escape(s), "/\\:") {
			t.Errorf("%q became %q, which is more than one segment", s, escape(s))
		}
		if v, ok := partitionValue("/root/k="+escape(s)+"/file", "k"); !ok || v != s {
			t.Errorf("%q was read back as %q", s, v)
		}
	}
}
