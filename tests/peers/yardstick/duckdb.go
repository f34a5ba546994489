package yardstick

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/weirstream/weir/tests/bench/nexmark"
)

//go:embed duckdb/*.sql
var duckQueries embed.FS

// program runs a query with all of its columns made and none kept.
const program = `
import sys, duckdb
c = duckdb.connect()
c.execute("SET threads = 1; SET preserve_insertion_order = false")
c.execute(sys.argv[1])
c.execute("EXPLAIN ANALYZE " + sys.argv[2]).fetchall()
`

const duckBids = `CREATE VIEW bid AS SELECT * FROM read_ndjson('%s', columns = {auction: 'BIGINT', bidder: 'BIGINT', price: 'BIGINT', ` +
	`channel: 'VARCHAR', url: 'VARCHAR', dateTime: 'TIMESTAMP', extra: 'VARCHAR'})`

// runDuckDB runs a query over the bids in a folder of NDJSON, in batch and on one thread. The cost is 0 where
// there is no such query, or no DuckDB; that of starting Python is left out.
func runDuckDB(ctx context.Context, q nexmark.Query, dir string) (cost, error) {
	sql, err := duckQueries.ReadFile("duckdb/" + q.Name + ".sql")
	if errors.Is(err, fs.ErrNotExist) {
		return cost{}, nil
	}
	if err != nil || exec.CommandContext(ctx, "python3", "-c", "import duckdb").Run() != nil {
		return cost{}, err
	}
	view := fmt.Sprintf(duckBids, filepath.Join(dir, "bid", "*"))
	start, err := duck(ctx, view, "SELECT 1")
	if err != nil {
		return cost{}, err
	}
	c, err := duck(ctx, view, strings.TrimSpace(string(sql)))
	c.wall, c.cpu = c.wall-start.wall, c.cpu-start.cpu
	return c, err
}

func duck(ctx context.Context, view, sql string) (cost, error) {
	cmd := exec.CommandContext(ctx, "python3", "-c", program, view, sql)
	var output bytes.Buffer
	cmd.Stderr = &output
	c, err := runCounted(cmd)
	if err != nil {
		return c, fmt.Errorf("running DuckDB: %w\n%s", err, output.String())
	}
	return c, nil
}
