package parse

import (
	"strings"

	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/token"
)

// script reads statements separated by semicolons.
func (p *parser) script() []ast.Statement {
	var out []ast.Statement
	for {
		for p.accept(";") || len(p.wrong) > 0 && p.accept("END") {
		}
		if p.peek().Kind == token.EOF {
			return out
		}
		p.first, p.bareAlias = p.pos, -1
		s := p.statement()
		if p.ok() && p.peek().Kind != token.EOF {
			p.expectEnd()
		}
		switch {
		case p.ok():
			out = append(out, s)
		case !p.recover():
			return out
		}
	}
}

// expectEnd reads the semicolon behind a statement.
func (p *parser) expectEnd() {
	if !p.at(";") {
		p.unexpected("")
		return
	}
	p.next()
}

// statement reads one statement, without the semicolon.
func (p *parser) statement() ast.Statement {
	t := p.peek()
	word := t.Keyword
	if t.Kind == token.Symbol {
		word = t.Text
	}
	if read := statementReader(word); read != nil {
		return read(p, p.start())
	}
	for w := range strings.FieldsSeq(statementWords) {
		p.try(w)
	}
	p.unexpected("a statement")
	return nil
}

// statementWords are the words that start a statement.
const statementWords = `SELECT WITH VALUES INSERT UPDATE DELETE TRUNCATE EXPLAIN EXECUTE BEGIN COMPILE CREATE REPLACE
	ALTER DROP SHOW DESCRIBE DESC USE SET RESET LOAD UNLOAD ADD REMOVE CALL ANALYZE STOP`

// statementReader gives what reads the statements that start with a word, or nil.
func statementReader(word string) func(p *parser, start int) ast.Statement {
	switch word {
	case "SELECT", "WITH", "VALUES", "TABLE", "(":
		return queryStatement
	case "INSERT":
		return insertStatement
	case "UPDATE":
		return updateStatement
	case "DELETE":
		return deleteStatement
	case "TRUNCATE":
		return truncateStatement
	case "EXPLAIN":
		return explainStatement
	case "EXECUTE":
		return executeStatement
	case "BEGIN":
		return beginStatement
	case "COMPILE":
		return compileStatement
	case "CREATE":
		return createStatement
	case "REPLACE":
		return replaceStatement
	case "ALTER":
		return alterStatement
	case "DROP":
		return dropStatement
	case "SHOW":
		return showStatement
	case "DESCRIBE", "DESC":
		return describeStatement
	}
	return sessionReader(word)
}

func queryStatement(p *parser, start int) ast.Statement {
	q := p.query()
	return &ast.QueryStmt{Place: p.since(start), Query: q}
}

// insertStatement reads INSERT INTO|OVERWRITE t ….
func insertStatement(p *parser, start int) ast.Statement {
	if x := p.insert(start); x != nil {
		return x
	}
	return nil
}

// insert reads an INSERT; nil after an error.
func (p *parser) insert(start int) *ast.Insert {
	x := &ast.Insert{}
	p.expect("INSERT")
	x.Overwrite = p.expectAny("INTO", "OVERWRITE") == "OVERWRITE"
	p.accept("TABLE")
	x.Table = p.objectName("a table name")
	x.Hints = p.hints()
	if p.accept("PARTITION") {
		x.Partition = p.partition()
	}
	if p.at("(") && !p.opensQuery(p.pos) {
		x.Columns = p.names("a column name")
	}
	if !p.opensQuery(p.pos) {
		p.unexpected("a query (SELECT, VALUES, WITH)")
		return nil
	}
	x.Query = p.query()
	if p.accept("ON CONFLICT") {
		p.expect("DO")
		x.OnConflict = p.expectAny("NOTHING", "ERROR", "DEDUPLICATE")
	}
	x.Place = p.since(start)
	if !p.ok() {
		return nil
	}
	return x
}

// partition reads (dt = '…', hr); what has no value gives nil.
func (p *parser) partition() (out []ast.PartitionValue) {
	p.parens(func() {
		v := ast.PartitionValue{Name: p.ident("a partition column")}
		if p.accept("=") {
			v.Value = p.expr()
		}
		out = append(out, v)
	})
	return out
}

func updateStatement(p *parser, start int) ast.Statement {
	x := &ast.Update{}
	p.expect("UPDATE")
	x.Table = p.objectName("a table name")
	p.expect("SET")
	p.list(func() {
		a := ast.Assignment{Column: p.ident("a column name")}
		p.expect("=")
		a.X = p.expr()
		x.Set = append(x.Set, a)
	})
	if p.accept("WHERE") {
		x.Where = p.expr()
	}
	x.Place = p.since(start)
	return x
}

