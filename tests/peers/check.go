package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/tests/golden"
	"github.com/weirstream/weir/tests/peers/flink"
)

// errNotPortable marks cases that cannot be asked of Flink: Weir's own connectors, plans,
// error texts.
var errNotPortable = errors.New("not portable")

// errAgrees is given for a case that says that it differs from Flink, and does not.
var errAgrees = errors.New("it is marked as different, and gives the same")

// checking compares golden cases.
type checking struct {
	adopt bool // what a case expects is rewritten with what Flink gave
	flink *session
	tally tally
}

// tally counts how cases went.
type tally struct{ agreed, differed, meant, skipped int }

func (t tally) String() string {
	return fmt.Sprintf("%d agreed with Flink %s, %d differed, %d differ on purpose, %d not portable", t.agreed, flink.Version, t.differed, t.meant, t.skipped)
}

// checkFlink runs golden cases in Flink too and compares with what they expect.
func checkFlink(ctx context.Context, in flink.Installation, args []string) error {
	flags := flag.NewFlagSet("check", flag.ContinueOnError)
	adopt := flags.Bool("adopt", false, "rewrite what a case expects with what Flink gave")
	if err := flags.Parse(args); err != nil {
		return err
	}
	z := &checking{adopt: *adopt, flink: newSession(in)}
	defer z.flink.Close()
	return z.run(ctx, flags.Args())
}

// run checks the files below the paths; how far it is goes to standard error, a line a file.
func (z *checking) run(ctx context.Context, paths []string) error {
	var files []string
	for _, path := range paths {
		found, err := golden.Files(path)
		if err != nil {
			return err
		}
		files = append(files, found...)
	}
	for i, file := range files {
		fmt.Fprintf(os.Stderr, "%d of %d: %s\n", i+1, len(files), file)
		if err := z.file(ctx, file); err != nil {
			return err
		}
	}
	fmt.Println(z.tally)
	if z.tally.differed > 0 && !z.adopt {
		return errors.New("results differ from those of Flink")
	}
	return nil
}

func (z *checking) file(ctx context.Context, path string) error {
	f, err := golden.ParseFile(path)
	if err != nil {
		return err
	}
	before := f.String()
	for _, c := range f.Cases {
		if c.Differs() && z.adopt {
			z.tally.meant++
			continue
		}
		err := z.check(ctx, f, c)
		if c.Differs() && err == nil {
			err = errAgrees
		}
		switch {
		case errors.Is(err, errNoCluster) || ctx.Err() != nil:
			return err
		case c.Differs() && !errors.Is(err, errAgrees):
			z.tally.meant++
		case errors.Is(err, errNotPortable):
			z.tally.skipped++
		case err != nil:
			z.tally.differed++
			fmt.Printf("DIFF %s:%d: %s\n%v\n\n", path, c.Line, c.Name, err)
		default:
			z.tally.agreed++
			c.SetAgreed(flink.Version)
		}
	}
	if after := f.String(); after != before {
		return os.WriteFile(path, []byte(after), 0o644)
	}
	return nil
}

func (z *checking) check(ctx context.Context, f *golden.File, c *golden.Case) error {
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
	if plan := c.Plan(); plan != "" {
		return z.checkPlan(ctx, c, plan, script)
	}
	res, err := z.flink.Run(ctx, c.Settings(), script)
	if err != nil {
		return err
	}
	theirs := &golden.Foreign{Dir: dir, Failure: res.Error, Tables: map[string]*golden.ForeignTable{}}
	if res.Columns != nil {
		theirs.Query = tableOf(res)
	}
	for _, name := range c.Outputs() {
		written, err := flink.ReadTable(outputPath(dir, name))
		if errors.Is(err, os.ErrNotExist) {
			continue // no INSERT is into it
		}
		if err != nil {
			return err
		}
		theirs.Tables[name] = tableOf(written)
	}
	return c.CompareForeign(theirs, z.adopt)
}

func tableOf(res *flink.Result) *golden.ForeignTable {
	t := &golden.ForeignTable{Columns: res.Columns, Key: res.Key, Rows: make([]golden.ForeignRow, len(res.Rows))}
	for i, r := range res.Rows {
		t.Rows[i] = golden.ForeignRow{Kind: r.Kind, Values: r.Values}
	}
	return t
}

// outputPath is the file of a table that the script writes to.
func outputPath(dir, table string) string {
	return filepath.ToSlash(filepath.Join(dir, "output-"+table))
}

// portable gives the case's statements as Flink takes them: tables with an input section read a
// file through the connector "weir-rows", those whose rows are expected write one, those of files are in the folder dir.
func portable(c *golden.Case, stmts []ast.Statement, dir string) ([]string, error) {
	inputs, err := c.WriteInputs(stmts, dir)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, s := range stmts {
		switch st := s.(type) {
		case *ast.CreateTable:
			if s, err = portableTable(c, st, inputs, dir); err != nil {
				return nil, err
			}
		case *ast.Explain, *ast.Show, *ast.Describe:
			return nil, errNotPortable
		}
		out = append(out, strings.TrimSuffix(strings.TrimSpace(ast.Format(s)), ";"))
	}
	return out, nil
}

// portableTable gives a table as Flink takes it.
func portableTable(c *golden.Case, st *ast.CreateTable, inputs map[string]golden.InputFile, dir string) (*ast.CreateTable, error) {
	if table, ok := filesTable(st, dir); ok {
		return table, nil
	}
	name := st.Name.Last().Name
	in, read := inputs[name]
	switch {
	case slices.Contains(c.Outputs(), name):
		return rowsTable(st, outputPath(dir, name)), nil
	case read:
		table := rowsTable(st, filepath.ToSlash(in.Path))
		table.Options = append(table.Options, ast.Option{Key: "format", Value: "json"})
		if in.Blocks != nil {
			list := strings.Trim(strings.ReplaceAll(fmt.Sprint(in.Blocks), " ", ";"), "[]")
			table.Options = append(table.Options, ast.Option{Key: "blocks", Value: list})
		}
		if in.Changelog {
			how := "true"
			if in.Upsert && hasPrimaryKey(st) {
				how = "upsert"
			}
			table.Options = append(table.Options, ast.Option{Key: "changelog", Value: how})
		}
		return table, nil
	case st.Like != nil && len(st.Options) == 0, slices.ContainsFunc(st.Options, isBlackhole):
		return st, nil
	}
	return nil, errNotPortable
}

func isBlackhole(o ast.Option) bool { return o.Key == "connector" && o.Value == "blackhole" }

// rowsTable gives the table with a file of the connector "weir-rows".
func rowsTable(st *ast.CreateTable, path string) *ast.CreateTable {
	table := *st
	table.Options = []ast.Option{{Key: "connector", Value: "weir-rows"}, {Key: "path", Value: path}}
	return &table
}

// filesTable gives a table of the connector 'filesystem' as Flink takes it; ok is false for others and for
// what only Weir has: its own options and format, and metadata of formats in files.
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
		case strings.HasPrefix(o.Key, "weir."), o.Key == "format" && o.Value == "changelog-json":
			return nil, false
		case o.Key == "connector":
			ok = o.Value == "filesystem"
		case o.Key == "path":
			o.Value = filepath.ToSlash(filepath.Join(dir, o.Value))
		}
		t.Options = append(t.Options, o)
	}
	return &t, ok
}

func hasPrimaryKey(st *ast.CreateTable) bool { return st.PrimaryKey != nil }
