package expr

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/udf"
)

// pool are the columns and literals that the property test puts together to calls.
func pool() []Expr {
	var out []Expr
	for i, s := range samples() {
		out = append(out, &Column{Index: i, Name: fmt.Sprintf("c%d", i), T: s.t})
	}
	for _, s := range []string{
		"", "a", "abc", "YEAR", "MONTH", "WEEK", "HOUR", "SECOND", "BOTH", "LEADING", "$.a", "lax $.a[0]", "$.*", "NULL", "%b%", "_b",
		"(a)(b)?", "yyyy-MM-dd HH:mm", "dd/MMM/yyyy", "UTC", "Europe/Berlin", "ERROR", "DEFAULT", "HOST", "UTF-8",
	} {
		out = append(out, str(s))
	}
	return append(out, num("0"), num("1"), num("2"), num("-3"), num("1.25"), num("1e2"), null())
}

type sample struct {
	t      types.Type
	values []any
}

func ints(xs ...int64) []any {
	out := make([]any, len(xs))
	for i, x := range xs {
		out[i] = x
	}
	return out
}

func samples() []sample {
	const longText = "a text that is longer than twelve bytes, with ü and 漢"
	d := func(x int64) any { return vec.Dec128FromInt64(x) }
	return []sample{
		{boolT, []any{true, false}},
		{types.New(types.TinyInt), ints(0, 1, -1, 127, -128)},
		{types.New(types.SmallInt), ints(0, 7, -300, 32767)},
		{intT, ints(0, 1, 2, -3, 1<<31-1, -1<<31)},
		{bigT, ints(0, 1, 5, -9, 1<<62, -1<<63, 1700000000)},
		{types.New(types.Float), []any{0.5, -1.25, 3.0}},
		{doubleT, []any{0.0, -0.5, 1e7, 2.5, 1e300, math.NaN(), math.Inf(1)}},
		{types.DecimalOf(10, 2), []any{d(0), d(150), d(-999), d(1234567890)}},
		{types.DecimalOf(38, 10), []any{d(1), d(-5), vec.Dec128{Lo: 99, Hi: 1 << 60}}},
		{types.New(types.Date), ints(0, 19000, -400, 11016)},
		{types.Type{Kind: types.Time}, ints(0, 3_600_000, 86_399_000)},
		{types.TimestampOf(3), ints(0, 1_700_000_000_123, -86_400_001, 1_711_846_800_000)},
		{types.TimestampOf(6), ints(0, 1_700_000_000_123_456)},
		{types.TimestampLTZOf(3), ints(0, 1_711_846_799_999, 1_729_989_000_000)},
		{types.New(types.IntervalMonth), ints(0, 1, -14)},
		{types.New(types.IntervalMilli), ints(0, 1, 86_400_000, -90_061_001)},
		{types.String(), []any{
			"", "a", "ab", "abc", "  b ", longText, `{"a": [1, "x\n"], "b": null}`, `{"a": "v"}`, "12", "-3.75", "2024-02-29 12:30:45",
			"17/May/2015", "TRUE", "http://u@h:1/p?a=1&b=2#r", "YQ==", "a=1,b=2", "UTC", "$.a", "(a)", "%a%", "yyyy",
		}},
		{types.Type{Kind: types.Char, Length: 3}, []any{"abc", "x  ", "é漢z"}},
		{types.Bytes(), []any{[]byte{}, []byte{0, 255, 7}, []byte(longText)}},
		{types.ArrayOf(intT), []any{[]any{}, []any{int64(3), nil, int64(1), int64(3)}, []any{int64(2)}}},
		{types.ArrayOf(types.String()), []any{[]any{longText, "a", nil}, []any{}, []any{"a"}}},
		{types.MapOf(types.String(), intT), []any{[]vec.Entry{{Key: "a", Value: int64(1)}, {Key: longText, Value: nil}}, []vec.Entry{}}},
		{types.RowOf(types.Field{Name: "f", Type: intT}, types.Field{Name: "g", Type: types.String()}), []any{[]any{int64(1), longText}, []any{nil, "g"}}},
	}
}

