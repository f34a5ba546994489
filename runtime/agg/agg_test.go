package agg

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/weirstream/weir/runtime/decimal"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

func argTypes() []types.Type {
	return []types.Type{
		types.New(types.TinyInt), types.New(types.SmallInt), types.New(types.Int), types.New(types.BigInt),
		types.New(types.Float), types.New(types.Double), types.DecimalOf(10, 2), types.String(), types.New(types.Boolean),
		types.TimestampOf(3), types.New(types.Date),
	}
}

// randomValue gives NULL now and then, the ends of the type's range, and small values. Sums of the
// floats are exact.
func randomValue(rng *rand.Rand, t types.Type) any {
	n := int64(rng.IntN(21) - 10)
	if n == 0 {
		return nil
	}
	edge := rng.IntN(10) == 0
	switch t.Kind {
	case types.TinyInt:
		if edge {
			return int64(math.MinInt8)
		}
	case types.SmallInt:
		if edge {
			return int64(math.MaxInt16)
		}
	case types.Int:
		if edge {
			return int64(math.MinInt32)
		}
	case types.BigInt:
		if edge {
			return int64(math.MaxInt64)
		}
	case types.Float, types.Double:
		return float64(n) / 4
	case types.Decimal:
		return decimal.FromInt64(n * 333)
	case types.VarChar:
		return fmt.Sprintf("%0*d", 4*(n+10), n+10)
	case types.Boolean:
		return n > 0
	}
	return n
}

func fits(t types.Type, x int64) int64 {
	switch t.Kind {
	case types.TinyInt:
		return int64(int8(x))
	case types.SmallInt:
		return int64(int16(x))
	case types.Int:
		return int64(int32(x))
	}
	return x
}

// byHand computes an aggregate of boxed values.
func byHand(name string, t types.Type, values []any) any {
	if name == "ARRAY_AGG" {
		return values
	}
	present := slices.DeleteFunc(slices.Clone(values), func(x any) bool { return x == nil })
	if name == "COUNT" {
		return int64(len(present))
	}
	if name == "COLLECT" {
		return collectByHand(t, present)
	}
	if len(present) == 0 {
		return nil
	}
	switch name {
	case "FIRST_VALUE":
		return present[0]
	case "LAST_VALUE":
		return present[len(present)-1]
	case "LISTAGG":
		all := fmt.Sprint(present[0])
		for _, x := range present[1:] {
			all += "," + fmt.Sprint(x)
		}
		return all
	case "VAR_POP", "STDDEV_SAMP":
		return varianceByHand(name, t, present)
	case "MIN", "MAX":
		v, err := vec.Of(t, present...)
		if err != nil {
			panic(err)
		}
		best := 0
		for i := range present {
			if d := vec.CompareRows(v, i, v, best); name == "MIN" && d < 0 || name == "MAX" && d > 0 {
				best = i
			}
		}
		return v.Value(best)
	}
	var ints int64
	var floats float64
	for _, x := range present {
		switch x := x.(type) {
		case int64:
			ints += x
		case float64:
			floats += x
		case vec.Dec128:
			ints += decimal.Int64(x, 0)
		}
	}
	n := int64(len(present))
	switch {
	case t.IsApprox() && name == "AVG" && t.Kind == types.Float:
		return float64(float32(floats / float64(n)))
	case t.IsApprox() && name == "AVG":
		return floats / float64(n)
	case t.IsApprox():
		return floats
	case t.Kind == types.Decimal && name == "AVG":
		q, _ := decimal.Div(decimal.FromInt64(ints), t.Scale, decimal.FromInt64(n), 0, 38, 6)
		return q
	case t.Kind == types.Decimal:
		return decimal.FromInt64(ints)
	case name == "AVG":
		return fits(t, ints/n)
	}
	return fits(t, ints)
}

func collectByHand(t types.Type, values []any) any {
	v, err := vec.Of(t, values...)
	if err != nil {
		panic(err)
	}
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return vec.CompareRows(v, a, v, b) })
	var out []vec.Entry
	for k, i := range order {
		if k > 0 && vec.CompareRows(v, order[k-1], v, i) == 0 {
			out[len(out)-1].Value = out[len(out)-1].Value.(int64) + 1
			continue
		}
		out = append(out, vec.Entry{Key: v.Value(i), Value: int64(1)})
	}
	return out
}

