package yardstick

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/weirstream/weir/tests/peers/process"
)

func raw(values ...string) (out []json.RawMessage) {
	for _, v := range values {
		out = append(out, json.RawMessage(v))
	}
	return out
}

func TestFolded(t *testing.T) {
	var ours, theirs folded
	err := ours.readWeir(strings.NewReader(`{"op":"+I","row":{"k":"a","n":1.50}}
{"op":"+I","row":{"k":"b","n":2}}
{"op":"-U","row":{"k":"b","n":2}}
{"op":"+U","row":{"k":"b","n":3}}
`))
	if err != nil {
		t.Fatal(err)
	}
	for _, values := range [][]json.RawMessage{raw(`"b"`, `3`), raw(`"\u0061"`, `1.5`)} {
		if err := theirs.add("+I", values); err != nil {
			t.Fatal(err)
		}
	}
	if ours.hash != theirs.hash || ours.rows != theirs.rows || ours.changes != 4 {
		t.Errorf("%s and %s", ours, theirs)
	}
	if err := theirs.add("+I", raw(`null`, `1`)); err != nil {
		t.Fatal(err)
	}
	if ours.hash == theirs.hash {
		t.Error("another row does not change the hash")
	}
	for _, values := range [][]json.RawMessage{raw(`--`), raw(``), raw(`"`)} {
		if err := theirs.add("+I", values); err == nil {
			t.Errorf("%s was taken", values)
		}
	}
	if err := theirs.add("+X", nil); err == nil {
		t.Error("+X was taken")
	}
}

func TestOptions(t *testing.T) {
	for _, args := range []string{"-workers=0", "-workers=a", "-feeds=kafka", "-state=disk", "-checkpoint=-1s", "-checkpoint=1us", "-rounds=0"} {
		if _, err := parseOptions([]string{args}); err == nil {
			t.Errorf("%s was taken", args)
		}
	}
	if _, err := chosen([]string{"q99"}); err == nil {
		t.Error("q99 was taken")
	}
}

func TestRowsRead(t *testing.T) {
	all, err := chosen(nil)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int64{"q0": 46, "q3": 4, "q4": 49, "q8": 4, "q9": 49, "q12": 46, "q13": 46, "q20": 49, "tumble": 46}
	for _, q := range all {
		if n, ok := want[q.Name]; ok && rowsRead(q, 50) != n {
			t.Errorf("%s reads %d rows of a round, not %d", q.Name, rowsRead(q, 50), n)
		}
	}
}

func TestRunCounted(t *testing.T) {
	c, err := runCounted(exec.Command("sh", "-c", "sleep 0.1"))
	if err != nil || c.wall == 0 {
		t.Fatalf("%+v, error %v", c, err)
	}
	if _, err := process.ID(os.Getpid()).Peak(); err != nil {
		t.Skipf("skipped: %v", err) // not on Linux
	}
	if c.peak == 0 {
		t.Errorf("%+v", c)
	}
}
