package filesystem

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/connectors/format/csv"
	"github.com/weirstream/weir/connectors/format/json"
	"github.com/weirstream/weir/connectors/format/raw"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

func formats() format.List { return format.List{json.Format(), csv.Format(), raw.Format()} }

// table makes a table of id BIGINT, name STRING and more columns.
func table(dir string, options map[string]string, more ...connectors.Column) *connectors.Table {
	if options["format"] == "" {
		options["format"] = "json"
	}
	return &connectors.Table{
		Name: "t", BaseDir: dir, Options: connectors.NewOptions(options, nil),
		Columns: append([]connectors.Column{
			{Name: "id", Type: types.New(types.BigInt)}, {Name: "name", Type: types.String()},
		}, more...),
	}
}

func mustSource(t *testing.T, tab *connectors.Table, stdin io.Reader) *source {
	t.Helper()
	s, err := newSource(tab, formats(), stdin)
	if err != nil {
		t.Fatal(err)
	}
	return s.(*source)
}

func batchOf(cols []connectors.Column) *vec.Batch {
	s := make(vec.Schema, len(cols))
	for i, c := range cols {
		s[i] = vec.Field{Name: c.Name, Type: c.Type}
	}
	return vec.NewBatch(s)
}

// readSplit reads a split from a position, stops after stop rows (-1: at the end) and
// gives the rows as text, and the position reached.
func readSplit(t *testing.T, s connectors.Source, req connectors.ReadRequest, limit, stop int) ([]string, []byte, error) {
	t.Helper()
	wake := make(chan struct{}, 1)
	req.Wake = func() {
		select {
		case wake <- struct{}{}:
		default:
		}
	}
	r, err := s.Open(context.Background(), req)
	if err != nil {
		return nil, nil, err
	}
	defer func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}()
	var rows []string
	b := batchOf(req.Columns)
	for stop < 0 || len(rows) < stop {
		b.Reset()
		err := r.Read(b, limit)
		if err == connectors.ErrNoData {
			<-wake
			continue
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return rows, r.Position(), err
		}
		for i := range b.Len() {
			var row []string
			for _, c := range b.Cols {
				row = append(row, fmt.Sprint(c.Value(i)))
			}
			rows = append(rows, strings.Join(row, ","))
		}
	}
	return rows, r.Position(), nil
}

func readAll(t *testing.T, s connectors.Source, cols []connectors.Column) []string {
	t.Helper()
	splits, err := s.Splits(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, sp := range splits {
		got, _, err := readSplit(t, s, connectors.ReadRequest{Split: sp, Columns: cols}, 3, -1)
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, got...)
	}
	return rows
}

