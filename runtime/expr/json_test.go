package expr

import (
	"strings"
	"testing"

	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/udf"
)

func TestJSON(t *testing.T) {
	const doc = `{"a": {"n": 12, "s": "x", "t": "2.9", "f": 1.50, "z": null, "l": [1, {"k": true}]}, "b": true}`
	intType, boolType, list := types.New(types.Int), types.New(types.Boolean), types.ArrayOf(types.String())
	dec := types.DecimalOf(5, 1)
	for _, c := range []struct {
		fn, json, path string
		clauses        JSONClauses
		want           string
	}{
		{"JSON_VALUE", doc, "$.a.n", JSONClauses{}, "12"},
		{"JSON_VALUE", doc, "$.a.n", JSONClauses{Returning: &intType}, "12"},
		{"JSON_VALUE", doc, "$.a.t", JSONClauses{Returning: &intType}, "2"},
		{"JSON_VALUE", doc, "$.a.f", JSONClauses{}, "1.50"},
		{"JSON_VALUE", doc, "$.a.f", JSONClauses{Returning: &dec}, "1.5"},
		{"JSON_VALUE", doc, "$.b", JSONClauses{Returning: &boolType}, "TRUE"},
		{"JSON_VALUE", doc, "$.a.s", JSONClauses{Returning: &intType}, "NULL"},
		{"JSON_VALUE", doc, "$.a.s", JSONClauses{Returning: &intType, OnError: "ERROR"}, "error: the JSON value"},
		{"JSON_VALUE", doc, "$.a.s", JSONClauses{Returning: &intType, OnError: "DEFAULT", OnErrorDefault: num("7")}, "7"},
		{"JSON_VALUE", doc, "lax $.nope", JSONClauses{OnEmpty: "DEFAULT", OnEmptyDefault: str("e"), OnError: "ERROR"}, "e"},
		{"JSON_VALUE", doc, "$.nope", JSONClauses{OnEmpty: "DEFAULT", OnEmptyDefault: str("e")}, "NULL"}, // strict: an error
		{"JSON_VALUE", doc, "strict $.nope", JSONClauses{OnError: "ERROR"}, "error: there is no value"},
		{"JSON_VALUE", doc, "$.a.l", JSONClauses{OnError: "ERROR"}, "error: the value at the JSON path is an object or an array"},
		{"JSON_VALUE", "{", "$.a", JSONClauses{OnError: "DEFAULT", OnErrorDefault: str("bad")}, "bad"},
		{"JSON_QUERY", doc, "$.a.l", JSONClauses{}, `[1,{"k":true}]`},
		{"JSON_QUERY", doc, "$.a.l[1]", JSONClauses{Wrapper: "WITH CONDITIONAL"}, `[{"k":true}]`},
		{"JSON_QUERY", doc, "$.a.l", JSONClauses{Wrapper: "WITH UNCONDITIONAL"}, `[[1,{"k":true}]]`},
		{"JSON_QUERY", doc, "$.a.n", JSONClauses{}, "NULL"},
		{"JSON_QUERY", doc, "$.a.n", JSONClauses{Wrapper: "WITH CONDITIONAL"}, "[12]"},
		{"JSON_QUERY", doc, "lax $.nope", JSONClauses{OnEmpty: "EMPTY OBJECT"}, "{}"},
		{"JSON_QUERY", "x", "$.a", JSONClauses{OnError: "EMPTY ARRAY"}, "[]"},
		{"JSON_QUERY", doc, "$.a.l", JSONClauses{Returning: &list}, `[1, {"k":true}]`},
		{"JSON_EXISTS", doc, "$.a.n", JSONClauses{}, "TRUE"},
		{"JSON_EXISTS", doc, "$.a.z", JSONClauses{}, "FALSE"},
		{"JSON_EXISTS", doc, "$.nope", JSONClauses{OnError: "UNKNOWN"}, "NULL"},
		{"JSON_EXISTS", "x", "strict $.a", JSONClauses{OnError: "TRUE"}, "TRUE"},
		{"JSON_EXISTS", "x", "$.a", JSONClauses{OnError: "ERROR"}, "error: not valid JSON"},
	} {
		e, err := NewJSONCall(udf.Builtins(), c.fn, []Expr{str(c.json), str(c.path)}, c.clauses, diag.Span{Start: 1, End: 2})
		if err != nil {
			t.Errorf("%s %s: %v", c.fn, c.path, err)
			continue
		}
		if got := shown(t, e, nil); got != c.want && !(strings.HasPrefix(c.want, "error") && strings.HasPrefix(got, c.want)) {
			t.Errorf("%s(…, '%s') %+v = %s, want %s", c.fn, c.path, c.clauses, got, c.want)
		}
	}
}

func TestMakingJSON(t *testing.T) {
	reg := udf.Builtins()
	call := func(name string, onNull string, args ...Expr) Expr {
		e, err := NewJSONCall(reg, name, args, JSONClauses{OnNull: onNull}, diag.Span{})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	arr := call("JSON_ARRAY", "", num("1"), null(), str(`q"`), call("JSON_OBJECT", "", str("k"), lit(t, "true")))
	for _, c := range []struct {
		e    Expr
		want string
	}{
		{arr, `[1,"q\"",{"k":true}]`},
		{call("JSON_ARRAY", "NULL", null(), num("1.50")), `[null,1.50]`},
		{call("JSON_OBJECT", "", str("b"), null(), str("a"), arr), `{"a":[1,"q\"",{"k":true}],"b":null}`},
		{call("JSON_OBJECT", "ABSENT", str("b"), null(), str("a"), lit(t, "ts:2024-01-02 03:04:05.600")), `{"a":"2024-01-02T03:04:05.6"}`},
	} {
		if got := shown(t, c.e, nil); got != c.want {
			t.Errorf("%s = %s, want %s", c.e, got, c.want)
		}
	}
	runCalls(t, nil, []callCase{
		{"JSON_STRING", args("'a\"b'"), `"a\"b"`, "STRING"},
		{"JSON_STRING", args("null"), "NULL", ""},
		{"JSON_QUOTE", args("'a'"), `"a"`, ""},
		{"JSON_UNQUOTE", args(`'"a\u0041"'`), "aA", ""},
		{"JSON", args(`' {"b":1, "a":2} '`), `{"a":2,"b":1}`, ""},
		{"JSON", args("'x'"), "error: not valid JSON", ""},
		{"IS JSON", args("'1'"), "TRUE", "BOOLEAN"},
		{"IS JSON OBJECT", args("'[]'"), "FALSE", ""},
		{"IS NOT JSON ARRAY", args("null"), "TRUE", ""},
		{"JSON_EXISTS", args("'{}'", "'$['"), "error: JSON_EXISTS: invalid JSON path", ""},
	})
}
