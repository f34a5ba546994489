package udf

import "github.com/weirstream/weir/sql/types"

// The JSON functions' clauses come as arguments (see expr.NewJSONCall); calls without
// them have the defaults.
func jsonFuncs() []*Func {
	const fam = "json"
	text, boolean := types.String(), types.New(types.Boolean)
	fs := []*Func{
		{
			Name: "JSON_VALUE", Family: fam, Syntax: "JSON_VALUE(json, path [RETURNING type] [{NULL | ERROR | DEFAULT value} ON EMPTY] [{NULL | ERROR | DEFAULT value} ON ERROR])",
			Resolve: jsonValueRule, Bind: bindJSONValue, NullCall: true,
			Doc: "The scalar at the path.",
		},
		{
			Name: "JSON_QUERY", Family: fam, Syntax: "JSON_QUERY(json, path [RETURNING type] [{WITHOUT | WITH [CONDITIONAL]} WRAPPER] [{NULL | EMPTY ARRAY | EMPTY OBJECT | ERROR} ON EMPTY] […ON ERROR])",
			Resolve: jsonQueryRule, Bind: bindJSONQuery, NullCall: true,
			Doc: "The object or array at the path, as JSON with its members in order of their names.",
		},
		{
			Name: "JSON_EXISTS", Family: fam, Syntax: "JSON_EXISTS(json, path [{TRUE | FALSE | UNKNOWN | ERROR} ON ERROR])",
			Resolve: jsonPathRule(mayGiveNull(boolean, strArg(), strArg(), strArg().opt())), Bind: bindJSONExists,
			Doc: "Whether there is a value at the path.",
		},
		{
			Name: "JSON_OBJECT", Family: fam, Syntax: "JSON_OBJECT([[KEY] key VALUE value]… [{NULL | ABSENT} ON NULL])", Resolve: jsonObjectRule, Bind: bindJSONObject,
			NullCall: true, MakesJSON: true, Doc: "A JSON object, its members in order of their names.",
		},
		{
			Name: "JSON_ARRAY", Family: fam, Syntax: "JSON_ARRAY([value]… [{NULL | ABSENT} ON NULL])", Resolve: jsonArrayRule, Bind: bindJSONArray,
			NullCall: true, MakesJSON: true, Doc: "A JSON array.",
		},
		{
			Name: "JSON_STRING", Family: fam, Syntax: "JSON_STRING(value)", Resolve: returns(text, anyArg()), Bind: bindJSONString,
			Doc: "The value as JSON.",
		},
		{
			Name: "JSON", Family: fam, Syntax: "JSON(string)", Resolve: returns(text, strArg()), Bind: bindJSON, MakesJSON: true,
			Doc: "The JSON text, to be put into JSON_OBJECT or JSON_ARRAY as it is; other text fails.",
		},
		{
			Name: "JSON_QUOTE", Family: fam, Syntax: "JSON_QUOTE(string)", Resolve: returns(text, strArg()), Bind: row1(jsonQuote),
			Doc: "The string as a JSON string.",
		},
		{
			Name: "JSON_UNQUOTE", Family: fam, Syntax: "JSON_UNQUOTE(string)", Resolve: returns(text, strArg()), Bind: row1(jsonUnquote),
			Doc: "The contents of a JSON string; other text as it is.",
		},
	}
	for _, what := range []string{"VALUE", "SCALAR", "ARRAY", "OBJECT"} {
		for _, not := range []bool{false, true} {
			fs = append(fs, isJSON(what, not))
		}
	}
	return fs
}
