package weir_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirstream/weir"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/udf"
)

// wordsFunc is a table function: the words of a text with their lengths.
func wordsFunc() *udf.Func {
	row := types.RowOf(types.Field{Name: "word", Type: types.String()}, types.Field{Name: "length", Type: types.New(types.Int)})
	return &udf.Func{
		Name: "WORDS", Family: "own", Syntax: "WORDS(text)", Doc: "The words of a text.", Table: true,
		Resolve: func([]udf.Arg) (udf.Signature, error) {
			return udf.Signature{Params: []types.Type{types.String()}, Result: types.ArrayOf(row)}, nil
		},
		Bind: func(udf.Call) (udf.Kernel, error) {
			return func(args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
				next := 0
				for i := range n {
					if next < len(sel) && int(sel[next]) == i {
						next++
						for _, w := range strings.Fields(string(args[0].Bytes(i))) {
							rows := out.Child(0)
							rows.Child(0).AppendString(w)
							vec.Append(rows.Child(1), int32(len(w)))
							rows.EndRow()
						}
					}
					out.EndList()
				}
				return nil
			}, nil
		},
	}
}

func TestLateralTable(t *testing.T) {
	type line struct {
		N    int64
		Text string
	}
	env, err := weir.NewEnv(weir.WithFunction(wordsFunc()), weir.WithParallelism(1))
	if err != nil {
		t.Fatal(err)
	}
	if err := weir.FromSlice(env, "lines", []line{{1, "to be or"}, {2, ""}, {3, "not"}}); err != nil {
		t.Fatal(err)
	}
	for sql, want := range map[string]string{
		"SELECT n, word, length FROM lines, LATERAL TABLE(WORDS(text))":                                 "[1 to 2] [1 be 2] [1 or 2] [3 not 3]",
		"SELECT n, w FROM lines CROSS JOIN LATERAL TABLE(words(text)) AS t(w, l) WHERE l > 2":           "[3 not]",
		"SELECT n, w FROM lines LEFT JOIN LATERAL TABLE(WORDS(text)) AS t(w, l) ON TRUE":                "[1 to] [1 be] [1 or] [2 <nil>] [3 not]",
		"SELECT n, w FROM lines LEFT JOIN LATERAL TABLE(WORDS(text || ' x')) AS t(w, l) ON w LIKE 'o%'": "[1 or] [2 <nil>] [3 <nil>]",
		"SELECT word FROM TABLE(WORDS('a bc'))":                                                         "[a] [bc]",
	} {
		res, err := env.ExecuteSQL(context.Background(), sql)
		if err != nil {
			t.Errorf("%s: %v", sql, err)
			continue
		}
		var got []string
		for r, err := range res.Rows() {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, fmt.Sprint(r.Values))
		}
		if d := cmp.Diff(want, strings.Join(got, " ")); d != "" {
			t.Errorf("%s: %s", sql, d)
		}
	}
	for sql, want := range map[string]string{
		"SELECT WORDS(text) FROM lines":                                "WORDS is a table function: it may not stand in the select list",
		"SELECT n FROM lines, LATERAL TABLE(UPPER(text))":              "UPPER is no table function",
		"SELECT n FROM lines, LATERAL TABLE(SPLIT(text, ' ')) AS t(w)": "SPLIT is no table function",
		"SELECT n FROM lines, LATERAL TABLE(NOTHING(text)) AS t(w)":    "not supported yet: the table function NOTHING",
	} {
		if _, err := env.ExecuteSQL(context.Background(), sql); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %s", sql, err, want)
		}
	}
}
