package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/weirstream/weir/tests/peers/flink"
)

// subset are the golden files that Flink checks in CI: some 180 cases in three minutes on two cores. All of
// them are checked by hand: go run ./tests/peers flink check tests/golden/cases.
var subset = []string{
	"aggregates/group", "aggregates/retractions", "changelog/kinds", "functions/conditional_columns", "functions/strings_columns",
	"queries/shapes", "types/arithmetic", "types/casts", "types/edges", "types/zones", "windows/cascades", "windows/hop_cumulate",
	"windows/late", "windows/tumble", "windows/zones",
}

// budget bounds the whole check.
const budget = 8 * time.Minute

// random are the arguments of the random queries: of every kind, 412 in all, the same every time until the generator
// changes. More are compared by hand, because what new ones find has to be settled one by one, and Flink's own
// faults are among it.
var random = []string{"-n", "400", "-seed", "96", "-shrink=false"}

// TestFlinkAgrees runs a fixed subset of the golden cases, and some random queries, in Apache Flink. It installs Flink only
// where WEIR_PEERS=1 asks for it, because that is a large download.
func TestFlinkAgrees(t *testing.T) {
	if os.Getenv("WEIR_PEERS") == "" {
		t.Skip("skipped: set WEIR_PEERS=1 to install and run Apache Flink")
	}
	install, cancelInstall := context.WithTimeout(t.Context(), 15*time.Minute)
	defer cancelInstall()
	in, err := flink.Install(install, os.Stderr)
	if errors.Is(err, flink.ErrMissing) {
		t.Skipf("skipped: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), budget)
	defer cancel()
	if err := checkFlink(ctx, in, copies(t)); err != nil {
		t.Error(err)
	}
	if err := fuzzFlink(ctx, in, random); err != nil {
		t.Error(err)
	}
}

// copies gives the subset in a folder of its own: a check notes in its files that Flink agreed.
func copies(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	var out []string
	for _, name := range subset {
		body, err := os.ReadFile(filepath.Join("..", "golden", "cases", filepath.FromSlash(name)+".test"))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, filepath.Base(filepath.Dir(name))+"-"+filepath.Base(name)+".test")
		if err := os.WriteFile(path, body, 0o644); err != nil {
			t.Fatal(err)
		}
		out = append(out, path)
	}
	return out
}
