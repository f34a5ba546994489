package agg

import (
	"fmt"
	"math"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

// percentileFunc is PERCENTILE. The percentages are constants: With gives the function for them.
func percentileFunc() *Func {
	f := &Func{
		Name:      "PERCENTILE",
		Syntax:    "PERCENTILE(number, percentage [, frequency])",
		Doc:       "The exact value at a percentage between 0 and 1, interpolated between neighbours, or an array of them for an array of percentages. The frequency says how often a number counts.",
		Constants: []int{1},
		Resolve: func(args []types.Type) (Signature, error) {
			return Signature{}, diag.Errorf(diag.Span{}, "PERCENTILE takes a number, a percentage and perhaps a frequency")
		},
	}
	f.With = func(values []any) (*Func, error) {
		switch p := values[0].(type) {
		case float64:
			return percentileOf(f, []float64{p}, false)
		case []any:
			ps := make([]float64, len(p))
			for i, x := range p {
				var ok bool
				if ps[i], ok = x.(float64); !ok {
					return nil, diag.Errorf(diag.Span{}, "a percentage of PERCENTILE is NULL")
				}
			}
			return percentileOf(f, ps, true)
		}
		return nil, diag.Errorf(diag.Span{}, "the percentage of PERCENTILE is a number or an ARRAY of numbers")
	}
	return f
}

func percentileOf(f *Func, ps []float64, array bool) (*Func, error) {
	for _, p := range ps {
		if !(p >= 0 && p <= 1) {
			return nil, diag.Errorf(diag.Span{}, "a percentage of PERCENTILE lies between 0 and 1, this is %v", p)
		}
	}
	result := types.New(types.Double)
	if array {
		result = types.ArrayOf(result)
	}
	out := *f
	out.Constants, out.With = nil, nil
	out.Name = fmt.Sprintf("PERCENTILE %v", ps)
	out.Resolve = func(args []types.Type) (Signature, error) {
		if len(args) == 0 || len(args) > 2 || !args[0].IsNumeric() || len(args) == 2 && !args[1].IsInteger() {
			return Signature{}, diag.Errorf(diag.Span{}, "PERCENTILE takes a number, a percentage and perhaps an integer that says how often the number counts")
		}
		params := []types.Type{types.New(types.Double), types.New(types.BigInt)}
		return Signature{Params: params[:len(args)], Result: result}, nil
	}
	out.New = func(Signature, bool) Accumulator { return &percentile{ps: ps, array: array} }
	return &out, nil
}

// percentile is PERCENTILE. State: every distinct value of the group with its count, in order (see ranked). A row
// costs O(log n) in the distinct values, taken in or back, and so does a result for each percentage. A
// checkpoint writes the values that have come, gone, or changed their counts since the last, not the group's others.
type percentile struct {
	ps      []float64
	array   bool
	values  ranked
	present present
}

func (p *percentile) Grow(n int) { p.values.grow(n) }

func (p *percentile) Add(groups []uint32, args []*vec.Vector, rows []int32) error {
	p.change(groups, args, rows, 1)
	return nil
}

func (p *percentile) Retract(groups []uint32, args []*vec.Vector, rows []int32) error {
	p.change(groups, args, rows, -1)
	return nil
}

func (p *percentile) change(groups []uint32, args []*vec.Vector, rows []int32, sign int64) {
	groups, rows = p.present.of(groups, args[0], rows)
	numbers := vec.Values[float64](args[0])
	for k, g := range groups {
		i := at(rows, k)
		d := sign
		if len(args) == 2 {
			often := vec.Values[int64](args[1])[i]
			if args[1].IsNull(i) || often <= 0 {
				continue
			}
			d *= often
		}
		p.values.change(g, numbers[i], d)
	}
}

func (p *percentile) Merge(groups []uint32, state []*vec.Vector, rows []int32) error {
	offsets := state[0].Offsets()
	numbers, counts := vec.Values[float64](state[0].Child(0)), vec.Values[int64](state[0].Child(1))
	for k, g := range groups {
		i := at(rows, k)
		for j := offsets[i]; j < offsets[i+1] && !state[0].IsNull(i); j++ {
			p.values.change(g, numbers[j], counts[j])
		}
	}
	return nil
}

func (p *percentile) Result(groups []uint32, out *vec.Vector) error {
	for _, g := range groups {
		total := p.values.sum(p.values.root[g])
		switch {
		case total <= 0 || len(p.ps) == 0:
			out.AppendNull()
		case !p.array:
			vec.Append(out, p.value(g, p.ps[0], total))
		default:
			for _, x := range p.ps {
				vec.Append(out.Child(0), p.value(g, x, total))
			}
			out.EndList()
		}
	}
	return nil
}

// value interpolates between the two values around a percentage, in the order of operations that Flink
// has.
func (p *percentile) value(g uint32, percentage float64, total int64) float64 {
	position := float64(percentage*float64(total-1)) + 1
	lower, higher := math.Floor(position), math.Ceil(position)
	a := p.values.at(g, int64(lower))
	if lower == higher {
		return a
	}
	b := p.values.at(g, int64(higher))
	if a == b {
		return a
	}
	return float64((higher-position)*a) + float64((position-lower)*b)
}

func (p *percentile) State() vec.Schema {
	number, count := types.New(types.Double).WithoutNull(), types.New(types.BigInt).WithoutNull()
	return vec.Schema{{Name: "values", Type: types.MapOf(number, count)}}
}

func (p *percentile) AppendState(groups []uint32, out []*vec.Vector) error {
	for _, g := range groups {
		p.values.each(p.values.root[g], func(n uint32) {
			vec.Append(out[0].Child(0), numberOf(p.values.words[n]))
			vec.Append(out[0].Child(1), p.values.counts[n])
		})
		out[0].EndList()
	}
	return nil
}

func (p *percentile) Reset(groups []uint32) {
	for _, g := range groups {
		p.values.reset(g)
	}
}

func (p *percentile) Clear()      { p.values.clear() }
func (p *percentile) Memory() int { return p.values.memory() + p.present.memory() }
