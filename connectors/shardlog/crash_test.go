package shardlog

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const crashDir = "WEIR_SHARDLOG_CRASH_DIR"

// TestCrashChild is the process that TestCrash kills: four writers that print every
// acknowledged record, and resharding beside them.
func TestCrashChild(t *testing.T) {
	dir := os.Getenv(crashDir)
	if dir == "" {
		t.Skip("runs as a child of TestCrash")
	}
	durability, err := ParseDurability(os.Getenv("WEIR_SHARDLOG_CRASH_DURABILITY"))
	if err != nil {
		t.Fatal(err)
	}
	l, err := Open(dir, Options{SegmentBytes: 30_000, Durability: durability, SyncInterval: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	st, err := l.Stream("s")
	if errors.Is(err, ErrNotFound) {
		st, err = l.Create(Spec{Name: "s", Shards: 2})
	}
	if err != nil {
		t.Fatal(err)
	}
	start, err := strconv.Atoi(os.Getenv("WEIR_SHARDLOG_CRASH_FROM"))
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := start; ; i += 3 {
				key := fmt.Sprint("w", w)
				var puts []Put
				for j := range 3 {
					puts = append(puts, Put{Key: key, Data: fmt.Append(nil, i+j)})
				}
				if _, err := st.Append(context.Background(), puts); err != nil {
					t.Error(err)
					return
				}
				fmt.Printf("ack %s %d\n", key, i+2)
			}
		})
	}
	for {
		reshardSomehow(t, st)
	}
}

// A process killed with SIGKILL at any point loses no acknowledged record, keeps
// their order, and stores none twice, however durable it was asked to be: what dies is the process, not the machine.
func TestCrash(t *testing.T) {
	if os.Getenv(crashDir) != "" {
		t.Skip("this is the child")
	}
	rounds := 9
	if testing.Short() {
		rounds = 3
	}
	dir := t.TempDir()
	acked := map[string]int{}
	from := 0
	for round := range rounds {
		durability := []Durability{Fsync, Interval, None}[round%3]
		for key, last := range killedWriter(t, dir, durability, from, 40+rand.IntN(400)) {
			acked[key] = last
		}
		from += 1_000_000
		checkAfterCrash(t, dir, acked)
	}
}

// killedWriter runs the child, kills it somewhere behind so many acknowledgements, and returns
// the last acknowledged record of every key.
func killedWriter(t *testing.T, dir string, durability Durability, from, acks int) map[string]int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestCrashChild$")
	cmd.Env = append(os.Environ(), crashDir+"="+dir, fmt.Sprintf("WEIR_SHARDLOG_CRASH_FROM=%d", from), "WEIR_SHARDLOG_CRASH_DURABILITY="+durability.String())
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	last := map[string]int{}
	lines := bufio.NewScanner(out)
	for n := 0; lines.Scan(); n++ {
		var key string
		var i int
		if _, err := fmt.Sscanf(lines.Text(), "ack %s %d", &key, &i); err != nil {
			t.Fatalf("the child said %q", lines.Text())
		}
		last[key] = i
		if n == acks {
			time.AfterFunc(rand.N(5*time.Millisecond), func() { _ = cmd.Process.Kill() })
		}
	}
	if err := cmd.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Fatalf("the child ended by itself: %v", err)
	}
	if len(last) == 0 {
		t.Fatal("the child acknowledged nothing")
	}
	return last
}

func checkAfterCrash(t *testing.T, dir string, acked map[string]int) {
	t.Helper()
	l, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	st, err := l.Stream("s")
	if err != nil {
		t.Fatal(err)
	}
	got, err := drain(t.Context(), st)
	if err != nil {
		t.Fatal(err)
	}
	for key, last := range acked {
		want, seen := -1, -1
		for _, data := range got[key] {
			n, err := strconv.Atoi(data)
			if err != nil {
				t.Fatal(err)
			}
			// Within one child's life the numbers are consecutive; the next child begins a million on.
			if n != want && n%1_000_000 != 0 {
				t.Fatalf("key %s: %d after %d", key, n, want-1)
			}
			if n <= seen {
				t.Fatalf("key %s: %d again or out of order after %d", key, n, seen)
			}
			want, seen = n+1, n
		}
		if seen < last {
			t.Fatalf("key %s: the last record is %d, %d was acknowledged", key, seen, last)
		}
	}
	checkRanges(t, st)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}
