package expr

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirstream/weir/runtime/decimal"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/udf"
)

func TestProgramSharesWork(t *testing.T) {
	f := newFixture(t)
	a, b := f.col(intT, int64(1), int64(2)), f.col(intT, int64(10), int64(20))
	sum := f.call("+", a, b)
	p, err := Compile([]Expr{a, sum, f.call("+", a, b), f.call("*", sum, sum)}, f.env)
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.Eval(f.batch)
	if err != nil {
		t.Fatal(err)
	}
	if out[0] != f.batch.Cols[0] {
		t.Error("a column is not the batch's own vector")
	}
	if out[1] != out[2] {
		t.Error("a + b is computed twice")
	}
	if got := out[3].Value(1); got != int64(484) {
		t.Errorf("(a + b) * (a + b) = %v", got)
	}
	two, err := Compile([]Expr{f.call("RAND"), f.call("RAND")}, f.env)
	if err != nil {
		t.Fatal(err)
	}
	if out, err = two.Eval(f.batch); err != nil || out[0] == out[1] {
		t.Errorf("two RAND() are one: %v", err)
	}
}

// TestSharedPartsBehindConditions: what stands before a condition may be used behind it,
// but not the other way around.
func TestSharedPartsBehindConditions(t *testing.T) {
	f := newFixture(t)
	a := f.col(intT, int64(0), int64(2), int64(4))
	q := f.call("/", num("8"), a)
	guarded := f.call("IF", f.call("<>", a, num("0")), q, num("-1"))
	f.want(f.call("+", guarded, guarded), int64(-2), int64(8), int64(4))
	f.want(f.call("AND", f.call(">", a, num("0")), f.call("AND", f.call(">", q, num("1")), f.call("<", q, num("4")))), false, false, true)
	if _, err := f.eval(f.call("COALESCE", q, guarded)); err == nil {
		t.Error("8 / 0 in the first argument of COALESCE did not fail")
	}
}

func TestErrorsHaveRowAndPlace(t *testing.T) {
	f := newFixture(t)
	s := f.col(strT, "1", nil, "x", "y")
	e := f.cast(s, intT, false)
	_, err := f.eval(e)
	var re *vec.RowError
	var de *diag.Error
	if !errors.As(err, &re) || re.Row != 2 {
		t.Fatalf("no row: %v", err)
	}
	if !errors.As(err, &de) || de.Span != (diag.Span{Start: 1, End: 2}) || de.Msg != "cannot cast 'x' to INT" || de.Hint == "" {
		t.Fatalf("no place: %#v", err)
	}
	f.batch.Sel = []int32{0, 1}
	f.want(e, int64(1), nil)
}

func TestPredicateAgainstProgram(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	f := newFixture(t)
	reg := udf.Builtins()
	ints, text := &Column{Index: 4, Name: "i", T: bigT}, &Column{Index: 16, Name: "s", T: strT}
	small, flag := &Column{Index: 1, Name: "t", T: types.New(types.TinyInt)}, &Column{Index: 0, Name: "b", T: boolT}
	double := &Column{Index: 6, Name: "d", T: doubleT}
	var conds []Expr
	for _, op := range []string{"=", "<>", "<", "<=", ">", ">="} {
		conds = append(conds, f.call(op, ints, num("1")), f.call(op, small, num("1")), f.call(op, double, num("2.5e0")), f.call(op, text, str("ab")))
	}
	conds = append(conds, flag, f.call("NOT", flag), f.call("IS NULL", text), f.call("LIKE", text, str("%a%")), f.call("IN", ints, num("1"), num("5"), null()))
	for range 300 {
		e := conds[rng.IntN(len(conds))]
		for range rng.IntN(4) {
			op := "AND"
			if rng.IntN(3) == 0 {
				op = "OR"
			}
			var err error
			if e, err = NewCall(reg, op, []Expr{e, conds[rng.IntN(len(conds))]}, diag.Span{}); err != nil {
				t.Fatal(err)
			}
		}
		b := randomBatch(t, rng, 1+rng.IntN(130), rng.IntN(2) == 0)
		if rng.IntN(2) == 0 {
			b.Sel = []int32{}
			for i := range b.Len() {
				if rng.IntN(4) == 0 {
					b.Sel = append(b.Sel, int32(i))
				}
			}
		}
		comparePredicate(t, e, b)
	}
}

