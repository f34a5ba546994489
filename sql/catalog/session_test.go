package catalog

import (
	"strings"
	"testing"

	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/parse"
	"github.com/weirstream/weir/sql/types"
)

// trusting resolves tables without binding anything: computed columns are INT.
type trusting struct{}

func (trusting) Functions() []string { return []string{"ABS", "UPPER"} }

func (trusting) Resolve(t *Table) ([]Resolved, error) {
	out := make([]Resolved, len(t.Columns))
	for i, c := range t.Columns {
		out[i] = Resolved{Name: c.Name, Type: c.Type}
		if c.Computed != nil {
			out[i].Type = types.New(types.Int)
		}
	}
	return out, nil
}

func run(t *testing.T, s *Session, sql string) (*Result, error) {
	t.Helper()
	stmts, err := parse.Script(&diag.Text{Name: "test", Body: sql})
	if err != nil {
		t.Fatal(err)
	}
	var r *Result
	for _, st := range stmts {
		if r, err = s.Execute(st, trusting{}); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func must(t *testing.T, s *Session, sql string) *Result {
	t.Helper()
	r, err := run(t, s, sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return r
}

func name(parts ...string) ast.Name {
	var n ast.Name
	for _, p := range parts {
		n.Parts = append(n.Parts, ast.Ident{Name: p})
	}
	return n
}

func TestResolveNames(t *testing.T) {
	s := NewSession()
	must(t, s, "CREATE CATALOG c WITH ('type' = 'generic_in_memory', 'default-database' = 'first'); USE CATALOG c")
	for _, c := range []struct {
		name ast.Name
		want string
	}{
		{name("t"), "c.first.t"},
		{name("d", "t"), "c.d.t"},
		{name("x", "d", "t"), "x.d.t"},
	} {
		if p, err := s.Resolve(c.name); err != nil || p.String() != c.want {
			t.Errorf("%v is %v, %v, want %s", c.name.Strings(), p, err, c.want)
		}
	}
	if _, err := s.Resolve(name("a", "b", "c", "d")); err == nil {
		t.Error("a name of four parts was taken")
	}
}

func TestCloneLeavesTheOriginal(t *testing.T) {
	s := NewSession()
	must(t, s, "CREATE TABLE t (a INT) WITH ('connector' = 'x'); CREATE DATABASE d")
	c := s.Clone()
	must(t, c, `CREATE TABLE u (a INT) WITH ('connector' = 'x'); ALTER TABLE t ADD b INT; DROP DATABASE d; CREATE DATABASE e;
		CREATE TEMPORARY VIEW v AS SELECT 1; SET 'pipeline.name' = 'x'; ALTER DATABASE default_database SET ('k' = 'v')`)
	if len(s.Tables()) != 1 || len(s.Tables()[0].Columns) != 1 {
		t.Errorf("the original has %d tables, the first with %d columns", len(s.Tables()), len(s.Tables()[0].Columns))
	}
	if got := must(t, s, "SHOW DATABASES").Rows; len(got) != 2 || got[0][0] != "d" {
		t.Errorf("databases of the original: %v", got)
	}
	if s.Settings.Has("pipeline.name") {
		t.Error("a setting of the copy came through")
	}
	if got := must(t, s, "DESCRIBE DATABASE default_database").Rows; len(got) != 2 {
		t.Errorf("options of the copy came through: %v", got)
	}
}

func TestTemporaryTablesHideOthers(t *testing.T) {
	s := NewSession()
	must(t, s, "CREATE TABLE t (a INT) WITH ('connector' = 'x'); CREATE TEMPORARY TABLE t (b INT) WITH ('connector' = 'x')")
	got, err := s.Table(name("t"))
	if err != nil || !got.Temporary || got.Columns[0].Name != "b" {
		t.Errorf("got %+v, %v: the temporary table must hide the other", got, err)
	}
	must(t, s, "DROP TEMPORARY TABLE t")
	if got, err := s.Table(name("t")); err != nil || got.Columns[0].Name != "a" {
		t.Errorf("got %+v, %v: the other table must be back", got, err)
	}
}

func TestTablesAreNotChanged(t *testing.T) {
	s := NewSession()
	must(t, s, "CREATE TABLE t (a INT, b INT, PRIMARY KEY (a) NOT ENFORCED) PARTITIONED BY (b) WITH ('connector' = 'x', 'k' = '1')")
	before, err := s.Table(name("t"))
	if err != nil {
		t.Fatal(err)
	}
	ddl := before.ddl()
	must(t, s, "ALTER TABLE t RENAME a TO z; ALTER TABLE t RENAME b TO y; ALTER TABLE t ADD c INT FIRST; ALTER TABLE t SET ('k' = '2'); ALTER TABLE t DROP PRIMARY KEY")
	if before.ddl() != ddl {
		t.Errorf("ALTER changed the table that a plan may hold:\n%s\n%s", ddl, before.ddl())
	}
}

func TestShowCreateIsReadBack(t *testing.T) {
	s := NewSession()
	must(t, s, "CREATE TABLE `a``b` (`x y` INT NOT NULL, c AS `x y` + 1, m STRING METADATA FROM 'it''s' VIRTUAL COMMENT 'c''c', ts TIMESTAMP_LTZ(3),\n"+
		"WATERMARK FOR ts AS ts - INTERVAL '1' SECOND, PRIMARY KEY (`x y`) NOT ENFORCED) COMMENT 'x' DISTRIBUTED BY HASH(`x y`) INTO 3 BUCKETS\n"+
		"PARTITIONED BY (ts) WITH ('connector' = 'x', 'a''b' = 'c')")
	first := must(t, s, "SHOW CREATE TABLE `a``b`").Rows[0][0].(string)
	must(t, s, "DROP TABLE `a``b`")
	must(t, s, first)
	if again := must(t, s, "SHOW CREATE TABLE `a``b`").Rows[0][0].(string); again != first {
		t.Errorf("got\n%s\nwant\n%s", again, first)
	}
}

// The constraint of a key has a name, and a catalog is shown as it was made, as in Flink.
func TestShowCreateNames(t *testing.T) {
	s := NewSession()
	must(t, s, "CREATE TABLE t (a INT, b INT, PRIMARY KEY (b, a) NOT ENFORCED) WITH ('connector' = 'x'); CREATE TABLE u (CONSTRAINT zz PRIMARY KEY (a) NOT ENFORCED) LIKE t (EXCLUDING CONSTRAINTS); "+
		"CREATE TABLE v LIKE u; CREATE CATALOG c COMMENT 'it''s' WITH ('type' = 'generic_in_memory', 'default-database' = 'd')")
	for show, want := range map[string]string{
		"TABLE t":   "CONSTRAINT `PK_b_a` PRIMARY KEY (`b`, `a`) NOT ENFORCED",
		"TABLE v":   "CONSTRAINT `zz` PRIMARY KEY (`a`) NOT ENFORCED",
		"CATALOG c": "CREATE CATALOG `c`\nCOMMENT 'it''s'\nWITH (\n  'type' = 'generic_in_memory',\n  'default-database' = 'd'\n)",
	} {
		if got := must(t, s, "SHOW CREATE "+show).Rows[0][0].(string); !strings.Contains(got, want) {
			t.Errorf("SHOW CREATE %s: got\n%s\nwant in it\n%s", show, got, want)
		}
	}
	if rows := must(t, s, "DESCRIBE CATALOG EXTENDED c").Rows; len(rows) != 4 || rows[3][0] != "option:default-database" {
		t.Errorf("DESCRIBE CATALOG EXTENDED gives %v", rows)
	}
}

func TestLike(t *testing.T) {
	for _, c := range []struct {
		text, pattern string
		want          bool
	}{
		{"orders", "ord%", true},
		{"orders", "%s", true},
		{"orders", "o_ders", true},
		{"orders", "order", false},
		{"orders", "", false},
		{"", "%", true},
		{"a_c", `a\_c`, true},
		{"abc", `a\_c`, false},
		{"100%", `%\%`, true},
		{"1000", `%\%`, false},
		{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "%a%a%a%a%a%a%a%a%c", false},
	} {
		if got := like([]rune(c.text), []rune(c.pattern)); got != c.want {
			t.Errorf("%q LIKE %q is %v", c.text, c.pattern, got)
		}
	}
}

func TestIfExists(t *testing.T) {
	s := NewSession()
	must(t, s, `DROP TABLE IF EXISTS t; DROP VIEW IF EXISTS v; DROP DATABASE IF EXISTS d; DROP CATALOG IF EXISTS c;
		CREATE DATABASE IF NOT EXISTS default_database; CREATE CATALOG IF NOT EXISTS default_catalog; ALTER TABLE IF EXISTS t DROP PRIMARY KEY`)
	for _, sql := range []string{"DROP DATABASE d", "DROP CATALOG c", "CREATE DATABASE default_database", "ALTER TABLE t DROP PRIMARY KEY", "ALTER VIEW v RENAME TO w"} {
		if _, err := run(t, s, sql); err == nil || !strings.Contains(err.Error(), "there is") {
			t.Errorf("%s: %v", sql, err)
		}
	}
}
