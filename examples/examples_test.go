// Package examples holds the tests of the examples: each is run, and its result compared with
// one computed in plain Go.
package examples

import (
	"bufio"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirstream/weir"
)

// runScript runs a file's statements to their end.
func runScript(t *testing.T, env *weir.Env, path string) {
	t.Helper()
	sql, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for res, err := range env.Script(t.Context(), path, string(sql)) {
		if err != nil {
			t.Fatal(err)
		}
		if job := res.Job(); job != nil {
			if err := job.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := job.Metrics().Late(); n != 0 {
				t.Errorf("%d rows were late", n)
			}
		}
	}
}

// readJSON reads all lines of a folder's files.
func readJSON[T any](t *testing.T, dir string) []T {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("nothing was written to %s (%v)", dir, err)
	}
	var out []T
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for lines := bufio.NewScanner(f); lines.Scan(); {
			var x T
			if err := json.Unmarshal(lines.Bytes(), &x); err != nil {
				t.Fatal(err)
			}
			out = append(out, x)
		}
	}
	return out
}

// tally is what a card did in a minute. Amounts are cents.
type tally struct {
	transactions, total, largest int64
	countries                    map[string]bool
}

func (a *tally) rule() string {
	switch n := len(a.countries); {
	case a.largest >= 1000_00:
		return "large amount"
	case a.transactions >= 60:
		return "velocity"
	case n >= 3 && a.transactions <= 4:
		return "countries"
	}
	return ""
}

// The jobs of fraud.sql, run twice in one folder. The second run finds the transactions of the first in the stream, puts
// them there again, and gives the same alerts.
func TestFraud(t *testing.T) {
	dir := t.TempDir()
	for run := 1; run <= 2; run++ {
		out := t.TempDir()
		env, err := weir.NewEnv(
			weir.WithBaseDir(dir),
			weir.WithSetting("table.local-time-zone", "UTC"),
			weir.WithTableOptions("screen", map[string]string{"connector": "filesystem", "path": out, "format": "json"}),
		)
		if err != nil {
			t.Fatal(err)
		}
		runScript(t, env, "fraud/fraud.sql")
		var got []string
		for _, a := range readJSON[alert](t, out) {
			got = append(got, a.String())
		}
		slices.Sort(got)
		want := alerts(t, env, 144_000*run)
		if len(want) < 100 {
			t.Errorf("only %d alerts: the rules do not bite", len(want))
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("run %d: %s", run, d)
		}
		if d := cmp.Diff(want, streamed(t, env, run)); d != "" {
			t.Fatalf("the stream after run %d: %s", run, d)
		}
	}
}

// alert is a row of the table alerts.
type alert struct {
	Card, Rule   string
	WindowStart  string `json:"window_start"`
	Transactions int64
	Countries    int64
}

func (a alert) String() string {
	return fmt.Sprint(a.WindowStart, " ", a.Card, " ", a.Rule, " ", a.Transactions, " ", a.Countries)
}

// streamed reads the stream of alerts, in which each must be as often as the example was run.
func streamed(t *testing.T, env *weir.Env, runs int) []string {
	t.Helper()
	counts := map[string]int{}
	for row := range rows(t, env, "SELECT card, rule, window_start, transactions, countries FROM alerts /*+ OPTIONS('scan.bounded.mode' = 'latest') */") {
		v := row.Values
		counts[alert{v[0].(string), v[1].(string), v[2].(time.Time).Format(time.DateTime), v[3].(int64), v[4].(int64)}.String()]++
	}
	for a, n := range counts {
		if n != runs {
			t.Errorf("%s is %d times in the stream after %d runs", a, n, runs)
		}
	}
	return slices.Sorted(maps.Keys(counts))
}