func write(t *testing.T, path, data string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func row(id int) string { return fmt.Sprintf(`{"id":%d,"name":"n%d"}`+"\n", id, id) }

func TestPaths(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.json"), row(1))
	write(t, filepath.Join(dir, "sub/b.json"), row(2))
	write(t, filepath.Join(dir, "sub/c.txt"), row(3))
	write(t, filepath.Join(dir, ".hidden.json"), row(8))
	write(t, filepath.Join(dir, "_SUCCESS"), "")
	write(t, filepath.Join(dir, "_tmp/d.json"), row(9))
	write(t, filepath.Join(dir, "empty.json"), "")
	for _, c := range []struct {
		path, regex string
		want        []string
	}{
		{".", "", []string{"1,n1", "2,n2", "3,n3"}},
		{dir, "", []string{"1,n1", "2,n2", "3,n3"}},
		{"file://" + dir, "", []string{"1,n1", "2,n2", "3,n3"}},
		{"a.json", "", []string{"1,n1"}},
		{".hidden.json", "", []string{"8,n8"}},
		{"*.json", "", []string{"1,n1"}},
		{"*/*.json", "", []string{"2,n2"}},
		{"s*", "", []string{"2,n2", "3,n3"}},
		{".", `.*/sub/(?!c).*`, []string{"2,n2"}},
	} {
		options := map[string]string{"path": c.path}
		if c.regex != "" {
			options["source.path.regex-pattern"] = c.regex
		}
		tab := table(dir, options)
		if d := cmp.Diff(c.want, readAll(t, mustSource(t, tab, nil), tab.Columns)); d != "" {
			t.Errorf("path %s, regex %s: %s", c.path, c.regex, d)
		}
	}
}

func TestPathFaults(t *testing.T) {
	dir := t.TempDir()
	for path, want := range map[string]string{
		"missing.json":    "there is no file or folder '" + dir + "/missing.json' (relative paths start at '" + dir + "')",
		"*.json":          "no file matches",
		"s3://bucket/x":   "the scheme 's3:' is not one",
		"file://host/x":   "names the host 'host'",
		"":                "option 'path': is required",
		"/nowhere/at/all": "there is no file or folder '/nowhere/at/all'",
	} {
		s, err := newSource(table(dir, map[string]string{"path": path}), formats(), nil)
		if err == nil {
			_, err = s.Splits(context.Background())
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("path %q: error %v, want %s", path, err, want)
		}
	}
}

func TestCompressedFiles(t *testing.T) {
	dir := t.TempDir()
	var want []string
	var plain bytes.Buffer
	for i := range 10000 {
		plain.WriteString(row(i))
		want = append(want, fmt.Sprintf("%d,n%d", i, i))
	}
	var gz, zst bytes.Buffer
	zw := gzip.NewWriter(&gz)
	if _, err := zw.Write(plain.Bytes()); err != nil {
		t.Fatal(err)
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	ew, err := zstd.NewWriter(&zst)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ew.Write(plain.Bytes()); err != nil {
		t.Fatal(err)
	}
	if err := ew.Close(); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{"x.json.gz": gz.String(), "x.json.zst": zst.String()} {
		write(t, filepath.Join(dir, name), data)
		tab := table(dir, map[string]string{"path": name})
		s := mustSource(t, tab, nil)
		if d := cmp.Diff(want, readAll(t, s, tab.Columns)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		resume(t, s, tab.Columns, want)

		write(t, filepath.Join(dir, name), data[:len(data)/2])
		splits, err := s.Splits(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for data, want := range map[string]string{
			data[:len(data)/2]:        "data end in the middle",
			data[:len(data)-2]:        "data end in the middle",
			"{\"id\":1,\"n\":\"\"}\n": "is no sound ",
		} {
			write(t, filepath.Join(dir, name), data)
			_, _, err := readSplit(t, s, connectors.ReadRequest{Split: splits[0], Columns: tab.Columns}, 100, -1)
			if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), name) {
				t.Errorf("%s: error %v, want %s", name, err, want)
			}
		}
	}
}

// resume stops a table's only split here and there and goes on from the position.
func resume(t *testing.T, s connectors.Source, cols []connectors.Column, want []string) {
	t.Helper()
	splits, err := s.Splits(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, stop := range []int{0, 1, 7, len(want) / 2, len(want)} {
		head, pos, err := readSplit(t, s, connectors.ReadRequest{Split: splits[0], Columns: cols}, 7, stop)
		if err != nil {
			t.Fatal(err)
		}
		tail, _, err := readSplit(t, s, connectors.ReadRequest{Split: splits[0], Columns: cols, Position: pos}, 1000, -1)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, append(head, tail...)); d != "" {
			t.Errorf("stopped after %d rows: %s", stop, d)
		}
	}
}

func TestResumePlainFile(t *testing.T) {
	dir := t.TempDir()
	var data strings.Builder
	var want []string
	for i := range 1000 {
		data.WriteString(row(i))
		want = append(want, fmt.Sprintf("%d,n%d", i, i))
	}
	write(t, filepath.Join(dir, "x.json"), strings.TrimSuffix(data.String(), "\n"))
	tab := table(dir, map[string]string{"path": "x.json"})
	resume(t, mustSource(t, tab, nil), tab.Columns, want)
}

// TestRanges reads one file divided at every possible place: the parts together must give
// each row once.
func TestRanges(t *testing.T) {
	dir := t.TempDir()
	data := row(1) + "\n" + row(22) + row(333) + "\n\n" + `{"id":4}` + "\r\n" + `{"id":5,"name":"` + strings.Repeat("x", 40) + `"}`
	path := write(t, filepath.Join(dir, "x.json"), data)
	tab := table(dir, map[string]string{"path": "x.json"})
	s := mustSource(t, tab, nil)
	want := readAll(t, s, tab.Columns)
	if len(want) != 5 {
		t.Fatalf("rows: %q", want)
	}
	for size := 1; size <= len(data)+1; size++ {
		var got []string
		for from := 0; from < len(data); from += size {
			p := part{file{path: path, size: int64(len(data))}, int64(from), int64(from + size)}
			if from+size >= len(data) {
				p.to = -1
			}
			rows, _, err := readSplit(t, s, connectors.ReadRequest{Split: split(p, ""), Columns: tab.Columns}, 2, -1)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, rows...)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("parts of %d bytes: %s", size, d)
		}
	}
}

func TestLargeFileIsDivided(t *testing.T) {
	dir := t.TempDir()
	line := `{"id":1,"name":"` + strings.Repeat("x", 1000) + `"}` + "\n"
	n := 3*rangeSize/len(line) - 10
	write(t, filepath.Join(dir, "x.json"), strings.Repeat(line, n))
	tab := table(dir, map[string]string{"path": "x.json"})
	s := mustSource(t, tab, nil)
	splits, err := s.Splits(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if len(splits) != 3 || splits[0].ID != filepath.Join(dir, "x.json") {
		t.Errorf("splits: %v", splits)
	}
	rows := 0
	for _, sp := range splits {
		got, _, err := readSplit(t, s, connectors.ReadRequest{Split: sp, Columns: tab.Columns[:1]}, 4096, -1)
		if err != nil {
			t.Fatal(err)
		}
		rows += len(got)
	}
	if rows != n {
		t.Errorf("%d rows, want %d", rows, n)
	}
	tab.RowWatermarks = true
	if splits, _ = mustSource(t, tab, nil).Splits(context.Background()); len(splits) != 1 {
		t.Errorf("with a watermark after every row the file was divided: %v", splits)
	}
}

func TestPartitionsAndMetadata(t *testing.T) {
	dir := t.TempDir()
	path := write(t, filepath.Join(dir, "day=2024-05-06/k=a%2Fb/x.json"), row(1)+row(2))
	write(t, filepath.Join(dir, "day=__HIVE_DEFAULT_PARTITION__/k=c/y.json"), row(3))
	cols := []connectors.Column{
		{Name: "day", Type: types.New(types.Date)},
		{Name: "k", Type: types.String()},
		{Name: "p", Type: types.String().WithoutNull(), Metadata: "file.path"},
		{Name: "n", Type: types.String().WithoutNull(), Metadata: "file.name"},
		{Name: "s", Type: types.New(types.BigInt).WithoutNull(), Metadata: "file.size"},
		{Name: "m", Type: types.TimestampLTZOf(3).WithoutNull(), Metadata: "file.modification-time"},
	}
	tab := table(dir, map[string]string{"path": "."}, cols...)
	tab.PartitionedBy = []string{"day", "k"}
	s := mustSource(t, tab, nil)
	got := readAll(t, s, []connectors.Column{cols[0], tab.Columns[0], cols[1]})
	if d := cmp.Diff([]string{"19849,1,a/b", "19849,2,a/b", "<nil>,3,c"}, got); d != "" {
		t.Error(d)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	got = readAll(t, s, cols[2:]) // no column of the payload at all
	if want := fmt.Sprintf("%s,x.json,%d,%d", path, info.Size(), info.ModTime().UnixMilli()); len(got) != 3 || got[1] != want {
		t.Errorf("got %q, want second %s", got, want)
	}
	write(t, filepath.Join(dir, "z.json"), row(3))
	splits, err := s.Splits(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := readSplit(t, s, connectors.ReadRequest{Split: splits[2], Columns: cols[:1]}, 1, -1); err == nil || !strings.Contains(err.Error(), "no folder 'day=") {
		t.Errorf("error %v", err)
	}
}

func TestFaultsHaveAPlace(t *testing.T) {
	dir := t.TempDir()
	path := write(t, filepath.Join(dir, "x.json"), row(1)+"\n"+row(2)+`{"id":3,"name":"é","x":[1,]}`+"\n"+row(4))
	tab := table(dir, map[string]string{"path": "x.json"})
	s := mustSource(t, tab, nil)
	splits, err := s.Splits(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	rows, pos, err := readSplit(t, s, connectors.ReadRequest{Split: splits[0], Columns: tab.Columns}, 100, -1)
	want := path + ":4:27: the record is not valid JSON: a value is expected, found ']}' (set 'json.ignore-parse-errors' = 'true' to skip such records)"
	if err == nil || err.Error() != want || len(rows) != 2 {
		t.Errorf("%d rows, error %v", len(rows), err)
	}
	// The same from the position, from standard input, and as a rejected record.
	if _, _, err = readSplit(t, s, connectors.ReadRequest{Split: splits[0], Columns: tab.Columns, Position: pos}, 100, -1); err == nil || err.Error() != want {
		t.Errorf("resumed: %v", err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	in := table(dir, map[string]string{"path": "-", "json.ignore-parse-errors": "true"})
	s = mustSource(t, in, bytes.NewReader(data))
	splits, err = s.Splits(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var places []string
	rows, _, err = readSplit(t, s, connectors.ReadRequest{Split: splits[0], Columns: in.Columns, Rejected: func(place string, _ []byte, _ error) {
		places = append(places, place)
	}}, 100, -1)
	if d := cmp.Diff([]string{"stdin:4:27"}, places); d != "" || err != nil || len(rows) != 3 {
		t.Errorf("%d rows, error %v, places: %s", len(rows), err, d)
	}
}

func TestLongRecords(t *testing.T) {
	dir := t.TempDir()
	tab := table(dir, map[string]string{"path": "x.json"})
	long := func(n int) string { return `{"id":1,"name":"` + strings.Repeat("x", n) + `"}` + "\n" }
	write(t, filepath.Join(dir, "x.json"), row(1)+long(3<<20)+row(2))
	if rows := readAll(t, mustSource(t, tab, nil), tab.Columns[:1]); len(rows) != 3 {
		t.Errorf("rows: %q", rows)
	}
	write(t, filepath.Join(dir, "x.json"), row(1)+long(maxRecord)+row(2))
	tab.RowWatermarks = true
	s := mustSource(t, tab, nil)
	splits, err := s.Splits(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = readSplit(t, s, connectors.ReadRequest{Split: splits[0], Columns: tab.Columns[:1]}, 3, -1)
	if err == nil || !strings.Contains(err.Error(), "x.json:2:1: the record is longer than 16 MiB (longer ones cannot be read") {
		t.Errorf("error %v", err)
	}
}

func TestMonitor(t *testing.T) {
	dir := t.TempDir()
	tab := table(dir, map[string]string{"path": ".", "source.monitor-interval": "1 s"})
	s := mustSource(t, tab, nil)
	if s.Bounded() || s.DiscoverEvery() == 0 {
		t.Error("a monitored folder is bounded")
	}
	for i := range 3 {
		splits, err := s.Splits(context.Background())
		if err != nil || len(splits) != i {
			t.Fatalf("%d splits, error %v, want %d", len(splits), err, i)
		}
		write(t, filepath.Join(dir, fmt.Sprint(i, ".json")), row(i))
	}
}

func TestHeaders(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.csv"), "id,name\n1,x\n")
	write(t, filepath.Join(dir, "b.csv"), "id,name")
	write(t, filepath.Join(dir, "c.csv"), "")
	write(t, filepath.Join(dir, "d.csv"), "\n2,y\n3,z")
	tab := table(dir, map[string]string{"path": ".", "format": "csv", "csv.ignore-first-line": "true"})
	s := mustSource(t, tab, nil)
	want := []string{"1,x", "2,y", "3,z"}
	if d := cmp.Diff(want, readAll(t, s, tab.Columns)); d != "" {
		t.Error(d)
	}
	splits, err := s.Splits(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	head, pos, err := readSplit(t, s, connectors.ReadRequest{Split: splits[3], Columns: tab.Columns}, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	tail, _, err := readSplit(t, s, connectors.ReadRequest{Split: splits[3], Columns: tab.Columns, Position: pos}, 1, -1)
	if d := cmp.Diff(want[1:], append(head, tail...)); d != "" || err != nil {
		t.Errorf("resumed: %v, %s", err, d)
	}
}

// TestOtherFormats reads a csv record over two lines, which forbids ranges, and raw lines.
func TestOtherFormats(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.csv"), "1,\"x\ny\"\n2,z\n")
	tab := table(dir, map[string]string{"path": "a.csv", "format": "csv"})
	s := mustSource(t, tab, nil)
	if d := cmp.Diff([]string{"1,x\ny", "2,z"}, readAll(t, s, tab.Columns)); d != "" || s.decoding.Splittable {
		t.Error(d)
	}
	raw := table(dir, map[string]string{"path": "a.csv", "format": "raw"})
	raw.Columns = raw.Columns[1:]
	s = mustSource(t, raw, nil)
	if d := cmp.Diff([]string{"1,\"x", "y\"", "2,z"}, readAll(t, s, raw.Columns)); d != "" || !s.decoding.Splittable {
		t.Error(d)
	}
}
