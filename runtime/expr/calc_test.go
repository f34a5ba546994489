package expr

import (
	"errors"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/udf"
)

var errNegative = errors.New("a negative number")

// counted makes COUNTED(x) of an INT: it gives x, fails for negative numbers, and adds the rows that it is asked for
// to rows.
func counted(rows *int, x Expr) Expr {
	fn := &udf.Func{Name: "COUNTED", Bind: func(udf.Call) (udf.Kernel, error) {
		return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
			*rows += len(sel)
			in, to := vec.Values[int32](args[0]), vec.Values[int32](out)
			for _, i := range sel {
				if in[i] < 0 {
					return &vec.RowError{Row: int(i), Err: errNegative}
				}
				to[i] = in[i]
			}
			return nil
		}, nil
	}}
	return &Call{Fn: fn, Args: []Expr{x}, T: x.Type()}
}

// calc runs a Calc over the fixture's batch and gives the rows that passed, each with the values of xs.
func (f *fixture) calc(cond Expr, xs ...Expr) (got [][]any, err error) {
	f.t.Helper()
	c, err := CompileCalc(cond, xs, f.env)
	if err != nil {
		f.t.Fatal(err)
	}
	sel, err := c.Select(f.batch, nil)
	if err != nil || len(sel) == 0 {
		return nil, err
	}
	cols, err := c.Eval(sel)
	for _, i := range sel {
		row := make([]any, len(cols))
		for k, v := range cols {
			row[k] = v.Value(int(i))
		}
		got = append(got, row)
	}
	return got, err
}

func TestCalcSharesWithItsCondition(t *testing.T) {
	f := newFixture(t)
	a := f.col(intT, int64(1), int64(2), int64(3), int64(4))
	var rows int
	x := counted(&rows, a)
	for _, c := range []struct {
		name string
		cond Expr
		x    Expr
		rows int
	}{
		{"one condition", f.call(">", x, num("2")), x, 4},
		{"the later of two conditions", f.call("AND", f.call(">", a, num("1")), f.call(">", x, num("2"))), x, 3},
		{"a branch", f.call(">", x, num("2")), f.call("IF", f.call("=", a, num("3")), x, f.call("+", x, num("0"))), 4},
		{"where OR may leave it out", f.call("OR", f.call(">", a, num("3")), f.call(">", x, num("2"))), x, 3 + 2},
	} {
		rows = 0
		got, err := f.calc(c.cond, c.x)
		if d := cmp.Diff([][]any{{int64(3)}, {int64(4)}}, got); d != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", c.name, err, d)
		}
		if rows != c.rows {
			t.Errorf("%s: computed for %d rows, want %d", c.name, rows, c.rows)
		}
	}
}

// TestCaseSharesWithEarlierConditions: rows that reach a later condition, or a branch, have been through the earlier ones.
func TestCaseSharesWithEarlierConditions(t *testing.T) {
	f := newFixture(t)
	a := f.col(intT, int64(1), int64(2), int64(3), int64(4))
	var rows int
	x := counted(&rows, a)
	e, err := NewCase([]When{
		{Cond: f.call("=", x, num("1")), Then: f.call("+", x, num("10"))},
		{Cond: f.call("AND", f.call(">", a, num("2")), f.call("=", x, num("3"))), Then: f.call("+", x, num("20"))},
	}, f.call("+", x, num("30")), diag.Span{})
	if err != nil {
		t.Fatal(err)
	}
	f.want(e, int64(11), int64(32), int64(23), int64(34))
	if rows != 4 {
		t.Errorf("computed for %d rows, want 4", rows)
	}
	rows = 0
	if e, err = NewCase([]When{{Cond: f.call("=", a, num("1")), Then: x}, {Cond: f.call("=", a, num("2")), Then: x}}, f.call("*", x, num("2")), diag.Span{}); err != nil {
		t.Fatal(err)
	}
	f.want(e, int64(1), int64(2), int64(6), int64(8))
	if rows != 4 {
		t.Errorf("a part of each branch is computed for %d rows, want 4", rows)
	}
}

// TestNestingIsBounded: what a long CASE, COALESCE or list of conjuncts takes to compile grows with its length, not with the square of it.
func TestNestingIsBounded(t *testing.T) {
	f := newFixture(t)
	a := f.col(intT.WithNull(), nil, int64(7), int64(500))
	whens, args := make([]When, 500), []Expr{f.call("NULLIF", a, num("7"))}
	for k := range whens {
		n := num(strconv.Itoa(k))
		whens[k] = When{Cond: f.call("=", a, n), Then: n}
		args = append(args, f.call("NULLIF", a, a))
	}
	long, err := NewCase(whens, num("-1"), diag.Span{})
	if err != nil {
		t.Fatal(err)
	}
	coalesce := f.call("COALESCE", append(args, num("-1"))...)
	f.want(long, int64(-1), int64(7), int64(-1))
	f.want(coalesce, int64(-1), int64(-1), int64(500))
	c := newCompiler(f.env)
	cells, err := c.all([]Expr{long, coalesce}, c.root)
	if err != nil {
		t.Fatal(err)
	}
	cased, _ := cells[0].node.(*caseNode)
	coalesced, _ := cells[1].node.(*coalesceNode)
	conjuncts := f.call("<>", a, num("-1"))
	for k := range 500 {
		conjuncts = f.call("AND", conjuncts, f.call("<>", a, num(strconv.Itoa(k+8))))
	}
	_, passed, err := c.predicate(conjuncts)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []*scope{cased.els.scope, coalesced.rest[len(coalesced.rest)-1].scope, passed} {
		depth := 0
		for ; s != nil; s = s.parent {
			depth++
		}
		if depth > maxNested+2 {
			t.Errorf("scopes are nested %d deep, want no more than %d", depth, maxNested+2)
		}
	}
}