func varianceByHand(name string, t types.Type, values []any) any {
	n := int64(len(values))
	by := n
	if name == "STDDEV_SAMP" {
		by--
	}
	if by == 0 {
		return nil
	}
	var sum, squares float64
	var isum, isquares int64
	for _, x := range values {
		switch x := x.(type) {
		case int64:
			isum, isquares = isum+x, isquares+x*x
		case float64:
			sum, squares = sum+x, squares+x*x
		case vec.Dec128:
			f := decimal.Float64(x, 0)
			sum, squares = sum+f, squares+f*f
		}
	}
	if t.IsInteger() {
		x := (isquares - isum*isum/n) / by
		if name == "STDDEV_SAMP" {
			x = int64(math.Sqrt(float64(max(x, 0))))
		}
		return fits(t, x)
	}
	x := (squares - sum*sum/float64(n)) / float64(by) / math.Pow10(2*t.Scale)
	if name == "STDDEV_SAMP" {
		x = math.Sqrt(max(x, 0))
	}
	switch t.Kind {
	case types.Float:
		return float64(float32(x))
	case types.Decimal:
		d, _ := decimal.FromFloat64(x, 38, 6)
		return d
	}
	return x
}

// TestAggregatesAgreeWithHands feeds random batches to every aggregate of every type, in one accumulator,
// in two that are merged, and with rows taken back.
func TestAggregatesAgreeWithHands(t *testing.T) {
	for _, name := range []string{
		"COUNT", "SUM", "AVG", "MIN", "MAX", "FIRST_VALUE", "LAST_VALUE", "LISTAGG", "ARRAY_AGG", "COLLECT", "VAR_POP", "STDDEV_SAMP",
	} {
		for _, typ := range argTypes() {
			fn := Builtins().Lookup(name)
			sig, err := fn.Resolve([]types.Type{typ})
			if err != nil {
				continue
			}
			t.Run(name+"/"+typ.String(), func(t *testing.T) {
				for seed := range uint64(2) {
					for _, retract := range []bool{false, true} {
						h := &hand{t: t, rng: rand.New(rand.NewPCG(seed, 2)), name: name, typ: typ, sig: sig, retract: retract}
						h.whole, h.half = fn.New(sig, retract), fn.New(sig, retract)
						h.run()
					}
				}
			})
		}
	}
}

type hand struct {
	t           *testing.T
	rng         *rand.Rand
	name        string
	typ         types.Type
	sig         Signature
	retract     bool
	whole, half Accumulator
	groups      [handGroups][]any // the values of each
	otherHalf   [handGroups][]any
}

const handGroups = 7

func (h *hand) run() {
	for round := range 30 {
		h.whole.Grow(min(handGroups, 1+round))
		h.half.Grow(min(handGroups, 1+round))
		h.batch(min(handGroups, 1+round))
		if h.retract {
			h.takeBack()
		}
		if round == 12 {
			h.whole.Reset([]uint32{3, 1})
			h.groups[3], h.groups[1] = nil, nil
		}
		if round == 20 {
			h.whole.Clear()
			h.whole.Grow(handGroups)
			h.groups = [handGroups][]any{}
		}
		h.check(h.whole, h.groups)
	}
	h.absorb()
	h.merge()
}

// absorb has an empty accumulator take the half's groups in, without the state between them where it can.
func (h *hand) absorb() {
	acc := Builtins().Lookup(h.name).New(h.sig, h.retract)
	acc.Grow(handGroups)
	x, ok := acc.(absorber)
	var want [handGroups][]any
	if ok && x.absorb(h.half, []uint32{1, 0, 3, 4, 2}, 2, 5) {
		for k, g := range []int{1, 0, 3, 4, 2} {
			want[g] = slices.Clone(h.otherHalf[2+k])
		}
		if !x.absorb(h.half, []uint32{5, 0}, 0, 2) {
			h.t.Errorf("%s absorbs some groups and not others", h.name)
		}
		want[5], want[0] = h.otherHalf[0], append(want[0], h.otherHalf[1]...)
		empty := Builtins().Lookup(h.name).New(h.sig, h.retract)
		empty.Grow(handGroups)
		if !x.absorb(empty, []uint32{0, 1, 2, 3, 4, 5, 6}, 0, 7) {
			h.t.Errorf("%s does not absorb empty groups", h.name)
		}
		if !x.absorb(h.half, nil, 1, 2) {
			h.t.Errorf("%s does not absorb groups of the same numbers", h.name)
		}
		for _, g := range []int{1, 2} {
			want[g] = append(want[g], h.otherHalf[g]...)
		}
	}
	h.check(acc, want)
}

