package shardlog

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestCrashCommitChild is the process that TestCrashCommit kills: a job that stages numbers, prints what it has prepared, as a
// checkpoint would keep it, and commits. It goes on from what its predecessor printed last.
func TestCrashCommitChild(t *testing.T) {
	dir := os.Getenv(crashDir)
	if dir == "" {
		t.Skip("runs as a child of TestCrashCommit")
	}
	_, st := openStream(t, dir, 3)
	n := 0
	if last := os.Getenv("WEIR_SHARDLOG_CRASH_LAST"); last != "" {
		var p Prepared
		must(t, json.Unmarshal([]byte(last), &p), st.Recommit(t.Context(), []Prepared{p}))
		if _, err := fmt.Sscan(os.Getenv("WEIR_SHARDLOG_CRASH_FROM"), &n); err != nil {
			t.Fatal(err)
		}
	}
	must(t, st.Fence("job"))
	g, err := st.Stage("job", "0")
	must(t, err)
	for ; ; n += 3 {
		p := staged(t, g, n, n+3)
		b, err := json.Marshal(p)
		must(t, err)
		fmt.Printf("prepared %d %s\n", n+3, b)
		must(t, st.Commit(context.Background(), []Prepared{p}))
		if n%12 == 0 {
			must(t, st.Scale(3+n/12%2))
		}
		if _, err := st.Append(context.Background(), []Put{{Key: "other", Data: []byte("x")}}); err != nil {
			t.Fatal(err)
		}
	}
}

// A job that is killed at any point, and goes on from its last checkpoint, stores each record once and in order.
func TestCrashCommit(t *testing.T) {
	if os.Getenv(crashDir) != "" {
		t.Skip("this is the child")
	}
	rounds := 5
	if testing.Short() {
		rounds = 3
	}
	dir, last, from := t.TempDir(), "", 0
	for round := range rounds {
		last, from = killedJob(t, dir, last, from, 3+5*round)
		l, st := openStream(t, dir, 3)
		var p Prepared
		must(t, json.Unmarshal([]byte(last), &p), st.Recommit(t.Context(), []Prepared{p}))
		wantNumbers(t, st, from)
		must(t, l.Close())
	}
}

// killedJob runs the child, kills it somewhere behind so many checkpoints, and gives the last one.
func killedJob(t *testing.T, dir, last string, from, checkpoints int) (string, int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestCrashCommitChild$")
	cmd.Env = append(os.Environ(), crashDir+"="+dir, "WEIR_SHARDLOG_CRASH_LAST="+last, fmt.Sprintf("WEIR_SHARDLOG_CRASH_FROM=%d", from))
	out, err := cmd.StdoutPipe()
	must(t, err, cmd.Start())
	lines := bufio.NewScanner(out)
	for n := 0; lines.Scan(); n++ {
		var rest string
		if _, err := fmt.Sscanf(lines.Text(), "prepared %d %s", &from, &rest); err != nil {
			t.Fatalf("the child said %q", lines.Text())
		}
		last = rest
		if n == checkpoints {
			time.AfterFunc(time.Duration(n%5)*300*time.Microsecond, func() { _ = cmd.Process.Kill() })
		}
	}
	if err := cmd.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Fatalf("the child ended by itself: %v", err)
	}
	return last, from
}
