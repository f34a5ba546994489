package weir

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirstream/weir/sql/diag"
)

func newTestEnv(t *testing.T, opts ...Option) *Env {
	t.Helper()
	e, err := NewEnv(opts...)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func mustRows(t *testing.T, e *Env, sql string) []string {
	t.Helper()
	res, err := e.ExecuteSQL(t.Context(), sql)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for row, err := range res.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, row.String())
	}
	return out
}

func TestValuesOfAllTypes(t *testing.T) {
	e := newTestEnv(t, WithSetting("table.local-time-zone", "UTC"))
	res, err := e.ExecuteSQL(t.Context(), `SELECT TRUE, CAST(7 AS TINYINT), 1.5e0, CAST(-1.50 AS DECIMAL(5, 2)), 'x', X'00FF', DATE '2026-01-02',
		TIME '03:04:05', TIMESTAMP '2026-01-02 03:04:05.060', TO_TIMESTAMP_LTZ(-1, 3), INTERVAL '1' DAY, INTERVAL '2' MONTH, ARRAY[1, 2], CAST(NULL AS INT)`)
	if err != nil {
		t.Fatal(err)
	}
	want := []any{
		true, int64(7), 1.5, "-1.50", "x",
		[]byte{0, 255},
		time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC),
		3*time.Hour + 4*time.Minute + 5*time.Second, time.Date(2026, 1, 2, 3, 4, 5, 60e6, time.UTC), time.UnixMilli(-1).UTC(), 24 * time.Hour, Months(2),
		[]any{int64(1), int64(2)},
		nil,
	}
	for row, err := range res.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		row.Values[3] = row.Values[3].(Decimal).String()
		if d := cmp.Diff(want, row.Values); d != "" {
			t.Error(d)
		}
	}
}

type allFields struct {
	B   bool
	I8  int8
	I16 int16
	I32 int32
	I   int
	F32 float32
	F64 float64
	S   string
	Raw []byte
	T   time.Time
	Dur time.Duration
	Opt *string
	Day time.Time `weir:"stamp,TIMESTAMP(6)"`
	Not string    `weir:"-"`
}

func TestStructsGoInAndComeOut(t *testing.T) {
	some := "here"
	in := []allFields{
		{true, -8, 16, -32, 64, 1.5, -2.5, "a string that is not short", []byte{1, 2}, time.UnixMilli(1700000000123).UTC(), 90 * time.Second, &some, time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC), ""},
		{T: time.UnixMilli(0).UTC(), Day: time.UnixMilli(0).UTC(), Raw: []byte{}},
	}
	e := newTestEnv(t, WithBatchSize(1))
	out := make(chan Change[allFields], len(in))
	if err := FromSlice(e, "src", in); err != nil {
		t.Fatal(err)
	}
	if err := ToChannel(e, "dst", out); err != nil {
		t.Fatal(err)
	}
	res, err := e.ExecuteSQL(t.Context(), "INSERT INTO dst SELECT * FROM src")
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Job().Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, want := range in {
		got := <-out
		if d := cmp.Diff(want, got.Row); d != "" || got.Kind != Insert {
			t.Errorf("%s %s", got.Kind, d)
		}
	}
}

func TestStructsThatAreNoTables(t *testing.T) {
	e := newTestEnv(t)
	for name, err := range map[string]error{
		"no struct": FromSlice(e, "a", []int{1}),
		"no fields": FromSlice(e, "b", []struct{ x int }{}),
		"no type":   FromSlice(e, "c", []struct{ X chan int }{}),
		"other layout": FromSlice(e, "d", []struct {
			X string `weir:"x,INT"`
		}{}),
		"no SQL": FromSlice(e, "e", []allFields{}, WithWatermark("t", "nothing")),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestErrorsShowThePlace(t *testing.T) {
	e := newTestEnv(t)
	_, err := e.ExecuteSQL(t.Context(), "SELECT\n  pric FROM (VALUES (1)) AS t (price)")
	var d *diag.Error
	if !errors.As(err, &d) {
		t.Fatalf("got %v", err)
	}
	if want := "sql:2:3: there is no column 'pric'\n  pric FROM"; !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %q, want it to begin with %q", err, want)
	}
}

func TestQueriesInTheMiddleOfAScript(t *testing.T) {
	e := newTestEnv(t)
	if _, err := e.ExecuteSQL(t.Context(), "SELECT 1; SELECT 2"); err == nil {
		t.Error("ExecuteSQL took two queries")
	}
	var got []string
	for res, err := range e.Script(t.Context(), "test", "SELECT 1; CREATE VIEW v AS SELECT 3 AS x; SELECT x FROM v; SHOW VIEWS") {
		if err != nil {
			t.Fatal(err)
		}
		for row, err := range res.Rows() {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, row.String())
		}
	}
	if d := cmp.Diff([]string{"+I[1]", "+I[3]", "+I[v]"}, got); d != "" {
		t.Error(d)
	}
}