// batch adds some rows to the whole, and others to the half.
func (h *hand) batch(groups int) {
	for i, acc := range []Accumulator{h.whole, h.half} {
		kept := []*[handGroups][]any{&h.groups, &h.otherHalf}[i]
		v := vec.New(h.typ)
		var ids []uint32
		var rows []int32
		dense := h.rng.IntN(2) == 0
		for r := range 1 + h.rng.IntN(20) {
			x := randomValue(h.rng, h.typ)
			if err := v.AppendValue(x); err != nil {
				h.t.Fatal(err)
			}
			if !dense && h.rng.IntN(3) == 0 {
				continue
			}
			g := uint32(h.rng.IntN(groups))
			ids, rows = append(ids, g), append(rows, int32(r))
			kept[g] = append(kept[g], x)
		}
		if dense {
			rows = nil
		}
		if err := acc.Add(ids, []*vec.Vector{v}, rows); err != nil {
			h.t.Fatal(err)
		}
	}
}

// takeBack takes a random row of every group back.
func (h *hand) takeBack() {
	v := vec.New(h.typ)
	var ids []uint32
	for g := range h.groups {
		if n := len(h.groups[g]); n > 0 {
			i := h.rng.IntN(n)
			if err := v.AppendValue(h.groups[g][i]); err != nil {
				h.t.Fatal(err)
			}
			i = slices.Index(h.groups[g], h.groups[g][i]) // the oldest of equal ones
			h.groups[g] = slices.Delete(slices.Clone(h.groups[g]), i, i+1)
			ids = append(ids, uint32(g))
		}
	}
	if err := h.whole.Retract(ids, []*vec.Vector{v}, nil); err != nil {
		h.t.Fatal(err)
	}
}

// merge gives the half's state to the whole.
func (h *hand) merge() {
	ids := []uint32{6, 5, 4, 3, 2, 1, 0}
	var state []*vec.Vector
	for _, f := range h.half.State() {
		state = append(state, vec.New(f.Type))
	}
	if err := h.half.AppendState(ids, state); err != nil {
		h.t.Fatal(err)
	}
	if err := h.whole.Merge(ids, state, nil); err != nil {
		h.t.Fatal(err)
	}
	both := h.groups
	for g := range both {
		both[g] = append(slices.Clone(both[g]), h.otherHalf[g]...)
	}
	h.check(h.whole, both)
}

func (h *hand) check(acc Accumulator, groups [handGroups][]any) {
	h.t.Helper()
	var ids []uint32
	for g := range groups {
		if len(groups[g]) > 0 {
			ids = append(ids, uint32(g))
		}
	}
	out := vec.New(h.sig.Result)
	if err := acc.Result(ids, out); err != nil {
		h.t.Fatal(err)
	}
	for k, g := range ids {
		want := byHand(h.name, h.typ, groups[g])
		if got := out.Value(k); fmt.Sprint(got) != fmt.Sprint(want) {
			h.t.Fatalf("retract %v: %s(%v) = %v, want %v", h.retract, h.name, groups[g], got, want)
		}
	}
}

func TestResultTypes(t *testing.T) {
	for _, c := range []struct {
		name string
		arg  types.Type
		want string
	}{
		{"COUNT", types.String(), "BIGINT NOT NULL"},
		{"SUM", types.New(types.TinyInt).WithoutNull(), "TINYINT"},
		{"SUM", types.New(types.Int), "INT"},
		{"SUM", types.New(types.Float), "FLOAT"},
		{"SUM", types.DecimalOf(10, 2), "DECIMAL(38, 2)"},
		{"AVG", types.New(types.Int), "INT"},
		{"AVG", types.DecimalOf(10, 2), "DECIMAL(38, 6)"},
		{"AVG", types.DecimalOf(20, 9), "DECIMAL(38, 9)"},
		{"MAX", types.TimestampLTZOf(3).WithoutNull(), "TIMESTAMP_LTZ(3)"},
		{"MIN", types.String(), "STRING"},
	} {
		sig, err := Builtins().Lookup(c.name).Resolve([]types.Type{c.arg})
		if err != nil || sig.Result.String() != c.want {
			t.Errorf("%s(%s) is %s (%v), want %s", c.name, c.arg, sig.Result, err, c.want)
		}
	}
	for _, c := range []struct {
		name string
		args []types.Type
	}{
		{"SUM", []types.Type{types.String()}},
		{"AVG", nil},
		{"SUM", []types.Type{types.New(types.Int), types.New(types.Int)}},
		{"MAX", []types.Type{types.ArrayOf(types.New(types.Int))}},
	} {
		if _, err := Builtins().Lookup(c.name).Resolve(c.args); err == nil {
			t.Errorf("%s takes %v", c.name, c.args)
		}
	}
}

