package expr

import (
	"strings"

	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/udf/cast"
)

// String gives the column's name.
func (e *Column) String() string { return identifier(e.Name) }

// String gives the literal as SQL.
func (e *Literal) String() string { return literalSQL(e.Value, e.T) }

// String gives the conversion as SQL; an implicit one shows too, so that two plans
// that differ print differently.
func (e *Cast) String() string {
	name := "CAST("
	if e.Try {
		name = "TRY_CAST("
	}
	return name + e.X.String() + " AS " + e.T.WithNull().String() + ")"
}

// String gives the CASE as SQL.
func (e *Case) String() string {
	var b strings.Builder
	b.WriteString("CASE")
	for _, w := range e.Whens {
		b.WriteString(" WHEN " + w.Cond.String() + " THEN " + w.Then.String())
	}
	return b.String() + " ELSE " + e.Else.String() + " END"
}

// String gives the field's path.
func (e *Field) String() string {
	return postfix(e.X) + "." + identifier(e.X.Type().Fields[e.Index].Name)
}

// infix are the operators written between their operands.
var infix = map[string]bool{
	"+": true, "-": true, "*": true, "/": true, "%": true, "||": true, "=": true, "<>": true, "<": true, "<=": true,
	">": true, ">=": true, "AND": true, "OR": true, "LIKE": true, "SIMILAR TO": true,
	"IS DISTINCT FROM": true, "IS NOT DISTINCT FROM": true,
}

// String gives the call as SQL; operands that are operators themselves are in
// parentheses.
func (e *Call) String() string {
	name := e.Fn.Name
	switch {
	case infix[name] && len(e.Args) >= 2:
		parts := make([]string, len(e.Args))
		for i, a := range e.Args {
			parts[i] = operand(a)
		}
		if name == "LIKE" && len(parts) == 3 {
			return parts[0] + " LIKE " + parts[1] + " ESCAPE " + parts[2]
		}
		return strings.Join(parts, " "+name+" ")
	case name == "NEG":
		return "-" + operand(e.Args[0])
	case name == "NOT":
		return "NOT " + operand(e.Args[0])
	case strings.HasPrefix(name, "IS ") && len(e.Args) == 1:
		return operand(e.Args[0]) + " " + name
	case name == "IN":
		return operand(e.Args[0]) + " IN (" + list(e.Args[1:]) + ")"
	case name == "ITEM":
		return postfix(e.Args[0]) + "[" + e.Args[1].String() + "]"
	case name == "ARRAY" || name == "MAP":
		return name + "[" + list(e.Args) + "]"
	}
	return name + "(" + list(e.Args) + ")"
}

func list(es []Expr) string {
	parts := make([]string, len(es))
	for i, e := range es {
		parts[i] = e.String()
	}
	return strings.Join(parts, ", ")
}

func isOperator(e Expr) bool {
	c, ok := e.(*Call)
	return ok && (infix[c.Fn.Name] && len(c.Args) >= 2 || c.Fn.Name == "NOT" || c.Fn.Name == "NEG" ||
		c.Fn.Name == "IN" || strings.HasPrefix(c.Fn.Name, "IS "))
}

func operand(e Expr) string {
	if isOperator(e) {
		return "(" + e.String() + ")"
	}
	return e.String()
}

// postfix prints what a field or an index is taken of.
func postfix(e Expr) string {
	switch e.(type) {
	case *Column, *Field:
		return e.String()
	}
	return "(" + e.String() + ")"
}

// identifier quotes a name that is no plain word.
func identifier(name string) string {
	for i := range len(name) {
		c := name[i]
		plain := c == '_' || c == '$' || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' && i > 0
		if !plain {
			return types.QuoteIdent(name)
		}
	}
	if name == "" {
		return "``"
	}
	return name
}

// literalSQL prints a boxed value as a literal of its type.
func literalSQL(v any, t types.Type) string {
	switch {
	case v == nil && t.Kind == types.Null:
		return "NULL"
	case v == nil:
		return "CAST(NULL AS " + t.WithNull().String() + ")"
	}
	text := cast.Text(v, t, nil)
	quoted := "'" + strings.ReplaceAll(text, "'", "''") + "'"
	switch t.Kind {
	case types.Char, types.VarChar:
		return quoted
	case types.Binary, types.VarBinary:
		return "X'" + text + "'"
	case types.Date:
		return "DATE " + quoted
	case types.Time:
		return "TIME " + quoted
	case types.Timestamp:
		return "TIMESTAMP " + quoted
	case types.TimestampLTZ:
		return "CAST(" + quoted + " AS " + t.WithNull().String() + ")"
	case types.IntervalMonth:
		return "INTERVAL '" + strings.TrimPrefix(text, "+") + "' YEAR TO MONTH"
	case types.IntervalMilli:
		return "INTERVAL '" + strings.TrimPrefix(text, "+") + "' DAY TO SECOND"
	}
	return text
}
