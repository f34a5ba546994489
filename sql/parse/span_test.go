package parse

import (
	"reflect"
	"testing"

	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
)

// TestSpans checks for all that the testdata parse that every node has a place, and that it
// lies inside of its parent's.
func TestSpans(t *testing.T) {
	n := 0
	for _, file := range testFiles(t) {
		for _, c := range readCases(t, file) {
			stmts, _ := Script(&diag.Text{Body: c.sql})
			for _, s := range stmts {
				n += checkSpans(t, c.sql, reflect.ValueOf(s), diag.Span{Start: 0, End: len(c.sql)})
			}
		}
	}
	if n < 3000 {
		t.Errorf("only %d nodes", n)
	}
}

// checkSpans checks the nodes below v and gives their number.
func checkSpans(t *testing.T, sql string, v reflect.Value, parent diag.Span) (n int) {
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if !v.IsNil() {
			n = checkSpans(t, sql, v.Elem(), parent)
		}
	case reflect.Slice:
		for i := range v.Len() {
			n += checkSpans(t, sql, v.Index(i), parent)
		}
	case reflect.Struct:
		if at, ok := placeOf(v); ok && !emptyName(v) {
			n++
			if at.IsZero() {
				t.Errorf("%s: a %s has no place", sql, v.Type())
			}
			if at.Start < parent.Start || at.End > parent.End {
				t.Errorf("%s: a %s is at %v, its parent at %v", sql, v.Type(), at, parent)
			}
			parent = at
		}
		for i := range v.NumField() {
			n += checkSpans(t, sql, v.Field(i), parent)
		}
	}
	return n
}

// placeOf gives the place that is embedded in a node, or false.
func placeOf(v reflect.Value) (diag.Span, bool) {
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.Anonymous && f.Type == reflect.TypeFor[ast.Place]() {
			return v.Field(i).Interface().(ast.Place).At, true
		}
	}
	return diag.Span{}, false
}

// emptyName reports a name that is not there, such as a missing alias.
func emptyName(v reflect.Value) bool {
	switch x := v.Interface().(type) {
	case ast.Ident:
		return x.Name == ""
	case ast.Name:
		return len(x.Parts) == 0
	}
	return false
}
