package stream

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/connectors/format/json"
	"github.com/weirstream/weir/connectors/format/raw"
	"github.com/weirstream/weir/connectors/shardlog"
	"github.com/weirstream/weir/connectors/shardlog/kpl"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

var formats = format.List{raw.Format(), json.Format()}

type wallClock struct{}

func (wallClock) Now() time.Time                         { return time.Now() }
func (wallClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

var line = []connectors.Column{{Name: "line", Type: types.String()}}

// open makes the source of a table of lines with the options.
func open(t testing.TB, logs *Logs, dir string, options map[string]string) *source {
	t.Helper()
	with := map[string]string{"path": dir, "stream": "s", "format": "raw"}
	for k, v := range options {
		with[k] = v
	}
	src, err := ShardLog(formats, logs).Source(&connectors.Table{Columns: line, Options: connectors.NewOptions(with, nil)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := src.(io.Closer).Close(); err != nil {
			t.Error(err)
		}
	})
	return src.(*source)
}

// stream makes the stream 's'.
func newStream(t testing.TB, logs *Logs, dir string, shards int) *shardlog.Stream {
	t.Helper()
	log, release, err := logs.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := release(); err != nil {
			t.Error(err)
		}
	})
	st, err := find(log, shardlog.Spec{Name: "s", Shards: shards}, true)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func put(t testing.TB, st *shardlog.Stream, data ...string) {
	t.Helper()
	for _, d := range data {
		if _, err := st.Append(t.Context(), []shardlog.Put{{Key: "k", Data: []byte(d)}}); err != nil {
			t.Fatal(err)
		}
	}
}