// randomBatch makes n rows of all sample columns, some NULL where nulls is set.
func randomBatch(t testing.TB, rng *rand.Rand, n int, nulls bool) *vec.Batch {
	b := &vec.Batch{}
	for _, s := range samples() {
		v := vec.New(s.t)
		for range n {
			x := s.values[rng.IntN(len(s.values))]
			if nulls && rng.IntN(5) == 0 {
				x = nil
			}
			if err := v.AppendValue(x); err != nil {
				t.Fatal(err)
			}
		}
		b.Cols = append(b.Cols, v)
	}
	b.SetLen(n)
	return b
}

// calls finds typed calls of fn over the pool.
func calls(rng *rand.Rand, fn *udf.Func, pool []Expr, want int) []Expr {
	var out []Expr
	for try := 0; len(out) < want && (try < 6000 || len(out) == 0 && try < 100_000); try++ {
		args := make([]Expr, rng.IntN(5))
		if len(args) == 4 && try%8 != 0 {
			args = args[:2]
		}
		for i := range args {
			args[i] = pool[rng.IntN(len(pool))]
		}
		if e, err := typedCall(fn, args, diag.Span{Start: 1, End: 2}); err == nil {
			out = append(out, e)
		}
	}
	return out
}

// TestRegistryAgreesRowByRow evaluates calls of every function over random batches, with
// and without NULLs and selections, and each row alone.
func TestRegistryAgreesRowByRow(t *testing.T) {
	reg := udf.Builtins()
	rng := rand.New(rand.NewPCG(4, 2))
	from := pool()
	for _, fn := range reg.All() {
		if fn.Volatile || fn.Bind == nil && !lazy[fn.Name] {
			continue
		}
		t.Run(fn.Name, func(t *testing.T) {
			exprs := calls(rng, fn, from, 15)
			if len(exprs) == 0 && !byHand[fn.Name] {
				t.Fatal("no call of it was found")
			}
			for _, e := range exprs {
				if !IsDeterministic(e) {
					continue
				}
				for k := range 4 {
					b := randomBatch(t, rng, 67, k%2 == 1)
					if k >= 2 {
						for i := range b.Len() {
							if rng.IntN(3) > 0 {
								b.Sel = append(b.Sel, int32(i))
							}
						}
					}
					agree(t, e, b)
				}
			}
		})
	}
}

// lazy are the functions that this package evaluates itself.
var lazy = map[string]bool{"AND": true, "OR": true, "COALESCE": true}

// byHand are functions whose arguments chance does not find; they have tests of their own.
var byHand = map[string]bool{"JSON_OBJECT": true}

// agree compares a batch with its rows alone.
func agree(t *testing.T, e Expr, b *vec.Batch) {
	t.Helper()
	env := &udf.Env{}
	p, err := Compile([]Expr{e}, env)
	if err != nil {
		return // a literal that the kernel refuses
	}
	alone, err := Compile([]Expr{e}, env)
	if err != nil {
		t.Fatal(err)
	}
	used := Columns(e)
	row := func(i int) (any, error) {
		one := &vec.Batch{}
		for k, c := range b.Cols {
			one.Cols = append(one.Cols, nil)
			if slices.Contains(used, k) {
				one.Cols[k] = vec.New(c.Type())
				one.Cols[k].AppendRow(c, i)
			}
		}
		one.SetLen(1)
		out, err := alone.Eval(one)
		if err != nil {
			return nil, err
		}
		return out[0].Value(0), nil
	}
	out, err := p.Eval(b)
	if err != nil {
		var re *vec.RowError
		if !errors.As(err, &re) {
			t.Fatalf("%s: %v", e, err)
		}
		if _, err1 := row(re.Row); err1 == nil || err1.Error() != err.Error() {
			t.Fatalf("%s: row %d fails in a batch with %q, alone with %v", e, re.Row, err, err1)
		}
		return
	}
	if out[0].Len() < b.Len() {
		t.Fatalf("%s: %d values for %d rows", e, out[0].Len(), b.Len())
	}
	b.Each(func(i int) {
		want, err := row(i)
		if err != nil {
			t.Fatalf("%s: row %d fails alone with %v, not in a batch", e, i, err)
		}
		if d := cmp.Diff(want, out[0].Value(i), cmpopts.EquateNaNs()); d != "" {
			t.Fatalf("%s: row %d, alone (-) and in a batch (+):\n%s", e, i, d)
		}
		if vec.PhysOf(e.Type()) != out[0].Phys() {
			t.Fatalf("%s: a vector of type %s, not %s", e, out[0].Type(), e.Type())
		}
	})
}
