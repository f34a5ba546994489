package expr

import (
	"strconv"
	"testing"
)

// TestNumbersAreKeys: trees have one number exactly when they have one Key.
func TestNumbersAreKeys(t *testing.T) {
	f := newFixture(t)
	a, b := f.col(intT, int64(1)), f.col(intT, int64(2))
	trees := []Expr{
		a, b, num("1"), num("2"), str("1"), f.call("+", a, b), f.call("+", a, b), f.call("+", b, a), f.call("-", a, b),
		f.call("+", f.call("+", a, b), num("1")), f.call("+", a, f.call("+", b, num("1"))), f.call("+", f.call("+", a, b), num("1")),
		f.call("ABS", a), f.call("ABS", f.call("ABS", a)), f.call("COALESCE", a, b), f.call("IF", f.call("=", a, b), a, b),
	}
	k := newKeys()
	for _, x := range trees {
		for _, y := range trees {
			nx, _ := k.of(x)
			ny, _ := k.of(y)
			if (nx == ny) != (Key(x) == Key(y)) {
				t.Errorf("%s and %s: numbers %d and %d, keys %s and %s", x, y, nx, ny, Key(x), Key(y))
			}
		}
	}
	if _, ok := k.of(f.call("+", f.call("RAND"), num("1"))); ok {
		t.Error("RAND() + 1 is deterministic")
	}
}

// BenchmarkCompileDeep compiles a long condition: its time grows with the length, not the square.
func BenchmarkCompileDeep(b *testing.B) {
	f := newFixture(b)
	a := f.col(intT, int64(1))
	e := f.call("=", a, num("0"))
	for i := range 4000 {
		e = f.call("OR", e, f.call("=", a, num(strconv.Itoa(i))))
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := CompilePredicate(e, f.env); err != nil {
			b.Fatal(err)
		}
	}
}
