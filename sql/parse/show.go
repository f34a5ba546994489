package parse

import (
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/token"
)

// showListings are the SHOW statements that list something, longest first where one starts
// another; the value says whether FROM and LIKE may follow.
var showListings = []struct {
	what string
	from bool
	like bool
}{
	{"CATALOGS", false, true},
	{"DATABASES", true, true},
	{"TABLES", true, true},
	{"VIEWS", true, true},
	{"MATERIALIZED TABLES", true, true},
	{"USER FUNCTIONS", true, true},
	{"FUNCTIONS", true, true},
	{"MODELS", true, true},
	{"PROCEDURES", true, true},
	{"COLUMNS", true, true},
	{"FULL MODULES", false, false},
	{"MODULES", false, false},
	{"JARS", false, false},
	{"JOBS", false, false},
	{"CURRENT CATALOG", false, false},
	{"CURRENT DATABASE", false, false},
}

func showStatement(p *parser, start int) ast.Statement {
	p.expect("SHOW")
	x := &ast.Show{}
	p.show(x)
	x.Place = p.since(start)
	return x
}

func (p *parser) show(x *ast.Show) {
	if p.accept("PARTITIONS") {
		x.What = "PARTITIONS"
		x.From = p.objectName("a table name")
		if p.accept("PARTITION") {
			x.Partition = p.partition()
		}
		return
	}
	if p.accept("CREATE") {
		kind := p.expectAny("TABLE", "VIEW", "CATALOG", "MODEL", "MATERIALIZED TABLE", "FUNCTION", "DATABASE")
		x.What = "CREATE " + kind
		x.From = p.objectName("a name")
		return
	}
	for _, s := range showListings {
		if !p.accept(s.what) {
			continue
		}
		x.What = s.what
		if s.from {
			p.showFrom(x)
		}
		if s.like {
			p.showLike(x)
		}
		return
	}
	p.unexpected("what to show, such as TABLES")
}

func (p *parser) showFrom(x *ast.Show) {
	if x.What == "COLUMNS" {
		x.Preposition = p.expectAny("FROM", "IN")
	} else if x.Preposition = p.acceptAny("FROM", "IN"); x.Preposition == "" {
		return
	}
	x.From = p.objectName("a name")
}

func (p *parser) showLike(x *ast.Show) {
	x.NotLike = p.accept("NOT")
	if x.LikeKind = p.acceptAny("LIKE", "ILIKE"); x.LikeKind != "" {
		x.Like = p.str("a pattern")
	} else if x.NotLike {
		p.unexpected("LIKE or ILIKE")
	}
}

// describeStatement reads DESCRIBE|DESC [kind] [EXTENDED] name.
func describeStatement(p *parser, start int) ast.Statement {
	p.expectAny("DESCRIBE", "DESC")
	x := &ast.Describe{}
	if n := p.ahead(1); !n.Is(".") && !n.Is(";") && n.Kind != token.EOF { // else it is a table's name
		x.Kind = p.acceptAny("CATALOG", "DATABASE", "FUNCTION", "MODEL", "JOB")
	}
	if x.Kind == "JOB" {
		x.Job = p.str("a job's id")
	} else {
		x.Extended = p.accept("EXTENDED")
		x.Name = p.objectName("a name")
	}
	x.Place = p.since(start)
	return x
}
