package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/tests/golden"
	"github.com/weirstream/weir/tests/peers/flink"
)

// errNotPortable marks cases that cannot be asked of Flink: Weir's own connectors, plans,
// error texts.
var errNotPortable = errors.New("not portable")

// tally counts how cases went.
type tally struct{ agreed, differed, meant, skipped int }

// check runs the golden cases below the paths in Flink and compares with what they expect.
func check(ctx context.Context, cluster *flink.Cluster, adopt bool, paths []string) error {
	var t tally
	for _, path := range paths {
		files, err := golden.Files(path)
		if err != nil {
			return err
		}
		for _, file := range files {
			if err := checkFile(ctx, cluster, adopt, file, &t); err != nil {
				return err
			}
		}
	}
	fmt.Printf("%d agreed with Flink %s, %d differed, %d differ on purpose, %d not portable\n", t.agreed, flink.Version, t.differed, t.meant, t.skipped)
	if t.differed > 0 && !adopt {
		return errors.New("results differ from those of Flink")
	}
	return nil
}

func checkFile(ctx context.Context, cluster *flink.Cluster, adopt bool, path string, t *tally) error {
	f, err := golden.ParseFile(path)
	if err != nil {
		return err
	}
	before := f.String()
	for _, c := range f.Cases {
		if c.Differs() {
			t.meant++
			continue
		}
		err := checkCase(ctx, cluster, adopt, f, c)
		switch {
		case errors.Is(err, errNotPortable):
			t.skipped++
		case err != nil:
			t.differed++
			fmt.Printf("DIFF %s:%d: %s\n%v\n\n", path, c.Line, c.Name, err)
		default:
			t.agreed++
			c.SetAgreed(flink.Version)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if after := f.String(); after != before {
		return os.WriteFile(path, []byte(after), 0o644)
	}
	return nil
}

func checkCase(ctx context.Context, cluster *flink.Cluster, adopt bool, f *golden.File, c *golden.Case) error {
	dir, err := os.MkdirTemp("", "weir-peers-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	stmts, err := c.Statements(f, dir)
	if err != nil {
		return errNotPortable // a case about syntax errors
	}
	script, err := portable(c, stmts, dir)
	if err != nil {
		return err
	}
	settings := c.Settings()
	_, writes := stmts[len(stmts)-1].(*ast.Insert)
	if writes {
		settings["table.dml-sync"] = "true"
	}
	res, err := cluster.Run(ctx, settings, script)
	if err != nil {
		return err
	}
	if writes {
		return c.CompareForeignOutput(dir, res.Error)
	}
	return c.CompareForeign(res.Columns, rowsOf(res), res.Error, adopt)
}

func rowsOf(res *flink.Result) []golden.ForeignRow {
	rows := make([]golden.ForeignRow, len(res.Rows))
	for i, r := range res.Rows {
		rows[i] = golden.ForeignRow{Kind: r.Kind, Values: r.Values}
	}
	return rows
}

// portable gives the case's statements as Flink takes them: tables with an input section read a
// file through the connector "weir-rows", those of files are in the folder dir.
func portable(c *golden.Case, stmts []ast.Statement, dir string) ([]string, error) {
	inputs, err := c.WriteInputs(dir)
	if err != nil {
		return nil, err
	}
	var out []string
	for i, s := range stmts {
		switch st := s.(type) {
		case *ast.CreateTable:
			in, ok := inputs[st.Name.Last().Name]
			if table, ok := filesTable(st, dir); ok {
				s = table
				break
			}
			if !ok {
				if st.Like == nil || len(st.Options) > 0 {
					return nil, errNotPortable
				}
				break
			}
			table := *st
			table.Options = []ast.Option{{Key: "connector", Value: "weir-rows"}, {Key: "path", Value: filepath.ToSlash(in.Path)}, {Key: "format", Value: "json"}}
			if in.Changelog {
				how := "true"
				if in.Upsert && hasPrimaryKey(st) {
					how = "upsert"
				}
				table.Options = append(table.Options, ast.Option{Key: "changelog", Value: how})
			}
			s = &table
		case *ast.StatementSet, *ast.Explain, *ast.Show, *ast.Describe:
			return nil, errNotPortable
		case *ast.QueryStmt, *ast.Insert:
			if i != len(stmts)-1 {
				return nil, errNotPortable
			}
		}
		out = append(out, strings.TrimSuffix(strings.TrimSpace(ast.Format(s)), ";"))
	}
	return out, nil
}

// filesTable gives a table of the connector 'filesystem' as Flink takes it; ok is false for others and for
// what only Weir has: its own format, and metadata of formats in files.
func filesTable(st *ast.CreateTable, dir string) (table *ast.CreateTable, ok bool) {
	for _, c := range st.Columns {
		if c.MetaKey != nil && strings.HasPrefix(*c.MetaKey, "value.") {
			return nil, false
		}
	}
	t := *st
	t.Options = nil
	for _, o := range st.Options {
		switch {
		case o.Key == "connector":
			ok = o.Value == "filesystem"
		case o.Key == "format" && o.Value == "changelog-json":
			return nil, false
		case o.Key == "path":
			o.Value = filepath.ToSlash(filepath.Join(dir, o.Value))
		}
		t.Options = append(t.Options, o)
	}
	return &t, ok
}

func hasPrimaryKey(st *ast.CreateTable) bool { return st.PrimaryKey != nil }