// shardReader opens the first shard.
func shardReader(t testing.TB, s *source, position []byte, restored bool, wake func()) connectors.Reader {
	t.Helper()
	splits, err := s.Splits(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Open(t.Context(), connectors.ReadRequest{Split: splits[0], Columns: line, Position: position, Restored: restored, Wake: wake, Clock: wallClock{}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// readAll reads rows until there are none, limit at a time, and gives them with the position behind each read.
func readAll(t testing.TB, r connectors.Reader, limit, reads int) (rows []string, err error) {
	t.Helper()
	b := vec.NewBatch(vec.Schema{{Name: "line", Type: types.String()}})
	for ; reads != 0; reads-- {
		b.Reset()
		if err = r.Read(b, limit); err != nil {
			return rows, err
		}
		b.Each(func(row int) { rows = append(rows, string(b.Cols[0].Bytes(row))) })
	}
	return rows, nil
}

// A reader that goes on from the position behind any read gives exactly the rows that are left.
func TestPositionsResume(t *testing.T) {
	logs, dir := &Logs{}, t.TempDir()
	st := newStream(t, logs, dir, 1)
	var list []kpl.Record
	for i := range 5 {
		list = append(list, kpl.Record{Key: "k", Data: fmt.Appendf(nil, "part %d", i)})
	}
	put(t, st, "first", string(kpl.Aggregate(list)), "third", string(kpl.Aggregate(list[:1])), "last")
	options := map[string]string{"scan.bounded.mode": "latest"}
	whole, err := readAll(t, shardReader(t, open(t, logs, dir, options), nil, false, nil), 100, -1)
	if len(whole) != 9 || !errors.Is(err, io.EOF) {
		t.Fatalf("got %q, %v", whole, err)
	}
	for limit := 1; limit <= 4; limit++ {
		for reads := 0; reads*limit <= len(whole); reads++ {
			s := open(t, logs, dir, options)
			r := shardReader(t, s, nil, false, nil)
			before, err := readAll(t, r, limit, reads)
			if err != nil {
				t.Fatal(err)
			}
			position := r.Position()
			rest, err := readAll(t, shardReader(t, open(t, logs, dir, options), position, true, nil), limit, -1)
			if got := append(before, rest...); !slices.Equal(got, whole) || !errors.Is(err, io.EOF) {
				t.Fatalf("%d reads of %d, then from %q: got %q, %v", reads, limit, position, got, err)
			}
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// The position of a reader that has read nothing is a definite place, also where it began at LATEST.
func TestPositionBeforeTheFirstRow(t *testing.T) {
	logs, dir := &Logs{}, t.TempDir()
	st := newStream(t, logs, dir, 1)
	put(t, st, "old")
	options := map[string]string{"source.init.position": "LATEST"}
	s := open(t, logs, dir, options)
	r := shardReader(t, s, nil, false, nil)
	position := r.Position()
	put(t, st, "new")
	s = open(t, logs, dir, options)
	got, err := readAll(t, shardReader(t, s, position, true, nil), 10, 1)
	if err != nil || !slices.Equal(got, []string{"new"}) {
		t.Errorf("got %q, %v", got, err)
	}
	// A shard that the checkpoint does not know came after it.
	s = open(t, logs, dir, options)
	got, err = readAll(t, shardReader(t, s, nil, true, nil), 10, 1)
	if err != nil || !slices.Equal(got, []string{"old", "new"}) {
		t.Errorf("got %q, %v", got, err)
	}
}

// A bounded read that is restored ends where it was to end when it began.
func TestBoundSurvivesARestore(t *testing.T) {
	logs, dir := &Logs{}, t.TempDir()
	st := newStream(t, logs, dir, 1)
	put(t, st, "one", "two")
	options := map[string]string{"scan.bounded.mode": "latest"}
	r := shardReader(t, open(t, logs, dir, options), nil, false, nil)
	if _, err := readAll(t, r, 1, 1); err != nil {
		t.Fatal(err)
	}
	put(t, st, "three")
	got, err := readAll(t, shardReader(t, open(t, logs, dir, options), r.Position(), true, nil), 10, -1)
	if !slices.Equal(got, []string{"two"}) || !errors.Is(err, io.EOF) {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestWaitingReaderIsWoken(t *testing.T) {
	logs, dir := &Logs{}, t.TempDir()
	st := newStream(t, logs, dir, 1)
	woken := make(chan struct{}, 16)
	s := open(t, logs, dir, nil)
	r := shardReader(t, s, nil, false, func() { woken <- struct{}{} })
	for i := range 3 {
		if got, err := readAll(t, r, 10, -1); !errors.Is(err, connectors.ErrNoData) || len(got) != 0 {
			t.Fatalf("got %q, %v", got, err)
		}
		put(t, st, fmt.Sprint(i))
		<-woken
		if got, err := readAll(t, r, 10, 1); err != nil || !slices.Equal(got, []string{fmt.Sprint(i)}) {
			t.Fatalf("got %q, %v", got, err)
		}
	}
	// The end of a shard is told once its children are known.
	if _, err := readAll(t, r, 10, -1); !errors.Is(err, connectors.ErrNoData) {
		t.Fatal(err)
	}
	if err := st.Scale(2); err != nil {
		t.Fatal(err)
	}
	<-woken
	if _, err := readAll(t, r, 10, -1); !errors.Is(err, connectors.ErrNoData) {
		t.Fatalf("the end came before the children: %v", err)
	}
	splits, err := s.Splits(t.Context())
	if err != nil || len(splits) != 3 || !slices.Equal(splits[1].After, []string{splits[0].ID}) {
		t.Fatalf("got %v, %v", splits, err)
	}
	<-woken
	if _, err := readAll(t, r, 10, -1); !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

func TestPositionText(t *testing.T) {
	for _, s := range []string{"oldest", "newest", "since 1700000000000", "after 4968048", "at 4968048 3", "after 49 until 17"} {
		if p, err := parsePosition(s); err != nil || p.String() != s {
			t.Errorf("%q: got %q, %v", s, p, err)
		}
	}
	for _, s := range []string{"", "here", "after", "after x", "after 1 2", "at 1", "at 1 x", "at 1 -1", "since", "since x", "until 3", "oldest until 0", "oldest 1"} {
		if p, err := parsePosition(s); err == nil {
			t.Errorf("%q: got %q", s, p)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	logs, dir := &Logs{}, b.TempDir()
	st := newStream(b, logs, dir, 1)
	const n = 100_000
	for range n / 1000 {
		puts := make([]shardlog.Put, 1000)
		for i := range puts {
			puts[i] = shardlog.Put{Key: "k", Data: make([]byte, 200)}
		}
		if _, err := st.Append(b.Context(), puts); err != nil {
			b.Fatal(err)
		}
	}
	s := open(b, logs, dir, map[string]string{"scan.bounded.mode": "latest"})
	batch := vec.NewBatch(vec.Schema{{Name: "line", Type: types.String()}})
	b.ReportAllocs()
	for b.Loop() {
		r := shardReader(b, s, nil, false, nil)
		rows := 0
		for {
			batch.Reset()
			if err := r.Read(batch, vec.DefaultBatchSize); err == io.EOF {
				break
			} else if err != nil {
				b.Fatal(err)
			}
			rows += batch.Len()
		}
		if rows != n {
			b.Fatalf("%d rows", rows)
		}
	}
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "rows/s")
}

// A position inside an aggregate that retention has removed meanwhile skips nothing of the record behind it.
func TestAggregateThatIsGone(t *testing.T) {
	users := make([]kpl.Record, 5)
	for _, c := range []struct {
		at   string
		want int
	}{{"7", 3}, {"8", 0}} {
		r := &reader{skip: position{where: inside, seq: sequence{text: "7"}, used: 3}, users: users}
		if got := r.readBefore(&record{seq: sequence{text: c.at}}); got != c.want {
			t.Errorf("the first record is %s: %d user records are skipped, want %d", c.at, got, c.want)
		}
		if got := r.readBefore(&record{seq: sequence{text: "7"}}); got != 0 {
			t.Errorf("a later record: %d user records are skipped", got)
		}
	}
}