// rows runs a query to its end.
func rows(t *testing.T, env *weir.Env, query string) iter.Seq[weir.Row] {
	t.Helper()
	res, err := env.ExecuteSQL(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	return func(yield func(weir.Row) bool) {
		for row, err := range res.Rows() {
			if err != nil {
				t.Fatal(err)
			}
			if !yield(row) {
				return
			}
		}
	}
}

// alerts computes what the transactions of the stream should give, each id counted once. There must be n of them.
func alerts(t *testing.T, env *weir.Env, n int) []string {
	t.Helper()
	type key struct {
		minute time.Time
		card   string
	}
	minutes, seen := map[key]*tally{}, map[int64]bool{}
	for row := range rows(t, env, "SELECT id, card, amount, country, ts FROM transactions") {
		n--
		id := row.Values[0].(int64)
		if seen[id] {
			continue
		}
		seen[id] = true
		k := key{row.Values[4].(time.Time).Truncate(time.Minute), row.Values[1].(string)}
		if minutes[k] == nil {
			minutes[k] = &tally{countries: map[string]bool{}}
		}
		a, cents := minutes[k], int64(row.Values[2].(weir.Decimal).Unscaled.Lo)
		a.transactions++
		a.total += cents
		a.largest = max(a.largest, cents)
		a.countries[row.Values[3].(string)] = true
	}
	if n != 0 || len(seen) != 144_000 {
		t.Errorf("%d transactions too few in the stream; %d ids", n, len(seen))
	}
	var want []string
	for k, a := range minutes {
		if rule := a.rule(); rule != "" {
			want = append(want, alert{k.card, rule, k.minute.Format(time.DateTime), a.transactions, int64(len(a.countries))}.String())
		}
	}
	slices.Sort(want)
	return want
}

var logLine = regexp.MustCompile(`^(\S+) \S+ \S+ \[([^ \]]+) [^\]]*\] "[A-Z]+ ([^ ?"]+)[^"]*" (\d{3}) (\d+|-)`)

func TestETL(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "examples"), os.DirFS(".")); err != nil {
		t.Fatal(err)
	}
	env, err := weir.NewEnv(weir.WithBaseDir(dir))
	if err != nil {
		t.Fatal(err)
	}
	runScript(t, env, "etl/etl.sql")
	type count struct {
		Hour     string `json:"hour_start"`
		Status   int
		Path     string
		Requests int64
		Size     *int64
	}
	got := map[string][2]int64{}
	for _, c := range readJSON[count](t, filepath.Join(dir, "out/counts")) {
		size := int64(-1)
		if c.Size != nil {
			size = *c.Size
		}
		got[fmt.Sprint(c.Hour, " ", c.Status, " ", c.Path)] = [2]int64{c.Requests, size}
	}
	want, rejected := countLog(t, "etl/access.log")
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	files, err := filepath.Glob(filepath.Join(dir, "out/rejected/*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("rejected files: %v, %v", files, err)
	}
	body, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(strings.Join(rejected, "\n")+"\n", string(body)); d != "" {
		t.Error(d)
	}
	res, err := env.ExecuteSQL(t.Context(), "SELECT COUNT(*) FROM requests")
	if err != nil {
		t.Fatal(err)
	}
	for row, err := range res.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		if n := row.Values[0].(int64); n != 300 {
			t.Errorf("%d rows in the Parquet files", n)
		}
	}
}

// countLog counts the requests of each hour, status and path, and gives the lines that are none.
func countLog(t *testing.T, path string) (counts map[string][2]int64, rejected []string) {
	t.Helper()
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	counts = map[string][2]int64{}
	for line := range strings.Lines(string(body)) {
		line = strings.TrimSuffix(line, "\n")
		m := logLine.FindStringSubmatch(line)
		if m == nil {
			rejected = append(rejected, line)
			continue
		}
		at, err := time.Parse("02/Jan/2006:15:04:05", m[2])
		if err != nil {
			t.Fatal(err)
		}
		key := at.Truncate(time.Hour).Format("2006-01-02 15:04:05") + " " + m[4] + " " + m[3]
		c, ok := counts[key]
		if !ok {
			c[1] = -1 // no size seen: NULL
		}
		c[0]++
		var size int64
		if _, err := fmt.Sscan(m[5], &size); err == nil {
			c[1] = max(c[1], 0) + size
		}
		counts[key] = c
	}
	return counts, rejected
}
