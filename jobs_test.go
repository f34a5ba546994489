package weir

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const chained = `
CREATE TABLE a (x INT) WITH ('connector' = 'filesystem', 'path' = 'a', 'format' = 'json');
CREATE TABLE b (x INT) WITH ('connector' = 'filesystem', 'path' = 'b', 'format' = 'json');
CREATE TABLE c (x INT) WITH ('connector' = 'filesystem', 'path' = 'c', 'format' = 'json');
SET 'table.dml-sync' = 'true';
INSERT INTO a VALUES (1), (2), (3);
EXECUTE STATEMENT SET BEGIN INSERT INTO b SELECT x * 10 FROM a WHERE x > 1; INSERT INTO c SELECT x FROM a WHERE x = 1; END;`

// With table.dml-sync each job reads what the one before it has written, and all have ended when the script has.
func TestJobsThatWaitForEachOther(t *testing.T) {
	e := newTestEnv(t, WithBaseDir(t.TempDir()))
	res, err := e.ExecuteSQL(t.Context(), chained)
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-res.Job().Done():
	default:
		t.Error("the last job is still running")
	}
	got := mustRows(t, e, "SELECT x FROM b UNION ALL SELECT x FROM c")
	slices.Sort(got)
	if d := cmp.Diff([]string{"+I[1]", "+I[20]", "+I[30]"}, got); d != "" {
		t.Error(d)
	}
}

// Script gives a job for each, and what stands behind a RESET is together again.
func TestJobsOfAScript(t *testing.T) {
	e := newTestEnv(t, WithBaseDir(t.TempDir()))
	var read []int64
	for res, err := range e.Script(t.Context(), "test", chained+"RESET 'table.dml-sync'; INSERT INTO c SELECT x FROM b; INSERT INTO a SELECT x FROM b;") {
		if err != nil {
			t.Fatal(err)
		}
		if j := res.Job(); j != nil {
			if err := j.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
			read = append(read, j.Metrics().RowsRead()) // VALUES are not counted
		}
	}
	if d := cmp.Diff([]int64{0, 3, 2}, read); d != "" {
		t.Error("rows read by each job: ", d)
	}
}

// A job that fails ends the script, whether the caller waits for it or not.
func TestAFailedJobEndsTheScript(t *testing.T) {
	e := newTestEnv(t, WithBaseDir(t.TempDir()))
	_, err := e.ExecuteSQL(t.Context(), strings.Replace(chained, "VALUES (1)", "VALUES (1 / (SELECT COUNT(*) FROM b))", 1))
	if err == nil {
		t.Error("a job that reads a folder which is not there did not fail")
	}
	if _, err := e.ExecuteSQL(t.Context(), "SELECT x FROM c"); err == nil {
		t.Error("the jobs behind a failed one were run")
	}
}

func TestEachJobIsExplained(t *testing.T) {
	e := newTestEnv(t, WithBaseDir(t.TempDir()))
	together, err := e.Explain("test", strings.Replace(chained, "'true'", "'false'", 1), false)
	if err != nil {
		t.Fatal(err)
	}
	apart, err := e.Explain("test", strings.ReplaceAll(chained, "CREATE TABLE", "CREATE TABLE IF NOT EXISTS"), false)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(together, "\n\nSink") || !strings.Contains(apart, "\n\nSink") {
		t.Errorf("together:\n%s\napart:\n%s", together, apart)
	}
}

func TestJobsThatWaitAreChecked(t *testing.T) {
	e := newTestEnv(t, WithBaseDir(t.TempDir()))
	if errs := e.Lint("test", chained); len(errs) != 0 {
		t.Error(errs)
	}
	errs := e.Lint("test", strings.Replace(chained, "x = 1", "y = 1", 1))
	if len(errs) != 1 || !strings.Contains(errs[0].Error(), "there is no column 'y'") {
		t.Error(errs)
	}
	e = newTestEnv(t, WithBaseDir(t.TempDir()), WithStateDir(t.TempDir()))
	if _, err := e.ExecuteSQL(t.Context(), chained); err == nil || !strings.Contains(err.Error(), "this INSERT would be another") {
		t.Errorf("two jobs in one state folder: %v", err)
	}
}
