package flink

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestOracle runs one script in a real Flink. It installs Flink where it is asked to, by
// WEIR_PEERS=1, because that is a large download.
func TestOracle(t *testing.T) {
	if os.Getenv("WEIR_PEERS") == "" {
		t.Skip("skipped: set WEIR_PEERS=1 to install and run Apache Flink")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	in, err := Install(ctx, os.Stderr)
	if errors.Is(err, ErrMissing) {
		t.Skipf("skipped: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	c, err := Start(ctx, in, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	res, err := c.Run(ctx, nil, []string{"CREATE TEMPORARY VIEW v AS SELECT * FROM (VALUES ('a', 1), ('b', 2)) AS t (k, n)", "SELECT k, n FROM v WHERE n > 1"})
	if err != nil {
		t.Fatal(err)
	}
	if res.Error != "" || len(res.Rows) != 1 || res.Rows[0].Kind != "+I" {
		t.Fatalf("got %+v", res)
	}
	if d := cmp.Diff([]string{"k CHAR(1) NOT NULL", "n INT NOT NULL"}, res.Columns); d != "" {
		t.Error(d)
	}
}
