package golden

import (
	"context"
	"errors"
	"os"
)

// Table is what a query's changelog amounts to: rows of cells, sorted.
type Table struct {
	Columns []string // "name TYPE"
	Rows    [][]string
}

// Result runs a case's query in one variant and gives what comes out, whatever the case expects.
func (r *Runner) Result(ctx context.Context, f *File, c *Case, v Variant) (*Table, error) {
	dir, err := os.MkdirTemp("", "weir-golden-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	got, err := r.execute(ctx, f, c, v, false, dir)
	switch {
	case err != nil:
		return nil, err
	case got.err != nil:
		return nil, got.err
	case got.query == nil:
		return nil, errors.New("the script's last statement is no query")
	}
	return got.query.table()
}

func (l *changelog) table() (*Table, error) {
	rows, err := l.fold()
	return &Table{l.columns, rows}, err
}
