package parse

import (
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/token"
)

// maxOperators bounds the operators of one expression without brackets; its tree may be as
// deep.
const maxOperators = 10_000

// level is how tightly an operator binds, after Calcite's operator table (its precedences
// are in brackets). Operators of one level group from the left.
type level uint8

const (
	levelOr      level = iota + 1 // OR (22)
	levelAnd                      // AND (24); NOT (26) binds tighter, as in MySQL
	levelCompare                  // = <> < <= > >= IS DISTINCT FROM, OVERLAPS (30), IS NULL and its like (28)
	levelLike                     // LIKE, SIMILAR TO, IN, = ANY, BETWEEN (32)
	levelAdd                      // + - (40)
	levelMul                      // * / % || (60)
)

// lowered is the MySQL operator that each level is written as. MySQL puts || above *, and
// gives LIKE, IN and BETWEEN rules of their own; its bit-or stands exactly where Calcite has
// them, and none of these MySQL operators groups from the right. Unary minus binds
// tightest and comes as an operand.
var lowered = [...]string{
	levelOr: " OR ", levelAnd: " AND ", levelCompare: " = ", levelLike: " | ", levelAdd: " + ", levelMul: " * ",
}

// infix is an operator as the user wrote it.
type infix struct {
	op    string // "+", "AND", "LIKE", "BETWEEN", "BETWEEN AND", "ESCAPE", "IN", "ANY", "ALL", "IS", …
	at    diag.Span
	not   bool
	what  string // IS: "NULL", "JSON OBJECT", …; BETWEEN: "SYMMETRIC"; ANY, ALL: "=", "<", …
	level level
}

// symbolLevels are the operators that are written with symbols.
var symbolLevels = map[string]level{
	"=": levelCompare, "<>": levelCompare, "!=": levelCompare, "<": levelCompare, "<=": levelCompare,
	">": levelCompare, ">=": levelCompare, "+": levelAdd, "-": levelAdd, "*": levelMul, "/": levelMul,
	"%": levelMul, "||": levelMul,
}

// expression reads operands and the operators between them, as far as they go.
func (l *lowering) expression() {
	l.enter()
	defer l.leave()
	s := sequence{lowering: l}
	for l.ok() {
		s.operand()
		for s.postfix() {
		}
		if !s.operator() {
			break
		}
	}
	if s.between != nil && l.ok() {
		l.unexpected("AND and the upper bound of BETWEEN")
	}
}

// sequence is the state of reading one expression without brackets.
type sequence struct {
	*lowering
	last    *infix // the operator before the next operand, nil in front
	between *infix // a BETWEEN that waits for its AND
	like    bool   // the last operator below levelAdd was LIKE or SIMILAR TO: ESCAPE may follow
	count   int
}

// operand reads NOTs and one operand, and notes the operator in front of it.
func (s *sequence) operand() {
	var nots []diag.Span
	for s.at("NOT") {
		t := s.next()
		if s.last != nil && s.last.level > levelAnd {
			s.fail(diag.Errorf(t.At, "NOT cannot stand behind %s", s.last.op).WithHint("put brackets around NOT and its operand"))
			return
		}
		if len(nots) >= maxDepth {
			s.fail(diag.Errorf(t.At, "this is nested more than %d levels deep", maxDepth))
			return
		}
		nots = append(nots, t.At)
		s.write("NOT ")
	}
	n := s.lowering.operand()
	s.note(n, nots)
}

// note attaches the operator and the NOTs to the operand's slot.
func (s *sequence) note(n int, nots []diag.Span) {
	if s.ok() {
		s.slots[n].infix, s.slots[n].nots = s.last, nots
	}
}

// write the operator's MySQL form and remember what it is.
func (s *sequence) put(op infix) bool {
	if s.count++; s.count > maxOperators {
		s.fail(diag.Errorf(op.at, "this expression has more than %d operators", maxOperators))
		return false
	}
	if s.between != nil && op.level < levelAdd && op.op != "BETWEEN AND" {
		s.fail(diag.Errorf(op.at, "expected AND and the upper bound of BETWEEN, found %s", op.op).
			WithHint("put brackets around the bounds of BETWEEN"))
		return false
	}
	switch op.op {
	case "BETWEEN":
		s.between = &op
	case "BETWEEN AND":
		s.between = nil
	}
	if op.level < levelAdd {
		s.like = op.op == "LIKE" || op.op == "SIMILAR TO"
	}
	s.last = &op
	s.lowering.write(lowered[op.level])
	return true
}

// postfix reads what needs no operand of the user's behind it: IS NULL and its like, IN, = ANY.
func (s *sequence) postfix() bool {
	t := s.peek()
	switch {
	case s.isQuantified():
		s.quantified()
	case t.Kind != token.Word:
		return false
	case t.Is("IS") && !s.isDistinct():
		s.is()
	case t.Is("IN"), s.at("NOT IN"):
		s.in()
	default:
		return false
	}
	return s.ok()
}