func comparePredicate(t *testing.T, e Expr, b *vec.Batch) {
	t.Helper()
	p, err := CompilePredicate(e, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.Select(b, []int32{-1})
	if err != nil {
		t.Fatal(err)
	}
	prog, err := Compile([]Expr{e}, nil)
	if err != nil {
		t.Fatal(err)
	}
	out, err := prog.Eval(b)
	if err != nil {
		t.Fatal(err)
	}
	want := []int32{-1}
	b.Each(func(i int) {
		if out[0].Value(i) == true {
			want = append(want, int32(i))
		}
	})
	if d := cmp.Diff(want, got); d != "" {
		t.Fatalf("%s over %d rows (-want +got):\n%s", e, b.Rows(), d)
	}
}

func TestFold(t *testing.T) {
	f := newFixture(t)
	a := f.col(intT, int64(1))
	for _, c := range []struct {
		e    Expr
		want string
	}{
		{f.call("+", num("1"), num("2")), "3"},
		{f.call("+", a, f.call("*", num("2"), num("3"))), "a + 6"},
		{f.call("/", num("1"), num("0")), "1 / 0"},
		{f.call("=", f.cast(str("2024-01-01"), types.New(types.Date), false), null()), "CAST(NULL AS BOOLEAN)"},
		{f.call(">", f.call("RAND"), num("1")), "RAND() > 1.0"},
		{f.call("UPPER", str("x")), "'X'"},
		{f.cast(str("2024-01-01"), types.New(types.Date), false), "DATE '2024-01-01'"},
	} {
		got, err := Fold(c.e, nil)
		if err != nil || got.String() != c.want {
			t.Errorf("%s folds to %s, want %s (%v)", c.e, got, c.want, err)
		}
	}
}

func TestTrees(t *testing.T) {
	f := newFixture(t)
	a, b := f.col(intT, int64(1)), f.col(strT, "x")
	e := f.call("AND", f.call("BETWEEN", a, num("1"), num("3")), f.call("LIKE", b, str("x%")))
	if got := e.String(); got != "((a >= 1) AND (a <= 3)) AND (b LIKE 'x%')" {
		t.Error(got)
	}
	if d := cmp.Diff([]int{0, 1}, Columns(e)); d != "" {
		t.Error(d)
	}
	moved := Remap(e, func(i int) int { return i + 5 })
	if d := cmp.Diff([]int{5, 6}, Columns(moved)); d != "" || Equal(e, moved) || !Equal(e, Remap(moved, func(i int) int { return i - 5 })) {
		t.Error("Remap changes more than columns", d)
	}
	if got := Conjuncts(e); len(got) != 3 || !Equal(And(got), f.call("AND", f.call("AND", got[0], got[1]), got[2])) {
		t.Errorf("%d conjuncts", len(got))
	}
	row := f.col(types.RowOf(types.Field{Name: "f", Type: intT}), []any{int64(4)})
	field, err := NewField(row, "f", diag.Span{})
	if err != nil {
		t.Fatal(err)
	}
	f.want(field, int64(4))
	if _, err := NewField(row, "g", diag.Span{}); err == nil {
		t.Error("field g was found")
	}
}

func TestUnknownFunction(t *testing.T) {
	_, err := NewCall(udf.Builtins(), "SUBSTRNG", []Expr{str("x")}, diag.Span{})
	var de *diag.Error
	if !errors.As(err, &de) || de.Hint == "" {
		t.Fatal(err)
	}
}

// TestNoAllocations: once warm, evaluating allocates nothing.
func TestNoAllocations(t *testing.T) {
	f := newFixture(t)
	rng := rand.New(rand.NewPCG(1, 2))
	f.batch = randomBatch(t, rng, 512, true)
	ints, text := &Column{Index: 4, Name: "i", T: bigT}, &Column{Index: 16, Name: "s", T: strT}
	ts := &Column{Index: 11, Name: "ts", T: types.TimestampOf(3)}
	for _, e := range []Expr{
		f.call("+", f.call("*", ints, num("3")), ints),
		f.call("SUBSTRING", text, num("2"), num("3")),
		f.call("CONCAT", text, str("-"), text),
		f.call("IF", f.call(">", ints, num("0")), text, str("none")),
		f.call("LIKE", text, str("%b%")),
		f.call("DATE_FORMAT", ts, str("yyyy-MM-dd")),
		f.call("JSON_VALUE", text, str("$.a")),
		f.cast(ints, strT, false),
		f.cast(text, intT, true),
	} {
		p, err := Compile([]Expr{e}, f.env)
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if _, err := p.Eval(f.batch); err != nil {
				t.Fatal(err)
			}
		}
		if n := testing.AllocsPerRun(20, func() { _, _ = p.Eval(f.batch) }); n > 0 {
			t.Errorf("%s allocates %v times a batch", e, n)
		}
	}
}

