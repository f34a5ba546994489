// Package crash kills jobs. A child process runs a job from a generator or from files to files with checkpoints; it is killed
// with SIGKILL at random moments and started again at random parallelism until it has come to its end. What it
// has committed must be what an undisturbed run writes, line by line after sorting; of a changelog, the rows that it leaves.
//
// A longer run: go test ./tests/crash -kills 500 -seed 7. Parallelism and the moments follow from the seed; what the machine does
// in between does not.
package crash

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/weirstream/weir"
)

var (
	kills = flag.Int("kills", 32, "how many kills, over all jobs")
	seed  = flag.Uint64("seed", 1, "where the random moments begin")
)

const (
	childVariable = "WEIR_CRASH_CHILD" // the parallelism
	stateVariable = "WEIR_CRASH_STATE" // the state folder
)

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
	return run(context.Background(), string(sql), weir.WithParallelism(p), weir.WithStateDir(os.Getenv(stateVariable)), weir.WithNotes(func(n weir.Note) {
		if n.Kind == weir.CheckpointDone {
			fmt.Println("checkpoint")
		}
	}))
}

// moment is when a child is killed: some time after it has been started, or after it has taken so many checkpoints. On a
// busy machine a child takes long to come to its work, of which the former sees little.
type moment struct {
	checkpoints int // -1: from the start
	after       time.Duration
}

func someMoment(random *rand.Rand) *moment {
	if random.IntN(4) == 0 {
		return &moment{-1, time.Duration(20+random.IntN(400)) * time.Millisecond}
	}
	return &moment{1 + random.IntN(8), time.Duration(random.IntN(40_000)) * time.Microsecond}
}

func (m *moment) String() string {
	switch {
	case m == nil:
		return "left alone"
	case m.checkpoints < 0:
		return fmt.Sprintf("killed after %v", m.after)
	}
	return fmt.Sprintf("killed %v after checkpoint %d", m.after, m.checkpoints)
}

// kill ends a child whose standard output is given at the moment, unless it ends before.
func (m *moment) kill(p *os.Process, said io.Reader) {
	lines, last := bufio.NewScanner(said), m.checkpoints
	for last > 0 && lines.Scan() {
		last--
	}
	if last <= 0 {
		time.Sleep(m.after)
	}
	if last <= 0 {
		_ = p.Kill()
	}
	for lines.Scan() {
	}
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
			killed, rounds := 0, 0
			for ; killed < share; rounds++ {
				killed += round(t, job, random, share-killed)
			}
			t.Logf("%d kills in %d rounds", killed, rounds)
		})
	}
}

// round kills a job, most times at the most, until it has ended, compares what it has committed, and gives how often it was killed.
func round(t *testing.T, job job, random *rand.Rand, most int) (killed int) {
	t.Helper()
	dir := t.TempDir()
	input(t, filepath.Join(dir, "in"), rows)
	input(t, filepath.Join(dir, "changes"), debezium)
	fast := strings.Replace(job.script("want"), perSecond, "'1000000'", 1)
	if err := run(t.Context(), fast, weir.WithBaseDir(dir)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "job.sql"), []byte(job.script("out")), 0o600); err != nil {
		t.Fatal(err)
	}
	place := newPlace(t, job, dir, random)
	var at []string // the schedule, for the message
	for ended := false; !ended; {
		var end *moment
		p := 1 + random.IntN(4)
		if killed < most {
			end = someMoment(random)
		}
		at = append(at, fmt.Sprintf("%d tasks %v", p, end))
		if ended = !start(t, dir, p, end, place.env); !ended {
			killed++
			place.lose(t, random)
		}
	}
	want, got := lines(t, filepath.Join(dir, "want")), lines(t, filepath.Join(dir, "out"))
	switch {
	case job.key != "":
		want, got = foldByKey(t, filepath.Join(dir, "want"), job.key), foldByKey(t, filepath.Join(dir, "out"), job.key)
	case strings.Contains(job.sink, "changelog-json"):
		want, got = fold(t, want), fold(t, got)
	}
	if diff := gocmp.Diff(want, got); len(want) == 0 || diff != "" {
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

// foldByKey gives the rows that updates by key leave, sorted. The newest of a key counts: files are read in the order in which they
// were written.
func foldByKey(t *testing.T, dir, key string) (out []string) {
	t.Helper()
	type file struct {
		path string
		time time.Time
	}
	var files []file
	for _, path := range visible(t, dir) {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file{path, info.ModTime()})
	}
	slices.SortFunc(files, func(a, b file) int { return cmp.Or(a.time.Compare(b.time), strings.Compare(a.path, b.path)) })
	last := map[string]string{}
	for _, f := range files {
		text, err := os.ReadFile(f.path)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			var change struct {
				Op  string                     `json:"op"`
				Row map[string]json.RawMessage `json:"row"`
			}
			if err := json.Unmarshal([]byte(line), &change); err != nil {
				t.Fatal(err)
			}
			row, err := json.Marshal(change.Row)
			if err != nil {
				t.Fatal(err)
			}
			if last[string(change.Row[key])] = string(row); change.Op == "-D" {
				delete(last, string(change.Row[key]))
			}
		}
	}
	return slices.Sorted(maps.Values(last))
}

// start runs the child, which is killed at a moment; nil: it is not. It tells whether it was.
func start(t *testing.T, dir string, parallelism int, end *moment, env []string) bool {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), fmt.Sprintf("%s=%d", childVariable, parallelism)), env...)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	if end != nil {
		end.kill(cmd.Process, out)
	} else {
		_, err = io.Copy(io.Discard, out)
	}
	err = errors.Join(err, cmd.Wait())
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() < 0 && end != nil { // by the signal
		return true
	}
	if err != nil {
		t.Fatalf("seed %d, parallelism %d: %v\n%s", *seed, parallelism, err, said.String())
	}
	return false
}

// input writes 20 files.
func input(t *testing.T, dir string, text func(file int) string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	for f := range 20 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%02d.json", f)), []byte(text(f)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// rows are those of a file.
func rows(file int) string {
	var text strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&text, "{\"id\": %d, \"v\": %d}\n", file*3000+i, i)
	}
	return text.String()
}

// debezium gives changes of the keys of a file: each is made, changed and now and then deleted, and some changes come twice.
func debezium(file int) string {
	var text strings.Builder
	before := map[int]string{}
	for i := range 3000 {
		id := file*200 + (i*i+7*i)%200
		op, after := "u", fmt.Sprintf(`{"id": %d, "v": %d}`, id, i)
		if before[id] == "" {
			op, before[id] = "c", "null"
		}
		if op == "u" && i%11 == 0 {
			op, after = "d", "null"
		}
		line := fmt.Sprintf("{\"before\": %s, \"after\": %s, \"op\": %q}\n", before[id], after, op)
		text.WriteString(line)
		if i%5 == 0 {
			text.WriteString(line)
		}
		if before[id] = after; op == "d" {
			delete(before, id)
		}
	}
	return text.String()
}

// visible lists the files below a folder that readers see.
func visible(t *testing.T, dir string) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !strings.HasPrefix(d.Name(), ".") {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// lines gives what is visible below a folder, sorted, with the partition that it is in.
func lines(t *testing.T, dir string) (out []string) {
	t.Helper()
	for _, path := range visible(t, dir) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		part := filepath.Base(filepath.Dir(path))
		if !strings.Contains(part, "=") {
			part = ""
		}
		for line := range strings.Lines(string(text)) {
			out = append(out, part+" "+line)
		}
	}
	slices.Sort(out)
	return out
}