func (s *sequence) isDistinct() bool { return s.at("IS DISTINCT") || s.at("IS NOT DISTINCT") }

// is reads IS [NOT] NULL, TRUE, FALSE, UNKNOWN or JSON, and writes a placeholder for the
// right-hand side.
func (s *sequence) is() {
	start := s.start()
	s.expect("IS")
	not := s.accept("NOT")
	what := s.expectAny("NULL", "TRUE", "FALSE", "UNKNOWN", "JSON")
	if what == "JSON" {
		if kind := s.acceptAny("VALUE", "SCALAR", "ARRAY", "OBJECT"); kind != "" && kind != "VALUE" {
			what += " " + kind
		}
	}
	at := s.since(start)
	if s.ok() && s.put(infix{op: "IS", at: at.At, not: not, what: what, level: levelCompare}) {
		s.note(s.leaf(at, &ast.Row{Place: at}), nil)
	}
}

// in reads [NOT] IN (…); the list or query is an operand.
func (s *sequence) in() {
	start := s.start()
	not := s.accept("NOT")
	s.expect("IN")
	s.listOrQuery(infix{op: "IN", at: s.since(start).At, not: not, level: levelLike})
}

// isQuantified reports whether a comparison with ANY, SOME or ALL comes.
func (s *sequence) isQuantified() bool {
	if t := s.peek(); t.Kind != token.Symbol || symbolLevels[t.Text] != levelCompare || !s.ahead(2).Is("(") {
		return false
	}
	word := s.ahead(1)
	return word.Is("ANY") || word.Is("SOME") || word.Is("ALL")
}

// quantified reads = ANY (…), > ALL (…) and their like, which bind as IN does.
func (s *sequence) quantified() {
	start := s.start()
	symbol, _ := s.peekOperator()
	quantifier := s.expectAny("ANY", "SOME", "ALL")
	if quantifier == "SOME" {
		quantifier = "ANY"
	}
	s.listOrQuery(infix{op: quantifier, what: symbol.op, at: s.since(start).At, level: levelLike})
}

// listOrQuery reads (a, b) or (query) as the operand behind op.
func (s *sequence) listOrQuery(op infix) {
	if !s.put(op) {
		return
	}
	args := s.open(s.start())
	s.expect("(")
	query := s.startsQuery(s.pos)
	if query {
		args.queryArg()
	} else {
		s.list(func() { args.exprArg() })
	}
	s.expect(")")
	s.note(args.close(func(at ast.Place, items []ast.Expr) ast.Expr {
		if query {
			return items[0]
		}
		return &ast.Row{Place: at, Items: items}
	}), nil)
}

// operator reads an operator that an operand must follow. It reports false where the
// expression ends.
func (s *sequence) operator() bool {
	op, ok := s.peekOperator()
	if !ok {
		s.try(anOperator)
		return false
	}
	return s.ok() && s.put(op)
}

func (s *sequence) peekOperator() (infix, bool) {
	t := s.peek()
	if t.Kind == token.Symbol {
		level, ok := symbolLevels[t.Text]
		if !ok {
			return infix{}, false
		}
		s.next()
		op := t.Text
		if op == "!=" {
			op = "<>"
		}
		return infix{op: op, at: t.At, level: level}, true
	}
	if t.Kind != token.Word || t.Keyword == "" {
		return infix{}, false
	}
	return s.wordOperator(s.start())
}

// wordOperator reads an operator that is written with words.
func (s *sequence) wordOperator(start int) (infix, bool) {
	operator := func(op string, lv level, not bool, what string) (infix, bool) {
		return infix{op: op, at: s.since(start).At, not: not, what: what, level: lv}, true
	}
	switch {
	case s.at("AND"):
		s.next()
		if s.between != nil {
			return operator("BETWEEN AND", levelLike, false, "")
		}
		return operator("AND", levelAnd, false, "")
	case s.at("OR"):
		s.next()
		return operator("OR", levelOr, false, "")
	case s.like && s.at("ESCAPE"):
		s.next()
		return operator("ESCAPE", levelLike, false, "")
	case s.at("OVERLAPS"):
		s.next()
		return operator("OVERLAPS", levelCompare, false, "")
	case s.isDistinct():
		s.expect("IS")
		not := s.accept("NOT")
		s.expect("DISTINCT FROM")
		return operator("IS DISTINCT FROM", levelCompare, not, "")
	}
	not := s.at("NOT LIKE") || s.at("NOT BETWEEN") || s.at("NOT SIMILAR TO")
	if not {
		s.next()
	}
	switch {
	case s.at("LIKE"):
		s.next()
		return operator("LIKE", levelLike, not, "")
	case s.at("SIMILAR TO"):
		s.expect("SIMILAR TO")
		return operator("SIMILAR TO", levelLike, not, "")
	case s.at("BETWEEN"):
		s.next()
		what := s.acceptAny("SYMMETRIC", "ASYMMETRIC")
		return operator("BETWEEN", levelLike, not, what)
	}
	return infix{}, false
}