func ExamplePredicate() {
	col, err := vec.Of(types.New(types.Int), int64(5), int64(12), nil, int64(20))
	if err != nil {
		fmt.Println(err)
		return
	}
	batch := &vec.Batch{Cols: []*vec.Vector{col}}
	batch.SetLen(4)
	x := &Column{Index: 0, Name: "x", T: types.New(types.Int)}
	cond, err := NewCall(udf.Builtins(), ">", []Expr{x, NewLiteral(int64(10), types.New(types.Int), diag.Span{})}, diag.Span{})
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := CompilePredicate(cond, &udf.Env{})
	if err != nil {
		fmt.Println(err)
		return
	}
	sel, err := p.Select(batch, nil)
	fmt.Println(cond, sel, err)
	// Output: x > 10 [1 3] <nil>
}

// TestLengthOfReplaced compares CHAR_LENGTH(REPLACE(…)), which makes no text, with the length of the text.
func TestLengthOfReplaced(t *testing.T) {
	f := newFixture(t)
	text := f.col(strT, "", "ccc", "acbc", "h漢é漢", "aaaa", nil, "a longer text of more than twelve characters, éc")
	part := f.col(strT, "c", "c", "", "漢", "aa", "x", "c")
	by := f.col(strT, "", "", "é", "12", "a", "y", nil)
	for _, args := range [][]Expr{
		{text, part, by},
		{text, str("c"), str("")},
		{text, str(""), str("xy")},
		{text, str("漢"), by},
		{f.call("UPPER", text), part, str("漢漢")},
		{text, null(), by},
	} {
		replaced := f.call("REPLACE", args...)
		got, err := f.eval(f.call("CHAR_LENGTH", replaced))
		if err != nil {
			t.Fatal(err)
		}
		want, err := f.eval(f.call("CHAR_LENGTH", f.call("COALESCE", replaced, replaced)))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", replaced, d)
		}
	}
}

// TestIntegerTimesDecimal compares the product of a column of integers and a literal to that of the same numbers as DECIMAL and a column.
func TestIntegerTimesDecimal(t *testing.T) {
	f := newFixture(t)
	for _, c := range []struct {
		kind        types.Kind
		digits      int
		least, most int64
	}{
		{types.TinyInt, 3, math.MinInt8, math.MaxInt8},
		{types.SmallInt, 5, math.MinInt16, math.MaxInt16},
		{types.Int, 10, math.MinInt32, math.MaxInt32},
		{types.BigInt, 19, math.MinInt64, math.MaxInt64},
	} {
		values, exact := []any{c.least, c.most, nil, int64(0), int64(-5)}, make([]any, 5)
		for i, x := range values {
			if x != nil {
				exact[i] = vec.Dec128FromInt64(x.(int64))
			}
		}
		x, converted := f.col(types.New(c.kind), values...), f.col(types.DecimalOf(c.digits, 0), exact...)
		for _, text := range []string{"0.908", "1234567890123456.789", "0.0", "9999999999999999999", "99999999999999999999", "0.12345678901234567890123456789"} {
			y := num(text).(*Literal)
			neg := &Literal{Value: decimal.Neg(y.Value.(vec.Dec128)), T: y.T}
			for _, y := range []*Literal{y, neg} {
				column := f.col(y.T, y.Value, y.Value, y.Value, y.Value, y.Value)
				for _, pair := range [][2]Expr{{f.call("*", x, y), f.call("*", converted, column)}, {f.call("*", y, x), f.call("*", column, converted)}} {
					want, err := f.eval(pair[1])
					if err != nil {
						t.Fatal(err)
					}
					f.want(pair[0], want...)
				}
			}
		}
	}
}

// TestDecimalTimesConstant compares a product with a literal to that with a column.
func TestDecimalTimesConstant(t *testing.T) {
	f := newFixture(t)
	big := f.col(types.DecimalOf(38, 0), vec.Dec128{Lo: 1 << 63}, vec.Dec128{Lo: 1, Hi: 7}, vec.Dec128{Lo: 0, Hi: 1 << 40}, nil, vec.Dec128FromInt64(-5))
	small := f.col(types.DecimalOf(19, 2), vec.Dec128FromInt64(math.MaxInt64), vec.Dec128FromInt64(math.MinInt64), vec.Dec128FromInt64(0), nil, vec.Dec128FromInt64(-5))
	for _, text := range []string{"0.908", "12345678.9", "1", "99999999999999999999"} {
		y := num(text).(*Literal)
		column := f.col(y.T, y.Value, y.Value, y.Value, y.Value, y.Value)
		for _, x := range []Expr{big, small} {
			for _, pair := range [][2]Expr{{f.call("*", x, y), f.call("*", x, column)}, {f.call("*", y, x), f.call("*", column, x)}} {
				want, err := f.eval(pair[1])
				if err != nil {
					t.Fatal(err)
				}
				f.want(pair[0], want...)
			}
		}
	}
}
