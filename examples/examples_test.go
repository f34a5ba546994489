// Package examples holds the tests of the examples: each is run, and its result compared with
// one computed in plain Go.
package examples

import (
	"bufio"
	"encoding/json"
	"fmt"
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

func TestFraud(t *testing.T) {
	out := t.TempDir()
	env, err := weir.NewEnv(
		weir.WithSetting("table.local-time-zone", "UTC"),
		weir.WithTableOptions("alerts", map[string]string{"connector": "filesystem", "path": out, "format": "json"}),
	)
	if err != nil {
		t.Fatal(err)
	}
	runScript(t, env, "fraud/fraud.sql")
	type alert struct {
		Card, Rule   string
		WindowStart  string `json:"window_start"`
		Transactions int64
		Countries    int
	}
	var got []string
	for _, a := range readJSON[alert](t, out) {
		got = append(got, fmt.Sprint(a.WindowStart, " ", a.Card, " ", a.Rule, " ", a.Transactions, " ", a.Countries))
	}
	slices.Sort(got)

	res, err := env.ExecuteSQL(t.Context(), "SELECT card, amount, country, ts FROM transactions")
	if err != nil {
		t.Fatal(err)
	}
	type key struct {
		minute time.Time
		card   string
	}
	minutes := map[key]*tally{}
	for row, err := range res.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		k := key{row.Values[3].(time.Time).Truncate(time.Minute), row.Values[0].(string)}
		if minutes[k] == nil {
			minutes[k] = &tally{countries: map[string]bool{}}
		}
		a, cents := minutes[k], int64(row.Values[1].(weir.Decimal).Unscaled.Lo)
		a.transactions++
		a.total += cents
		a.largest = max(a.largest, cents)
		a.countries[row.Values[2].(string)] = true
	}
	var want []string
	for k, a := range minutes {
		if rule := a.rule(); rule != "" {
			want = append(want, fmt.Sprint(k.minute.Format("2006-01-02 15:04:05"), " ", k.card, " ", rule, " ", a.transactions, " ", len(a.countries)))
		}
	}
	slices.Sort(want)
	if len(want) < 100 {
		t.Errorf("only %d alerts: the rules do not bite", len(want))
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
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