// TestCalcIsLazy: nothing is evaluated for a row that does not reach it.
func TestCalcIsLazy(t *testing.T) {
	f := newFixture(t)
	a := f.col(intT, int64(-1), int64(0), int64(7))
	var rows int
	x := counted(&rows, a)
	got, err := f.calc(f.call("AND", f.call(">=", a, num("0")), f.call(">", x, num("5"))), x)
	if d := cmp.Diff([][]any{{int64(7)}}, got); d != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, d)
	}
	got, err = f.calc(f.call(">=", a, num("0")), f.call("IF", f.call("=", a, num("0")), a, x))
	if d := cmp.Diff([][]any{{int64(0)}, {int64(7)}}, got); d != "" || err != nil || rows != 2+1 {
		t.Errorf("%v, computed for %d rows (-want +got):\n%s", err, rows, d)
	}
	_, err = f.calc(f.call("OR", f.call("<", a, num("0")), f.call(">", x, num("5"))), x)
	var bad *vec.RowError
	if !errors.As(err, &bad) || bad.Row != 0 || !errors.Is(err, errNegative) {
		t.Errorf("the row that OR let through: %v", err)
	}
}

// TestCalcAgainstParts compares a Calc with a Predicate and a Program behind it.
func TestCalcAgainstParts(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 14))
	f := newFixture(t)
	ints, text := &Column{Index: 4, Name: "i", T: bigT}, &Column{Index: 16, Name: "s", T: strT}
	parts := []Expr{
		f.call("+", ints, num("1")), f.call("CHAR_LENGTH", text), f.call("COALESCE", f.call("CHAR_LENGTH", f.call("UPPER", text)), num("3")),
		f.call("IF", f.call(">", f.call("CHAR_LENGTH", text), num("1")), f.call("+", f.call("CHAR_LENGTH", text), num("1")), f.call("CHAR_LENGTH", f.call("UPPER", text))),
	}
	for range 300 {
		part := func() Expr { return parts[rng.IntN(len(parts))] }
		cond := f.call(">", part(), num("1"))
		for range rng.IntN(3) {
			cond = f.call([]string{"AND", "OR"}[rng.IntN(2)], cond, f.call("<", part(), num("4")))
		}
		xs := []Expr{part(), f.call("IF", f.call("=", part(), num("2")), part(), part()), cond}
		f.batch = randomBatch(t, rng, 1+rng.IntN(130), rng.IntN(2) == 0)
		if rng.IntN(2) == 0 {
			f.batch.Narrow(vec.AppendSet([]int32{}, []uint64{rng.Uint64()}, min(64, f.batch.Len())))
		}
		got, err := f.calc(cond, xs...)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(f.filtered(cond, xs), got); d != "" {
			t.Fatalf("%s behind %s (-want +got):\n%s", xs, cond, d)
		}
	}
}

// filtered is calc by a Predicate and a Program.
func (f *fixture) filtered(cond Expr, xs []Expr) (want [][]any) {
	f.t.Helper()
	p, err := CompilePredicate(cond, f.env)
	if err != nil {
		f.t.Fatal(err)
	}
	b := *f.batch
	if b.Sel, err = p.Select(f.batch, nil); err != nil {
		f.t.Fatal(err)
	}
	prog, err := Compile(xs, f.env)
	if err != nil {
		f.t.Fatal(err)
	}
	cols, err := prog.Eval(&b)
	if err != nil {
		f.t.Fatal(err)
	}
	for _, i := range b.Sel {
		row := make([]any, len(cols))
		for k, v := range cols {
			row[k] = v.Value(int(i))
		}
		want = append(want, row)
	}
	return want
}

func TestHaveCommon(t *testing.T) {
	f := newFixture(t)
	a, b := f.col(intT, int64(1)), f.col(types.New(types.Int), int64(2))
	sum := func() Expr { return f.call("+", a, b) }
	for _, c := range []struct {
		cond, x Expr
		want    bool
	}{
		{f.call(">", sum(), num("1")), f.call("*", sum(), num("2")), true},
		{f.call(">", a, num("1")), f.call("*", a, num("1")), false},
		{f.call(">", f.call("RAND"), num("1")), f.call("RAND"), false},
	} {
		if got := HaveCommon(c.cond, []Expr{b, c.x}); got != c.want {
			t.Errorf("%s and %s have something in common: %v", c.cond, c.x, got)
		}
	}
}