// TestLeavingAQueryStopsIt reads one row of an endless query and leaves: the job ends and no
// goroutine stays.
func TestLeavingAQueryStopsIt(t *testing.T) {
	e := newTestEnv(t, WithParallelism(2))
	before := runtime.NumGoroutine()
	res, err := e.ExecuteSQL(t.Context(), "CREATE TABLE t (x INT) WITH ('connector' = 'datagen', 'rows-per-second' = '0'); SELECT x FROM t")
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range res.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		break
	}
	select {
	case <-res.Job().Done():
	case <-time.After(time.Minute):
		t.Fatal("the job goes on")
	}
	for deadline := time.Now().Add(time.Minute); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines before, %d after", before, runtime.NumGoroutine())
		}
	}
}

// TestTheContextStopsAJob cancels an endless INSERT: it ends without an error.
func TestTheContextStopsAJob(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	e := newTestEnv(t)
	res, err := e.ExecuteSQL(ctx, `CREATE TABLE t (x INT) WITH ('connector' = 'datagen', 'rows-per-second' = '0');
		CREATE TABLE s (x INT) WITH ('connector' = 'blackhole');
		INSERT INTO s SELECT x FROM t`)
	if err != nil {
		t.Fatal(err)
	}
	for m := res.Job().Metrics(); m.RowsRead() == 0; m = res.Job().Metrics() {
		runtime.Gosched()
	}
	cancel()
	if err := res.Job().Wait(context.Background()); err != nil {
		t.Errorf("the stopped job gives %v", err)
	}
}

func TestArrowBatches(t *testing.T) {
	e := newTestEnv(t)
	res, err := e.ExecuteSQL(t.Context(), "SELECT x, 'v' || CAST(x AS STRING) AS s FROM (VALUES (1), (2)) AS t (x)")
	if err != nil {
		t.Fatal(err)
	}
	rows := int64(0)
	for rec, err := range res.Batches() {
		if err != nil {
			t.Fatal(err)
		}
		rows += rec.NumRows()
		if got := rec.Schema().Field(0).Name + rec.Schema().Field(2).Name; got != "ops" {
			t.Errorf("columns %s", rec.Schema())
		}
		rec.Release()
	}
	if rows != 2 {
		t.Errorf("%d rows", rows)
	}
}

func TestSharedInserts(t *testing.T) {
	e := newTestEnv(t)
	a, b := make(chan Change[struct{ X int }], 8), make(chan Change[struct{ X int }], 8)
	if err := errors.Join(
		FromSlice(e, "src", []struct{ X int }{{1}, {2}, {3}}), ToChannel(e, "a", a), ToChannel(e, "b", b),
	); err != nil {
		t.Fatal(err)
	}
	res, err := e.ExecuteSQL(t.Context(), "INSERT INTO a SELECT x FROM src WHERE x > 1; INSERT INTO b SELECT x * 10 FROM src")
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Job().Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(a) != 2 || len(b) != 3 {
		t.Errorf("%d and %d rows", len(a), len(b))
	}
	if n := res.Job().Metrics().RowsRead(); n != 3 {
		t.Errorf("the slice was read more than once: %d rows", n)
	}
	if got := mustRows(t, e, "SELECT COUNT(*) FROM src"); len(got) != 1 || got[0] != "+I[3]" {
		t.Errorf("got %v", got)
	}
}
