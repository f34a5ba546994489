package decimal

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// reference is an exact rational at a scale, rounded HALF_UP.
func reference(num, den *big.Int, scale int) *big.Int {
	n := new(big.Int).Mul(num, pow10Big(scale))
	neg := n.Sign()*den.Sign() < 0
	n.Abs(n)
	d := new(big.Int).Abs(den)
	q, r := new(big.Int).QuoRem(n, d, new(big.Int))
	if r.Lsh(r, 1).Cmp(d) >= 0 {
		q.Add(q, big.NewInt(1))
	}
	if neg {
		q.Neg(q)
	}
	return q
}

func pow10Big(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// random gives a decimal of up to 38 digits, small ones as often as large ones.
func random(rng *rand.Rand) Dec {
	u := u128{rng.Uint64(), rng.Uint64()}.cut(rng.IntN(39))
	for !u.less(pow10[MaxPrecision]) {
		u = u.cut(1)
	}
	return u.signed(rng.IntN(2) == 0)
}

func check(t *testing.T, what string, want *big.Int, precision int, got Dec, ok bool) {
	t.Helper()
	fits := new(big.Int).Abs(want).Cmp(pow10Big(precision)) < 0
	if fits != ok || ok && unscaled(got).Cmp(want) != 0 {
		t.Fatalf("%s = %s (%v), want %s", what, unscaled(got), ok, want)
	}
}

func TestAgainstBigIntegers(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 20_000 {
		a, b := random(rng), random(rng)
		as, bs, scale, precision := rng.IntN(20), rng.IntN(20), rng.IntN(20), 1+rng.IntN(38)
		x, y := unscaled(a), unscaled(b)
		sa, sb := pow10Big(as), pow10Big(bs)

		d, ok := Rescale(a, as, scale, precision)
		check(t, "Rescale", reference(x, sa, scale), precision, d, ok)

		d, ok = Mul(a, as, b, bs, precision, scale)
		check(t, "Mul", reference(new(big.Int).Mul(x, y), new(big.Int).Mul(sa, sb), scale), precision, d, ok)

		sum := new(big.Int).Add(new(big.Int).Mul(x, sb), new(big.Int).Mul(y, sa))
		d, ok = AddScaled(a, as, b, bs, precision, scale)
		check(t, "AddScaled", reference(sum, new(big.Int).Mul(sa, sb), scale), precision, d, ok)

		if want := new(big.Int).Mul(x, sb).Cmp(new(big.Int).Mul(y, sa)); CmpScaled(a, as, b, bs) != want {
			t.Fatalf("CmpScaled(%s, %d, %s, %d) is not %d", x, as, y, bs, want)
		}
		if y.Sign() != 0 {
			d, ok = Div(a, as, b, bs, precision, scale)
			check(t, "Div", reference(new(big.Int).Mul(x, sb), new(big.Int).Mul(y, sa), scale), precision, d, ok)
		}
	}
}

func TestText(t *testing.T) {
	for _, c := range []struct {
		in               string
		precision, scale int
		want             string // "" for overflow, "!" for an error
	}{
		{"0", 1, 0, "0"},
		{"-0.005", 10, 2, "-0.01"},
		{"0.0049", 10, 2, "0.00"},
		{"1e3", 10, 1, "1000.0"},
		{"1.5E-2", 10, 3, "0.015"},
		{".5", 2, 1, "0.5"},
		{"5.", 2, 1, "5.0"},
		{"99.95", 3, 1, ""},
		{"12345678901234567890123456789012345678", 38, 0, "12345678901234567890123456789012345678"},
		{"0.123456789012345678901234567890123456789", 38, 38, "0.12345678901234567890123456789012345679"},
		{"123456789012345678901234567890123456789", 38, 0, ""},
		{"", 5, 0, "!"},
		{".", 5, 0, "!"},
		{"1e", 5, 0, "!"},
		{"1.2.3", 5, 0, "!"},
		{"1e99999999", 5, 0, "!"},
		{"0e999", 5, 0, "0"},
		{"1e-500", 5, 2, "0.00"},
	} {
		d, ok, err := Parse([]byte(c.in), c.precision, c.scale)
		got := ""
		switch {
		case err != nil:
			got = "!"
		case ok:
			got = String(d, c.scale)
		}
		if got != c.want {
			t.Errorf("%q as DECIMAL(%d, %d) = %q, want %q", c.in, c.precision, c.scale, got, c.want)
		}
	}
}

func TestFloorAndCeil(t *testing.T) {
	for in, want := range map[int64][2]int64{150: {1, 2}, -150: {-2, -1}, 200: {2, 2}, -200: {-2, -2}, 5: {0, 1}} {
		d := FromInt64(in)
		if f, c := Floor(d, 2), Ceil(d, 2); f != FromInt64(want[0]) || c != FromInt64(want[1]) {
			t.Errorf("floor and ceil of %s: %s, %s", String(d, 2), String(f, 0), String(c, 0))
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"1", "-1.5e3", "0.00000000000000000000000000000000000000001", "99999999999999999999999999999999999999"} {
		f.Add(s, 38, 10)
	}
	f.Fuzz(func(t *testing.T, s string, precision, scale int) {
		if precision < 1 || precision > 38 || scale < 0 || scale > precision {
			return
		}
		d, ok, err := Parse([]byte(s), precision, scale)
		if err != nil || !ok {
			return
		}
		back, ok, err := Parse([]byte(String(d, scale)), precision, scale)
		if err != nil || !ok || back != d {
			t.Fatalf("%q reads as %s, which reads as %s", s, String(d, scale), String(back, scale))
		}
	})
}

func BenchmarkMul(b *testing.B) {
	x, y := FromInt64(123456789), FromInt64(987)
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := Mul(x, 2, y, 3, 25, 5); !ok {
			b.Fatal("overflow")
		}
	}
}

func TestMulInt64AgainstBig(t *testing.T) {
	values := []int64{0, 1, -1, 7, -9, math.MaxInt64, math.MinInt64, 1 << 32, -1 << 40, 908}
	for _, a := range values {
		for _, b := range values {
			want := new(big.Int).Mul(big.NewInt(a), big.NewInt(b))
			hi, lo := MulInt64(a, b)
			if got := unscaled(Dec{Lo: lo, Hi: hi}); got.Cmp(want) != 0 {
				t.Errorf("%d * %d = %s, want %s", a, b, got, want)
			}
		}
		if !IsInt64(FromInt64(a)) || a != 0 && a != -1 && IsInt64(Dec{Lo: uint64(a), Hi: ^(a >> 63)}) {
			t.Errorf("IsInt64 is wrong for %d", a)
		}
	}
}

// unscaled gives the unscaled value as a big integer.
func unscaled(d Dec) *big.Int {
	u, neg := split(d)
	x := u.big()
	if neg {
		x.Neg(x)
	}
	return x
}