func deleteStatement(p *parser, start int) ast.Statement {
	x := &ast.Delete{}
	p.expect("DELETE FROM")
	x.Table = p.objectName("a table name")
	if p.accept("WHERE") {
		x.Where = p.expr()
	}
	x.Place = p.since(start)
	return x
}

func truncateStatement(p *parser, start int) ast.Statement {
	p.expect("TRUNCATE TABLE")
	x := &ast.Truncate{Table: p.objectName("a table name")}
	x.Place = p.since(start)
	return x
}

// explainStatement reads EXPLAIN [details] statement.
func explainStatement(p *parser, start int) ast.Statement {
	x := &ast.Explain{}
	p.expect("EXPLAIN")
	if p.accept("PLAN FOR") {
		x.Details = []string{"PLAN FOR"}
	} else if d := p.explainDetail(); d != "" {
		x.Details = append(x.Details, d)
		for p.accept(",") {
			if d = p.explainDetail(); d == "" {
				p.unexpected("what to explain")
			}
			x.Details = append(x.Details, d)
		}
	}
	x.Stmt = p.explained()
	x.Place = p.since(start)
	return x
}

// explained reads what EXPLAIN can explain.
func (p *parser) explained() ast.Statement {
	start, first := p.start(), p.peek().At
	switch {
	case p.at("STATEMENT SET"):
		return p.statementSet(start)
	case p.at("INSERT"), p.at("EXECUTE"), p.at("BEGIN"), p.opensQuery(p.pos):
		return p.statement()
	case p.at("CREATE"), p.at("REPLACE"):
		s := p.statement()
		if t, ok := s.(*ast.CreateTable); p.ok() && (!ok || t.AsQuery == nil) {
			p.fail(diag.Errorf(first, "only a CREATE TABLE … AS SELECT … can be explained").WithHint("there is no plan of a definition"))
		}
		return s
	}
	p.unexpected("a query, an INSERT or a statement set")
	return nil
}

func (p *parser) explainDetail() string {
	return p.acceptAny("ESTIMATED_COST", "CHANGELOG_MODE", "PLAN_ADVICE", "JSON_EXECUTION_PLAN", "VERBOSE", "ANALYZE")
}

// executeStatement reads EXECUTE STATEMENT SET …, EXECUTE PLAN '…', EXECUTE INSERT …, EXECUTE
// query.
func executeStatement(p *parser, start int) ast.Statement {
	p.expect("EXECUTE")
	switch {
	case p.at("STATEMENT SET"):
		return p.statementSet(start)
	case p.accept("PLAN"):
		x := &ast.ExecutePlan{Path: p.str("a file name")}
		x.Place = p.since(start)
		return x
	case p.at("INSERT"):
		return insertStatement(p, start)
	case p.opensQuery(p.pos):
		return queryStatement(p, start)
	}
	p.unexpected("STATEMENT SET, PLAN, INSERT or a query")
	return nil
}

// statementSet reads STATEMENT SET BEGIN insert; … END.
func (p *parser) statementSet(start int) ast.Statement {
	p.expect("STATEMENT SET")
	p.expect("BEGIN")
	return p.statements(start)
}

// beginStatement reads BEGIN STATEMENT SET; insert; … END.
func beginStatement(p *parser, start int) ast.Statement {
	p.expect("BEGIN")
	p.expect("STATEMENT SET")
	p.expect(";")
	return p.statements(start)
}

// statements reads insert; … END.
func (p *parser) statements(start int) ast.Statement {
	x := &ast.StatementSet{}
	for p.ok() && (len(x.Inserts) == 0 || !p.accept("END")) {
		p.accept("EXECUTE")
		if !p.at("INSERT") {
			p.try("INSERT")
			p.unexpected("INSERT or END of the statement set")
			return nil
		}
		if insert := p.insert(p.start()); insert != nil {
			x.Inserts = append(x.Inserts, insert)
		}
		p.expect(";")
		if !p.ok() && !p.recover() {
			return nil
		}
	}
	x.Place = p.since(start)
	return x
}

// compileStatement reads COMPILE [AND EXECUTE] PLAN 'f' [IF NOT EXISTS] FOR ….
func compileStatement(p *parser, start int) ast.Statement {
	x := &ast.CompilePlan{}
	p.expect("COMPILE")
	x.Execute = p.accept("AND EXECUTE")
	p.expect("PLAN")
	x.Path = p.str("a file name")
	x.IfNotExists = p.accept("IF NOT EXISTS")
	p.expect("FOR")
	switch {
	case p.at("STATEMENT SET"):
		x.Stmt = p.statementSet(p.start())
	case p.at("INSERT"):
		x.Stmt = insertStatement(p, p.start())
	default:
		p.unexpected("INSERT or STATEMENT SET")
	}
	x.Place = p.since(start)
	return x
}
