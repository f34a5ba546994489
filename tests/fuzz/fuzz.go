// Package fuzz makes random valid queries with inputs: typed expressions over all scalar types,
// aggregates, rankings, grouping sets, set operations and arrays over inserts and changelogs, windows and OVER with late
// rows. Its own test runs each with several
// batch sizes and parallelisms, which must agree; "peers flink fuzz" runs the same queries in
// Apache Flink.
//
// Enter at Make, which gives the case of a seed, and at Compare, which holds two results against
// each other. Shrink makes a failing case small enough to become a golden case.
package fuzz

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/weirstream/weir/tests/golden"
)

// Kinds are the kinds of cases.
var Kinds = []string{"expressions", "aggregates", "windows", "over", "rankings", "tables"}

// Case is a script over one input table, "t".
type Case struct {
	Seed    uint64
	Kind    string // of Kinds
	Zone    string
	Columns []column
	Rows    [][]string // cells, by row and column; behind the columns the change kind
	Time    string     // the watermark's expression, "" for none
	// Items are the expressions of one SELECT, or the queries of one UNION ALL.
	Items []*Node
}

// Make gives the case of a seed: the same for the same seed and version of this package.
func Make(seed uint64) *Case {
	g := &generator{rand: rand.New(rand.NewPCG(seed, 0x77656972))}
	c := &Case{Seed: seed, Zone: pick(g, []string{"UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"})}
	switch seed % 8 {
	case 0, 1:
		c.Kind, c.Columns = "expressions", expressionColumns()
		c.Rows = g.rows(c.Columns, 30, true, false)
		for range 80 {
			c.Items = append(c.Items, g.any(1+g.rand.IntN(3)))
		}
	case 2, 3:
		c.untimed(g, "aggregates", g.aggregateQuery)
	case 4:
		c.timed(g, "windows", g.windowQuery)
	case 5:
		c.timed(g, "over", g.overQuery)
	case 6:
		c.untimed(g, "rankings", g.rankingQuery)
	default:
		c.untimed(g, "tables", g.tableQuery)
	}
	return c
}

// untimed fills the case with queries over inserts or a changelog.
func (c *Case) untimed(g *generator, kind string, query func(number int) *Node) {
	c.Kind, c.Columns = kind, aggregateColumns()
	g.changes = g.rand.IntN(2) == 0
	c.Rows = g.rows(c.Columns, 40, false, g.changes)
	for i := range 16 {
		c.Items = append(c.Items, query(i))
	}
}

// timed fills the case with queries over inserts whose time goes on.
func (c *Case) timed(g *generator, kind string, query func(number int) *Node) {
	c.Kind, c.Columns, c.Zone = kind, aggregateColumns(), "UTC"
	c.Rows = g.windowRows(c.Columns, 40)
	delay := pick(g, []int{0, 2, 10, maxStepBack})
	c.Time = fmt.Sprintf("ts - INTERVAL '%d' SECOND", delay)
	g.late = delay < maxStepBack
	for i := range 14 {
		c.Items = append(c.Items, query(i))
	}
}

// SQL gives the case's statements.
func (c *Case) SQL() string {
	var b strings.Builder
	b.WriteString("CREATE TABLE t (")
	for i, col := range c.Columns {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(col.name + " " + col.typ)
	}
	if c.Time != "" {
		b.WriteString(", WATERMARK FOR ts AS " + c.Time)
	}
	b.WriteString(") WITH ('connector' = 'x');\n")
	if c.Kind == "expressions" {
		b.WriteString("SELECT ")
		for i, x := range c.Items {
			if i > 0 {
				b.WriteString(",\n  ")
			}
			fmt.Fprintf(&b, "%s AS c%d", x, i)
		}
		b.WriteString("\nFROM t;\n")
		return b.String()
	}
	for i, q := range c.Items {
		if i > 0 {
			b.WriteString("\nUNION ALL ")
		}
		b.WriteString(q.String())
	}
	b.WriteString(";\n")
	return b.String()
}

// Text gives the case as a golden file, with expect as the heading of what it expects.
func (c *Case) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "=== %s of seed %d\n-- set --\ntable.local-time-zone = %s\n-- sql --\n%s-- input t --\n", c.Kind, c.Seed, c.Zone, c.SQL())
	b.WriteString("op")
	for _, col := range c.Columns {
		b.WriteString(" | " + col.name)
	}
	b.WriteByte('\n')
	for _, row := range c.Rows {
		b.WriteString(row[len(row)-1] + " | " + strings.Join(row[:len(row)-1], " | ") + "\n")
	}
	b.WriteString("-- result --\n")
	return b.String()
}

// Golden parses the case's text.
func (c *Case) Golden() (*golden.File, error) {
	return golden.Parse(fmt.Sprintf("seed-%d.test", c.Seed), c.Text())
}

// Node is a piece of SQL: its text, in which every "?" stands for a child.
type Node struct {
	text string
	kids []*Node
}

func (n *Node) String() string {
	if len(n.kids) == 0 {
		return n.text
	}
	var b strings.Builder
	parts := strings.Split(n.text, "?")
	for i, p := range parts {
		b.WriteString(p)
		if i < len(n.kids) {
			b.WriteString(n.kids[i].String())
		}
	}
	return b.String()
}

type generator struct {
	rand    *rand.Rand
	changes bool // the input is a changelog
	late    bool // rows may be behind the watermark
}

func pick[T any](g *generator, from []T) T { return from[g.rand.IntN(len(from))] }

// n makes a node.
func n(text string, kids ...*Node) *Node { return &Node{text, kids} }
