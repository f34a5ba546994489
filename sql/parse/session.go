package parse

import (
	"strings"

	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/token"
)

// sessionReader gives what reads the statements about the session and its resources.
func sessionReader(word string) func(p *parser, start int) ast.Statement {
	switch word {
	case "USE":
		return useStatement
	case "SET":
		return setStatement
	case "RESET":
		return resetStatement
	case "LOAD", "UNLOAD":
		return loadStatement
	case "ADD", "REMOVE":
		return jarStatement
	case "CALL":
		return callStatement
	case "ANALYZE":
		return analyzeStatement
	case "STOP":
		return stopStatement
	}
	return nil
}

// setStatement reads SET, SET 'k' = 'v', and SET k = v, where key and value are taken as
// they stand.
func setStatement(p *parser, start int) ast.Statement {
	x := &ast.Set{}
	p.expect("SET")
	if p.atEnd() {
		x.Place = p.since(start)
		return x
	}
	keyStart := p.start()
	if p.peek().Kind == token.String {
		x.Key = p.str("an option's key")
	} else {
		x.Key = p.rawUntil(func() bool { return p.peek().Is("=") })
	}
	x.KeyAt = p.since(keyStart)
	p.expect("=")
	switch {
	case p.peek().Kind == token.String:
		x.Value = p.str("an option's value")
	case p.atEnd():
		p.unexpected("an option's value in single quotes")
	default:
		x.Value = p.rawUntil(p.atEnd)
	}
	p.refuseEmptyKey(x.Key, x.KeyAt)
	x.Place = p.since(start)
	return x
}

// resetStatement reads RESET and RESET 'k'.
func resetStatement(p *parser, start int) ast.Statement {
	x := &ast.Reset{}
	p.expect("RESET")
	if p.atEnd() {
		x.Place = p.since(start)
		return x
	}
	keyStart := p.start()
	if p.peek().Kind == token.String {
		x.Key = p.str("an option's key")
	} else {
		x.Key = p.rawUntil(p.atEnd)
	}
	p.refuseEmptyKey(x.Key, p.since(keyStart))
	x.Place = p.since(start)
	return x
}

func (p *parser) refuseEmptyKey(key string, at ast.Place) {
	if key == "" && p.ok() {
		p.fail(diag.Errorf(at.At, "an option's key is empty"))
	}
}

func (p *parser) atEnd() bool { return p.peek().Kind == token.EOF || p.at(";") }

// rawUntil takes tokens until stop or the end of the statement, and gives their text.
func (p *parser) rawUntil(stop func() bool) string {
	start := p.start()
	for !p.atEnd() && !stop() {
		p.next()
	}
	at := p.since(start).At
	return strings.TrimSpace(p.text.Body[at.Start:at.End])
}

// useStatement reads USE CATALOG c, USE MODULES a, b, USE [DATABASE] d.
func useStatement(p *parser, start int) ast.Statement {
	x := &ast.Use{Kind: "DATABASE"}
	p.expect("USE")
	switch {
	case p.at("CATALOG") && !p.ahead(1).Is("."):
		p.expect("CATALOG")
		x.Kind = "CATALOG"
		x.Names = []ast.Name{p.single("a catalog name")}
	case p.accept("MODULES"):
		x.Kind = "MODULES"
		p.list(func() { x.Names = append(x.Names, p.single("a module name")) })
	default:
		x.Names = []ast.Name{p.objectName("a database name")}
	}
	x.Place = p.since(start)
	return x
}

// single reads a name of one part.
func (p *parser) single(what string) ast.Name {
	id := p.ident(what)
	return ast.Name{Place: id.Place, Parts: []ast.Ident{id}}
}

// loadStatement reads LOAD MODULE m [WITH (…)] and UNLOAD MODULE m.
func loadStatement(p *parser, start int) ast.Statement {
	x := &ast.Load{Unload: p.expectAny("LOAD", "UNLOAD") == "UNLOAD"}
	p.expect("MODULE")
	x.Module = p.ident("a module name")
	if !x.Unload && p.accept("WITH") {
		x.Options = p.options()
	}
	x.Place = p.since(start)
	return x
}

// jarStatement reads ADD JAR '…' and REMOVE JAR '…'.
func jarStatement(p *parser, start int) ast.Statement {
	x := &ast.Jar{Remove: p.expectAny("ADD", "REMOVE") == "REMOVE"}
	p.expect("JAR")
	x.Path = p.str("a file name")
	x.Place = p.since(start)
	return x
}

// callStatement reads CALL p(…).
func callStatement(p *parser, start int) ast.Statement {
	p.expect("CALL")
	t := p.peek()
	call, ok := p.expr().(*ast.Call)
	if !ok {
		if p.ok() {
			p.fail(diag.Errorf(t.At, "expected a call such as p(1), found %s", describe(t)))
		}
		return nil
	}
	return &ast.CallProcedure{Place: p.since(start), Call: call}
}

// analyzeStatement reads ANALYZE TABLE t [PARTITION (…)] COMPUTE STATISTICS [FOR …].
func analyzeStatement(p *parser, start int) ast.Statement {
	x := &ast.Analyze{}
	p.expect("ANALYZE TABLE")
	x.Table = p.objectName("a table name")
	if p.accept("PARTITION") {
		x.Partition = p.partition()
	}
	p.expect("COMPUTE STATISTICS")
	if p.accept("FOR") {
		if p.accept("ALL COLUMNS") {
			x.AllColumns = true
		} else {
			p.expect("COLUMNS")
			p.list(func() { x.Columns = append(x.Columns, p.ident("a column name")) })
		}
	}
	x.Place = p.since(start)
	return x
}

// stopStatement reads STOP JOB 'id' [WITH SAVEPOINT] [WITH DRAIN].
func stopStatement(p *parser, start int) ast.Statement {
	p.expect("STOP JOB")
	x := &ast.StopJob{ID: p.str("a job's id")}
	x.Savepoint = p.accept("WITH SAVEPOINT")
	x.Drain = p.accept("WITH DRAIN")
	x.Place = p.since(start)
	return x
}
