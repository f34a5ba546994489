// Package crash kills jobs. A child process runs a job from a generator or from files to files with checkpoints; it is killed
// with SIGKILL at random moments and started again at random parallelism until it has come to its end. What it
// has committed must be what an undisturbed run writes, line by line after sorting; of a changelog, the rows that it leaves.
//
// A longer run: go test ./tests/crash -kills 500 -seed 7. Parallelism and the moments follow from the seed; what the machine does
// in between does not.
package crash

import (
	"context"
	"encoding/json"
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

	"github.com/google/go-cmp/cmp"

	"github.com/weirstream/weir"
)

var (
	kills = flag.Int("kills", 32, "how many kills, over all jobs")
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

func TestKilledJobs(t *testing.T) {
	if testing.Short() {
		t.Skip("kills processes for some seconds")
	}
	for n, job := range jobs {
		t.Run(job.name, func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(*seed, uint64(n)))
			share := (*kills + len(jobs) - 1) / len(jobs)
			for killed := 0; killed < share; {
				killed += round(t, job, random, share-killed)
			}
		})
	}
}

// round kills a job, most times at the most, until it has ended, compares what it has committed, and gives how often it was killed.
func round(t *testing.T, job job, random *rand.Rand, most int) (killed int) {
	t.Helper()
	dir := t.TempDir()
	input(t, filepath.Join(dir, "in"))
	fast := strings.Replace(job.script("want"), perSecond, "'1000000'", 1)
	if err := run(t.Context(), fast, weir.WithBaseDir(dir)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "job.sql"), []byte(job.script("out")), 0o600); err != nil {
		t.Fatal(err)
	}
	var at []string // the schedule, for the message
	for ended := false; !ended; {
		var after time.Duration
		p := 1 + random.IntN(4)
		if killed < most {
			after = time.Duration(20+random.IntN(400)) * time.Millisecond
		}
		at = append(at, fmt.Sprintf("%d tasks for %v", p, after))
		if ended = !start(t, dir, p, after); !ended {
			killed++
		}
	}
	want, got := lines(t, filepath.Join(dir, "want")), lines(t, filepath.Join(dir, "out"))
	if strings.Contains(job.sink, "changelog-json") {
		want, got = fold(t, want), fold(t, got)
	}
	if diff := cmp.Diff(want, got); len(want) == 0 || diff != "" {
		t.Fatalf("seed %d, %s: %d lines are committed, an undisturbed run gives %d:\n%.4000s", *seed, strings.Join(at, ", "), len(got), len(want), diff)
	}
	return killed
}

// fold gives the rows that a changelog leaves, sorted. Rows that were taken back more often than they came begin with a minus.
func fold(t *testing.T, changelog []string) (out []string) {
	t.Helper()
	net := map[string]int{}
	for _, line := range changelog {
		var change struct {
			Op  string          `json:"op"`
			Row json.RawMessage `json:"row"`
		}
		if err := json.Unmarshal([]byte(line), &change); err != nil {
			t.Fatal(err)
		}
		switch change.Op {
		case "+I", "+U":
			net[string(change.Row)]++
		case "-U", "-D":
			net[string(change.Row)]--
		default:
			t.Fatalf("a change of kind %q", change.Op)
		}
	}
	for row, n := range net {
		for ; n > 0; n-- {
			out = append(out, row)
		}
		for ; n < 0; n++ {
			out = append(out, "-"+row)
		}
	}
	slices.Sort(out)
	return out
}

// start runs the child; after a time it is killed, if that is not 0. It tells whether it was.
func start(t *testing.T, dir string, parallelism int, kill time.Duration) bool {
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
		return true
	}
	if err != nil {
		t.Fatalf("seed %d, parallelism %d: %v\n%s", *seed, parallelism, err, said.String())
	}
	return false
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