// TestDecimalSumPast38Digits: the sum is NULL, not a wrapped number.
func TestDecimalSumPast38Digits(t *testing.T) {
	typ := types.DecimalOf(38, 0)
	sig, err := Builtins().Lookup("SUM").Resolve([]types.Type{typ})
	if err != nil {
		t.Fatal(err)
	}
	acc := Builtins().Lookup("SUM").New(sig, false)
	acc.Grow(1)
	nines, _, err := decimal.Parse([]byte("99999999999999999999999999999999999999"), 38, 0)
	if err != nil {
		t.Fatal(err)
	}
	v, err := vec.Of(typ, nines, decimal.FromInt64(1))
	if err != nil {
		t.Fatal(err)
	}
	out := vec.New(sig.Result)
	for _, want := range []string{"99999999999999999999999999999999999999", "NULL"} {
		if err := acc.Add([]uint32{0}, []*vec.Vector{v}, []int32{int32(out.Len())}); err != nil {
			t.Fatal(err)
		}
		if err := acc.Result([]uint32{0}, out); err != nil {
			t.Fatal(err)
		}
		got := "NULL"
		if x, ok := out.Value(out.Len() - 1).(vec.Dec128); ok {
			got = decimal.String(x, 0)
		}
		if got != want {
			t.Errorf("sum is %s, want %s", got, want)
		}
	}
}

func TestFloatExtremes(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		values   []any
		min, max any
	}{
		{[]any{nan}, nan, nan},
		{[]any{nan, 1.0}, 1.0, nan},
		{[]any{-inf, nan, nil}, -inf, nan},
		{[]any{-inf}, -inf, -inf},
		{[]any{inf, 3.0}, 3.0, inf},
		{[]any{nil}, nil, nil},
	} {
		for name, want := range map[string]any{"MIN": c.min, "MAX": c.max} {
			for _, retract := range []bool{false, true} {
				typ := types.New(types.Double)
				acc := Builtins().Lookup(name).New(Signature{Params: []types.Type{typ}, Result: typ}, retract)
				acc.Grow(1)
				v, err := vec.Of(typ, c.values...)
				if err != nil {
					t.Fatal(err)
				}
				out := vec.New(typ)
				if err := acc.Add(make([]uint32, v.Len()), []*vec.Vector{v}, nil); err != nil {
					t.Fatal(err)
				}
				if err := acc.Result([]uint32{0}, out); err != nil {
					t.Fatal(err)
				}
				if got := out.Value(0); fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("%s%v = %v, want %v", name, c.values, got, want)
				}
			}
		}
	}
}

// TestBagOfOneGroupIsBalanced keeps 100 k ascending values, which would make a list of a plain tree.
func TestBagOfOneGroupIsBalanced(t *testing.T) {
	bag := newBag(types.New(types.BigInt))
	b := &bag
	b.grow(1)
	v := vec.New(types.New(types.BigInt))
	const n = 20_000
	for i := range n {
		vec.Append(v, int64(i))
		b.change(0, v, i, 1)
	}
	depth := depthOf(b, b.root[0])
	if depth > 60 {
		t.Fatalf("%d values make a tree of depth %d", n, depth)
	}
	for i := n - 1; i > 0; i-- {
		b.change(0, v, i, -1)
		if v, at := b.at(b.end(0, true)); vec.Values[int64](v)[at] != int64(i-1) {
			t.Fatalf("the largest is %v, want %d", v.Value(at), i-1)
		}
	}
}

func depthOf(b *bag, n uint32) int {
	if n == noNode {
		return 0
	}
	return 1 + max(depthOf(b, b.left[n]), depthOf(b, b.right[n]))
}
