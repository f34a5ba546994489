package examples

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirstream/weir"
)

// childVariable has the test binary run the script turnstiles.sql of its working folder, as `weir run --state out/state` does.
const childVariable = "WEIR_EXAMPLES_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) == "" {
		os.Exit(m.Run())
	}
	if err := turnstiles(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func turnstiles(ctx context.Context) error {
	sql, err := os.ReadFile("turnstiles.sql")
	if err != nil {
		return err
	}
	env, err := weir.NewEnv(weir.WithStateDir("out/state"), weir.WithParallelism(2), weir.WithSetting("table.local-time-zone", "UTC"))
	if err != nil {
		return err
	}
	res, err := env.ExecuteSQL(ctx, string(sql))
	var ended *weir.EndedError
	if errors.As(err, &ended) { // it was killed when all was done
		return nil
	}
	if err != nil {
		return err
	}
	return res.Job().Wait(ctx)
}

// TestResume kills the job, in the midst of what it does, and runs it again, until it has been killed often enough. What the files hold
// in the end is computed in plain Go.
func TestResume(t *testing.T) {
	dir := t.TempDir()
	sql, err := os.ReadFile("resume/turnstiles.sql")
	if err != nil {
		t.Fatal(err)
	}
	fast := strings.NewReplacer("'3000'", "'30000'", "'500 ms'", "'20 ms'").Replace(string(sql))
	if err := os.WriteFile(filepath.Join(dir, "turnstiles.sql"), []byte(fast), 0o600); err != nil {
		t.Fatal(err)
	}
	killed := 0
	for {
		ended, err := runKilled(t, dir, killed < 5)
		if err != nil {
			t.Fatal(err)
		}
		if ended {
			break
		}
		killed++
	}
	if killed == 0 {
		t.Error("the job was never killed")
	}

	var refused []string
	cards := map[string]map[int]bool{}
	count := map[string]int{}
	for id := range 60000 {
		gate, card := id%8, id*7919%1000
		if card%15 == 4 {
			refused = append(refused, fmt.Sprintf("%d,%d,%d", id, gate, card))
		}
		window := fmt.Sprintf(`{"gate":%d,"window_start":"%s","passes":`, gate, time.Date(2026, 1, 1, 0, id/6000, 0, 0, time.UTC).Format("2006-01-02 15:04:05"))
		count[window]++
		if cards[window] == nil {
			cards[window] = map[int]bool{}
		}
		cards[window][card] = true
	}
	var passages []string
	for window, n := range count {
		passages = append(passages, fmt.Sprintf(`%s%d,"cards":%d}`, window, n, len(cards[window])))
	}
	for name, want := range map[string][]string{"refused": refused, "passages": passages} {
		slices.Sort(want)
		if d := cmp.Diff(want, visibleLines(t, filepath.Join(dir, "out", name))); d != "" {
			t.Errorf("%s, after %d kills: %.2000s", name, killed, d)
		}
	}
	if len(refused) != 4020 || len(passages) != 80 {
		t.Errorf("%d refusals and %d passages: the script says otherwise", len(refused), len(passages))
	}
}

// runKilled runs the job, and kills it after some rows have become visible, if that is wanted. It tells whether the job has ended.
func runKilled(t *testing.T, dir string, kill bool) (ended bool, err error) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		return false, err
	}
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), childVariable+"=1")
	var said strings.Builder
	cmd.Stderr = &said
	before := len(visibleLines(t, filepath.Join(dir, "out", "refused")))
	if err := cmd.Start(); err != nil {
		return false, err
	}
	stop := make(chan struct{})
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		for kill && len(visibleLines(t, filepath.Join(dir, "out", "refused"))) == before {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
		if kill {
			_ = cmd.Process.Kill()
		}
	}()
	err = cmd.Wait()
	close(stop)
	<-watched
	var exit *exec.ExitError
	if kill && errors.As(err, &exit) && exit.ExitCode() < 0 { // by the signal
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("%w\n%s", err, said.String())
	}
	return true, nil
}

// visibleLines gives the lines of the files that readers see, sorted.
func visibleLines(t *testing.T, dir string) (out []string) {
	files, err := filepath.Glob(filepath.Join(dir, "[^.]*"))
	if err != nil {
		t.Error(err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Error(err)
		}
		for line := range strings.Lines(string(text)) {
			out = append(out, strings.TrimSpace(line))
		}
	}
	slices.Sort(out)
	return out
}
