package planner

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/catalog"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/parse"
	"github.com/weirstream/weir/sql/types"
)

const bidsDDL = `CREATE TABLE bids (auction BIGINT, price BIGINT, channel STRING, ts TIMESTAMP(3),
	WATERMARK FOR ts AS ts - INTERVAL '5' SECOND) WITH ('connector' = 'fake', 'path' = 'x');
	CREATE TABLE res (k STRING, n BIGINT) WITH ('connector' = 'fake', 'path' = 'x', 'accepts' = 'retract');`

func parsed(t *testing.T, sql string) []ast.Statement {
	t.Helper()
	stmts, err := parse.Script(&diag.Text{Name: "test", Body: sql})
	if err != nil {
		t.Fatal(err)
	}
	return stmts
}

func prepared(t *testing.T, env Env, session *catalog.Session) *Planner {
	t.Helper()
	p := New(session, env)
	for _, s := range parsed(t, bidsDDL) {
		if _, err := p.Execute(s); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// ids gives the fingerprints of a query's operators by name.
func ids(t *testing.T, parallelism int, sql string) map[string]string {
	t.Helper()
	session, env := testEnv()
	env.Parallelism = parallelism
	p := prepared(t, env, session)
	job, _, err := p.PlanQuery(parsed(t, sql)[0].(*ast.QueryStmt).Query, resultSink{})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	var visit func(n plan.Node)
	visit = func(n plan.Node) {
		name := n.Name()
		switch n := n.(type) {
		case *plan.GroupAggregate:
			if n.Phase != plan.Local {
				name = "aggregate"
			}
		case *plan.WindowAggregate:
			if n.Phase != plan.Local {
				name = "aggregate"
			}
		}
		out[name] = n.Properties().ID
		for _, in := range n.Inputs() {
			visit(in)
		}
	}
	visit(job.Sinks[0])
	return out
}

// TestFingerprints has queries whose aggregations compute the same, and others that do not.
func TestFingerprints(t *testing.T) {
	const query = "SELECT channel, SUM(price) AS s, COUNT(*) AS n FROM bids WHERE price > 1 AND auction < 9 GROUP BY channel"
	want := ids(t, 1, query)["aggregate"]
	same := []string{
		"SELECT COUNT(*), channel, SUM(price) FROM bids WHERE auction < 9 AND price > 1 GROUP BY channel",
		"SELECT n FROM (SELECT c, SUM(p) AS s, COUNT(*) AS n FROM (SELECT channel AS c, price AS p, auction AS a FROM bids) WHERE p > 1 AND a < 9 GROUP BY c) WHERE s > 0",
		"WITH b AS (SELECT * FROM bids WHERE price > 1) SELECT channel, COUNT(*) + 1, SUM(price) FROM b WHERE auction < 9 GROUP BY channel HAVING COUNT(*) > 1",
	}
	for _, sql := range same {
		for _, p := range []int{1, 4} {
			if got := ids(t, p, sql)["aggregate"]; got != want {
				t.Errorf("parallelism %d: %s has another fingerprint", p, sql)
			}
		}
	}
	for _, sql := range []string{
		"SELECT channel, SUM(price), COUNT(*) FROM bids WHERE price > 2 AND auction < 9 GROUP BY channel",
		"SELECT auction, SUM(price), COUNT(*) FROM bids WHERE price > 1 AND auction < 9 GROUP BY auction",
		"SELECT channel, SUM(auction), COUNT(*) FROM bids WHERE price > 1 AND auction < 9 GROUP BY channel",
		"SELECT channel, SUM(DISTINCT price), COUNT(*) FROM bids WHERE price > 1 AND auction < 9 GROUP BY channel",
		"SELECT channel, SUM(price), COUNT(*) FROM TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '1' SECOND) WHERE price > 1 AND auction < 9 GROUP BY window_start, window_end, channel",
	} {
		if got := ids(t, 1, sql)["aggregate"]; got == want {
			t.Errorf("%s has the same fingerprint", sql)
		}
	}
}

func TestPlanInsertsAndConfig(t *testing.T) {
	session, env := testEnv()
	env.Parallelism, env.BatchSize = 3, 7
	p := prepared(t, env, session)
	for k, v := range map[string]string{
		"parallelism.default": "8", "pipeline.auto-watermark-interval": "1 s", "table.exec.mini-batch.enabled": "false",
		"table.exec.state.ttl": "1 h", "table.local-time-zone": "UTC",
	} {
		if _, err := session.Settings.Set(k, v); err != nil {
			t.Fatal(err)
		}
	}
	stmts := parsed(t, "INSERT INTO res SELECT channel, price FROM bids; INSERT INTO res SELECT channel, COUNT(*) FROM bids GROUP BY channel")
	job, err := p.PlanInserts([]*ast.Insert{stmts[0].(*ast.Insert), stmts[1].(*ast.Insert)})
	if err != nil {
		t.Fatal(err)
	}
	c := job.Config
	if len(job.Sinks) != 2 || job.Sinks[0].Parallelism != 3 || job.Name != "insert-into_default_catalog.default_database.res,default_catalog.default_database.res" {
		t.Errorf("%d sinks, parallelism %d, name %s", len(job.Sinks), job.Sinks[0].Parallelism, job.Name)
	}
	if c.BatchSize != 7 || !c.RowByRow || c.WatermarkInterval.Seconds() != 1 || c.StateTTL.Hours() != 1 ||
		c.MaxGroups != 128 || c.Zone.String() != "UTC" {
		t.Errorf("config is %+v", c)
	}
	if job.Sinks[0].ID == job.Sinks[1].ID {
		t.Error("two operators have one fingerprint")
	}
}

func TestPlanQuerySchema(t *testing.T) {
	session, env := testEnv()
	p := prepared(t, env, session)
	job, schema, err := p.PlanQuery(parsed(t, "SELECT channel, channel, COUNT(*) FROM bids GROUP BY channel")[0].(*ast.QueryStmt).Query, resultSink{})
	if err != nil {
		t.Fatal(err)
	}
	if len(schema) != 3 || schema[1].Name != "channel0" || schema[2].Name != "EXPR$2" || !schema[2].Type.Equal(types.New(types.BigInt).WithoutNull()) {
		t.Errorf("schema is %v", schema)
	}
	if s := job.Sinks[0]; s.Parallelism != 1 || s.Changes != connectors.InsertOnly|1<<1|1<<2 {
		t.Errorf("the sink has parallelism %d and takes %s", s.Parallelism, s.Changes)
	}
}

func TestExecuteRefusesJobs(t *testing.T) {
	session, env := testEnv()
	p := prepared(t, env, session)
	for _, sql := range []string{"SELECT 1", "INSERT INTO res SELECT 'a', 1", "EXECUTE STATEMENT SET BEGIN INSERT INTO res SELECT 'a', 1; END"} {
		if _, err := p.Execute(parsed(t, sql)[0]); !errors.Is(err, ErrIsJob) {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

func TestLintLeavesTheSession(t *testing.T) {
	session, env := testEnv()
	p := prepared(t, env, session)
	errs := p.Linter().Lint(nil, parsed(t, "CREATE TABLE more (a INT) WITH ('connector' = 'fake', 'path' = 'x'); SET 'pipeline.name' = 'x'; DROP TABLE bids; SELECT a FROM more"))
	if len(errs) != 0 || len(session.Tables()) != 2 || session.Settings.Has("pipeline.name") {
		t.Errorf("errors %v, tables %d", errs, len(session.Tables()))
	}
}

// TestNothingExplodes has queries that double with every level.
func TestNothingExplodes(t *testing.T) {
	ctes := "WITH c0 AS (SELECT price FROM bids)"
	sums := "SELECT a FROM (VALUES (1)) AS t(a)"
	volatile := "SELECT RAND() AS a FROM bids"
	for i := range 40 {
		ctes += fmt.Sprintf(", c%d AS (SELECT * FROM c%d UNION ALL SELECT * FROM c%d)", i+1, i, i)
		sums = "SELECT a + a AS a FROM (" + sums + ")"
		volatile = "SELECT a + a AS a FROM (" + volatile + ")"
	}
	session, env := testEnv()
	p := prepared(t, env, session)
	for _, c := range []struct{ sql, err string }{
		{ctes + " SELECT * FROM c40", "expands to more than"},
		{strings.ReplaceAll(sums, "(1)", "(CAST(0 AS BIGINT))"), ""},
		{volatile, ""},
	} {
		_, _, err := p.PlanQuery(parsed(t, c.sql)[0].(*ast.QueryStmt).Query, resultSink{})
		if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
			t.Errorf("%.80s…: %v, want %q", c.sql, err, c.err)
		}
	}
}
