package parse

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

// dump shows a tree as (Type field:value …), without places and empty fields. Names are
// shown as they are, operators and literals in short.
func dump(n any) string {
	var b strings.Builder
	dumpValue(&b, reflect.ValueOf(n))
	return b.String()
}

func dumpValue(b *strings.Builder, v reflect.Value) {
	switch x := v.Interface().(type) {
	case ast.Ident:
		b.WriteString(x.Name)
		return
	case ast.Name:
		b.WriteString(strings.Join(x.Strings(), "."))
		return
	case types.Type:
		b.WriteString(x.String())
		return
	case *ast.ColumnRef:
		b.WriteString(strings.Join(x.Name.Strings(), "."))
		return
	case *ast.Literal:
		dumpLiteral(b, x)
		return
	case *ast.Binary:
		fmt.Fprintf(b, "(%s %s %s)", x.Op, dump(x.L), dump(x.R))
		return
	case *ast.Unary:
		fmt.Fprintf(b, "(%s %s)", x.Op, dump(x.X))
		return
	}
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		dumpValue(b, v.Elem())
	case reflect.Struct:
		b.WriteString("(" + v.Type().Name())
		dumpFields(b, v)
		b.WriteString(")")
	case reflect.Slice:
		b.WriteString("[")
		for i := range v.Len() {
			if i > 0 {
				b.WriteString(" ")
			}
			dumpValue(b, v.Index(i))
		}
		b.WriteString("]")
	case reflect.String:
		fmt.Fprintf(b, "%q", v.String())
	default:
		fmt.Fprint(b, v.Interface())
	}
}

func dumpLiteral(b *strings.Builder, x *ast.Literal) {
	switch x.Kind {
	case ast.NumberLit:
		b.WriteString(x.Text)
	case ast.StringLit:
		fmt.Fprintf(b, "%q", x.Text)
	default:
		b.WriteString(ast.Format(x))
	}
}

func dumpFields(b *strings.Builder, v reflect.Value) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.Type == reflect.TypeFor[ast.Place]() || v.Field(i).IsZero() {
			continue
		}
		if f.Anonymous {
			dumpFields(b, v.Field(i))
			continue
		}
		b.WriteString(" " + f.Name + ":")
		dumpValue(b, v.Field(i))
	}
}

// spans lists the nodes of a tree, each with the text of its place.
func spans(text *diag.Text, n ast.Node) string {
	var b strings.Builder
	var walk func(v reflect.Value, indent string)
	walk = func(v reflect.Value, indent string) {
		switch v.Kind() {
		case reflect.Interface, reflect.Pointer:
			if v.IsNil() {
				return
			}
			if n, ok := v.Interface().(ast.Node); ok && v.Kind() == reflect.Pointer {
				s := n.Span()
				fmt.Fprintf(&b, "%s%s: %s\n", indent, v.Elem().Type().Name(), text.Body[s.Start:s.End])
				indent += "  "
			}
			walk(v.Elem(), indent)
		case reflect.Struct:
			for i := range v.NumField() {
				walk(v.Field(i), indent)
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i), indent)
			}
		}
	}
	walk(reflect.ValueOf(n), "")
	return b.String()
}
