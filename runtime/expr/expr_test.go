package expr

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/udf"
)

var (
	intT    = types.New(types.Int)
	bigT    = types.New(types.BigInt)
	doubleT = types.New(types.Double)
	boolT   = types.New(types.Boolean)
	strT    = types.String()
)

// fixture builds expressions over a batch.
type fixture struct {
	t     testing.TB
	reg   *udf.Registry
	env   *udf.Env
	batch *vec.Batch
}

func newFixture(t testing.TB) *fixture {
	return &fixture{t: t, reg: udf.Builtins(), env: &udf.Env{}, batch: &vec.Batch{}}
}

// col adds a column.
func (f *fixture) col(t types.Type, values ...any) Expr {
	f.t.Helper()
	v, err := vec.Of(t, values...)
	if err != nil {
		f.t.Fatal(err)
	}
	f.batch.Cols = append(f.batch.Cols, v)
	f.batch.SetLen(len(values))
	i := len(f.batch.Cols) - 1
	return &Column{Index: i, Name: string(rune('a' + i)), T: t}
}

func (f *fixture) call(name string, args ...Expr) Expr {
	f.t.Helper()
	e, err := NewCall(f.reg, name, args, diag.Span{Start: 1, End: 2})
	if err != nil {
		f.t.Fatalf("%s: %v", name, err)
	}
	return e
}

func (f *fixture) cast(x Expr, to types.Type, try bool) Expr {
	f.t.Helper()
	e, err := NewCast(x, to, try, diag.Span{Start: 1, End: 2})
	if err != nil {
		f.t.Fatal(err)
	}
	return e
}

func str(s string) Expr {
	return NewLiteral(s, types.Type{Kind: types.Char, Length: len(s)}, diag.Span{})
}

func num(text string) Expr {
	v, t, err := ParseNumber(text)
	if err != nil {
		panic(err)
	}
	return NewLiteral(v, t, diag.Span{})
}

func null() Expr { return &Literal{T: types.New(types.Null)} }

func (f *fixture) eval(e Expr) ([]any, error) {
	f.t.Helper()
	p, err := Compile([]Expr{e}, f.env)
	if err != nil {
		f.t.Fatalf("%s: %v", e, err)
	}
	out, err := p.Eval(f.batch)
	if err != nil {
		return nil, err
	}
	var got []any
	f.batch.Each(func(i int) { got = append(got, out[0].Value(i)) })
	return got, nil
}

func (f *fixture) want(e Expr, want ...any) {
	f.t.Helper()
	got, err := f.eval(e)
	if err != nil {
		f.t.Errorf("%s: %v", e, err)
		return
	}
	if d := cmp.Diff(want, got); d != "" {
		f.t.Errorf("%s (-want +got):\n%s", e, d)
	}
}

func TestThreeValuedLogic(t *testing.T) {
	f := newFixture(t)
	a := f.col(boolT, true, true, true, false, false, false, nil, nil, nil)
	b := f.col(boolT, true, false, nil, true, false, nil, true, false, nil)
	f.want(f.call("AND", a, b), true, false, nil, false, false, false, nil, false, nil)
	f.want(f.call("OR", a, b), true, true, true, true, false, nil, true, nil, nil)
	f.want(f.call("NOT", a), false, false, false, true, true, true, nil, nil, nil)
	f.want(f.call("IS TRUE", a), true, true, true, false, false, false, false, false, false)
	f.want(f.call("IS NOT FALSE", b), true, false, true, true, false, true, true, false, true)
	f.want(f.call("IS UNKNOWN", b), false, false, true, false, false, true, false, false, true)
	f.want(f.call("=", a, b), true, false, nil, false, true, nil, nil, nil, nil)
	f.want(f.call("IS NOT DISTINCT FROM", a, b), true, false, false, false, true, false, false, false, true)
}

func TestLazyBranches(t *testing.T) {
	f := newFixture(t)
	a := f.col(intT, int64(6), int64(1), nil, int64(8))
	b := f.col(intT, int64(2), int64(0), int64(0), int64(4))
	quotient := f.call("/", a, b)
	nonZero := f.call("<>", b, num("0"))
	c, err := NewCase([]When{{Cond: nonZero, Then: quotient}}, num("-1"), diag.Span{})
	if err != nil {
		t.Fatal(err)
	}
	f.want(c, int64(3), int64(-1), int64(-1), int64(2))
	f.want(f.call("AND", nonZero, f.call(">", quotient, num("2"))), true, false, false, false)
	f.want(f.call("OR", f.call("=", b, num("0")), f.call(">", quotient, num("2"))), true, true, true, false)
	f.want(f.call("IF", nonZero, quotient, null()), int64(3), nil, nil, int64(2))
	f.want(f.call("COALESCE", a, quotient), int64(6), int64(1), nil, int64(8))
	if _, err := f.eval(quotient); err == nil {
		t.Error("1/0 did not fail")
	}
}
