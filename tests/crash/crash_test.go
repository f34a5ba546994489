// Package crash kills jobs. A child process runs a job from a generator or from files to files with checkpoints; it is killed
// with SIGKILL at random moments and started again at random parallelism until it has come to its end. What it
// has committed must be what an undisturbed run writes, line by line after sorting.
//
// A longer run: go test ./tests/crash -kills 500 -seed 7. Parallelism and the moments follow from the seed; what the machine does
// in between does not.
package crash

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/weirstream/weir"
)

var (
	kills = flag.Int("kills", 24, "how many kills, over all jobs")
	seed  = flag.Uint64("seed", 1, "where the random moments begin")
)

const childVariable = "WEIR_CRASH_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		if err := child(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	flag.Parse()
	os.Exit(m.Run())
}

// child runs the job of the script in the present folder.
func child() error {
	p, err := strconv.Atoi(os.Getenv(childVariable))
	if err != nil {
		return err
	}
	sql, err := os.ReadFile("job.sql")
	if err != nil {
		return err
	}
	return run(context.Background(), string(sql), weir.WithParallelism(p), weir.WithStateDir("state"))
}

func run(ctx context.Context, sql string, opts ...weir.Option) error {
	env, err := weir.NewEnv(opts...)
	if err != nil {
		return err
	}
	res, err := env.ExecuteSQL(ctx, sql)
	var ended *weir.EndedError
	if errors.As(err, &ended) {
		return nil
	}
	if err != nil {
		return err
	}
	return res.Job().Wait(ctx)
}

const generated = `SET 'execution.checkpointing.interval' = '20 ms';
CREATE TABLE t (id BIGINT, v BIGINT, ts AS TO_TIMESTAMP_LTZ(id * 10, 3), WATERMARK FOR ts AS ts) WITH ('connector' = 'datagen',
  'rows-per-second' = '500', 'fields.id.kind' = 'sequence', 'fields.id.start' = '1', 'fields.id.end' = '4000',
  'fields.v.kind' = 'sequence', 'fields.v.start' = '1', 'fields.v.end' = '4000');
`

const files = `SET 'execution.checkpointing.interval' = '5 ms';
CREATE TABLE t (id BIGINT, v BIGINT) WITH ('connector' = 'filesystem', 'path' = 'in', 'format' = 'json');
`

// jobs are the kinds of jobs: each writes its table o, whose columns and options are given.
var jobs = []struct{ name, source, sink, query string }{
	{"copy", generated, "(id BIGINT, v BIGINT) WITH (%s 'format' = 'csv')", "SELECT id, v FROM t"},
	{"partitions", files, "(id BIGINT, v BIGINT, p BIGINT) PARTITIONED BY (p) WITH (%s 'format' = 'json')", "SELECT id, v, id % 5 FROM t"},
	{
		"tumble", generated, "(k BIGINT, n BIGINT, s BIGINT, w TIMESTAMP(3)) WITH (%s 'format' = 'csv')",
		"SELECT v % 20, COUNT(*), SUM(id), window_start FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '2' SECOND) GROUP BY v % 20, window_start, window_end",
	},
	{
		"hop", generated, "(k BIGINT, n BIGINT, w TIMESTAMP(3)) WITH (%s 'format' = 'json')",
		"SELECT v % 7, COUNT(DISTINCT id), window_end FROM HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '1' SECOND, INTERVAL '3' SECOND) GROUP BY v % 7, window_start, window_end",
	},
	{
		"over", generated, "(id BIGINT, s BIGINT) WITH (%s 'format' = 'csv')",
		"SELECT id, SUM(v) OVER (PARTITION BY v % 9 ORDER BY ts ROWS BETWEEN 5 PRECEDING AND CURRENT ROW) FROM t",
	},
	{
		"first rows", generated, "(id BIGINT, k BIGINT) WITH (%s 'format' = 'csv')",
		"SELECT id, k FROM (SELECT id, v % 900 AS k, ROW_NUMBER() OVER (PARTITION BY v % 900 ORDER BY ts) AS rn FROM t) WHERE rn = 1",
	},
}

func TestKilledJobs(t *testing.T) {
	for n, job := range jobs {
		t.Run(job.name, func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(*seed, uint64(n)))
			dir := t.TempDir()
			input(t, filepath.Join(dir, "in"))
			script := func(out string) string {
				return job.source + "CREATE TABLE o " + fmt.Sprintf(job.sink, "'connector' = 'filesystem', 'path' = '"+out+"',") + ";\nINSERT INTO o " + job.query + ";\n"
			}
			fast := strings.Replace(script("want"), "'500'", "'1000000'", 1)
			if err := run(t.Context(), fast, weir.WithBaseDir(dir)); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "job.sql"), []byte(script("out")), 0o600); err != nil {
				t.Fatal(err)
			}
			for range (*kills + len(jobs) - 1) / len(jobs) {
				start(t, dir, 1+random.IntN(4), time.Duration(20+random.IntN(300))*time.Millisecond)
			}
			start(t, dir, 1+random.IntN(4), 0)
			want, got := lines(t, filepath.Join(dir, "want")), lines(t, filepath.Join(dir, "out"))
			if len(want) == 0 || !slices.Equal(want, got) {
				t.Fatalf("seed %d: %d lines are committed, an undisturbed run gives %d; or they differ", *seed, len(got), len(want))
			}
		})
	}
}

// start runs the child; after a time it is killed, if that is not 0.
func start(t *testing.T, dir string, parallelism int, kill time.Duration) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d", childVariable, parallelism))
	var said strings.Builder
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if kill > 0 {
		timer := time.AfterFunc(kill, func() { _ = cmd.Process.Kill() })
		defer timer.Stop()
	}
	err = cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() < 0 && kill > 0 { // by the signal
		return
	}
	if err != nil {
		t.Fatalf("seed %d, parallelism %d: %v\n%s", *seed, parallelism, err, said.String())
	}
}

// input writes files of rows.
func input(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	for f := range 20 {
		var text strings.Builder
		for i := range 3000 {
			fmt.Fprintf(&text, "{\"id\": %d, \"v\": %d}\n", f*3000+i, i)
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%02d.json", f)), []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// lines gives what is visible below a folder, sorted, with the partition that it is in.
func lines(t *testing.T, dir string) (out []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		text, err := os.ReadFile(path)
		part := filepath.Base(filepath.Dir(path))
		if !strings.Contains(part, "=") {
			part = ""
		}
		for line := range strings.Lines(string(text)) {
			out = append(out, part+" "+line)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}
