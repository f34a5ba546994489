package udf

import (
	"bytes"
	"errors"
	"fmt"
	"math"

	"github.com/weirstream/weir/runtime/decimal"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/udf/cast"
	"github.com/weirstream/weir/udf/jsonpath"
)

var (
	errNoValue   = errors.New("there is no value at the JSON path")
	errNotScalar = errors.New("the value at the JSON path is an object or an array")
	errIsScalar  = errors.New("the value at the JSON path is neither an object nor an array")
)

// jsonPathRule refuses a literal path that does not compile.
func jsonPathRule(r rule) rule {
	return func(args []Arg) (Signature, error) {
		s, err := r(args)
		if err != nil {
			return s, err
		}
		if p, ok := args[1].constString(); ok {
			if _, err := jsonpath.Compile(p); err != nil {
				return s, diag.Errorf(diag.Span{}, "%w", err)
			}
		}
		return s, nil
	}
}

// jsonValueRule is JSON_VALUE(json, path[, NULL of the type, on empty, its default, on
// error, its default]).
func jsonValueRule(args []Arg) (Signature, error) {
	if len(args) != 2 && len(args) != 7 {
		return Signature{}, wrongCount(len(args), 2, 2)
	}
	s, err := jsonPathRule(mayGiveNull(types.String(), strArg(), strArg()))(args[:2])
	if err != nil || len(args) == 2 {
		return s, err
	}
	t := args[2].Type.WithNull()
	if !t.IsString() && !t.IsNumeric() && t.Kind != types.Boolean {
		return s, diag.Unsupported(diag.Span{}, "JSON_VALUE RETURNING %s", t)
	}
	s.Result = t
	for _, a := range args[2:] {
		s.Params = append(s.Params, a.Type)
	}
	s.Params[4], s.Params[6] = t, t
	return s, nil
}

// paths compiles the path argument: a literal once, others when they change.
type paths struct {
	text []byte
	p    *jsonpath.Path
	err  error
}

func newPaths(c Call) (*paths, error) {
	ps := &paths{}
	if s, ok := c.Args[1].constString(); ok {
		_, err := ps.get([]byte(s))
		return ps, err
	}
	return ps, nil
}

func (ps *paths) get(text []byte) (*jsonpath.Path, error) {
	if ps.p == nil && ps.err == nil || !bytes.Equal(text, ps.text) {
		ps.text = append(ps.text[:0], text...)
		ps.p, ps.err = jsonpath.Compile(string(text))
	}
	return ps.p, ps.err
}

// outcome is what a path gave for a row.
type outcome uint8

const (
	found outcome = iota
	empty
	failed
)

// jsonValue evaluates JSON_VALUE.
type jsonValue struct {
	paths            *paths
	store            func(out *vec.Vector, i int, f jsonpath.Found) bool
	onEmpty, onError string
	full             bool
}

func bindJSONValue(c Call) (Kernel, error) {
	ps, err := newPaths(c)
	if err != nil {
		return nil, err
	}
	j := jsonValue{paths: ps, full: len(c.Args) == 7, store: jsonStore(c.Result)}
	if j.full {
		j.onEmpty, _ = c.Args[3].constString()
		j.onError, _ = c.Args[5].constString()
	}
	return j.run, nil
}

func (j *jsonValue) run(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
	one := [1]int32{}
	for _, i := range sel {
		r := row{args, int(i)}
		if r.isNull(0) || r.isNull(1) {
			out.SetNull(r.i)
			continue
		}
		f, o, err := j.find(r)
		if o == found {
			if j.store(out, r.i, f) {
				continue
			}
			o, err = failed, fmt.Errorf("the JSON value %.100s is no %s", f.Raw, out.Type().WithNull())
		}
		behaviour, byDefault := j.onError, 6
		if o == empty {
			behaviour, byDefault = j.onEmpty, 4
		}
		switch behaviour {
		case "ERROR":
			return &RowError{Row: r.i, Err: err}
		case "DEFAULT":
			one[0] = i
			out.CopyRows(args[byDefault], one[:])
		default:
			out.SetNull(r.i)
		}
	}
	return nil
}

// find gives the scalar of a row. Without lax, what is missing or null is an error.
func (j *jsonValue) find(r row) (jsonpath.Found, outcome, error) {
	p, err := j.paths.get(r.bytes(1))
	if err != nil {
		return jsonpath.Found{}, failed, err
	}
	missing := func(err error) (jsonpath.Found, outcome, error) {
		if p.Lax {
			return jsonpath.Found{}, empty, err
		}
		return jsonpath.Found{}, failed, err
	}
	if !p.IsPlain() { // a list, and so no scalar
		return missing(errNotScalar)
	}
	f, ok, err := p.Lookup(r.bytes(0))
	switch {
	case err != nil:
		return missing(err)
	case !ok || f.Kind == jsonpath.Null:
		return missing(errNoValue)
	case f.Kind >= jsonpath.Array:
		return missing(errNotScalar)
	}
	return f, found, nil
}

// jsonStore picks how a JSON scalar is written to a column; the function gives false
// where it does not fit.
func jsonStore(t types.Type) func(out *vec.Vector, i int, f jsonpath.Found) bool {
	var scratch []byte
	text := func(f jsonpath.Found) []byte {
		if f.Kind == jsonpath.String {
			scratch = f.Text(scratch[:0])
			return scratch
		}
		return f.Raw
	}
	switch {
	case t.IsString():
		return func(out *vec.Vector, i int, f jsonpath.Found) bool {
			scratch = f.Text(scratch[:0])
			out.SetBytes(i, scratch)
			return true
		}
	case t.Kind == types.Boolean:
		return func(out *vec.Vector, i int, f jsonpath.Found) bool {
			x, ok := cast.ParseBool(text(f))
			out.SetBool(i, x)
			return ok && f.Kind != jsonpath.Number
		}
	case t.IsApprox():
		return func(out *vec.Vector, i int, f jsonpath.Found) bool {
			x, ok := cast.ParseFloat(text(f), 64)
			if t.Kind == types.Float {
				vec.Values[float32](out)[i] = float32(x)
				x = float64(float32(x))
			} else {
				vec.Values[float64](out)[i] = x
			}
			return ok && f.Kind != jsonpath.Bool && !math.IsInf(x, 0) && !math.IsNaN(x)
		}
	case t.Kind == types.Decimal:
		return func(out *vec.Vector, i int, f jsonpath.Found) bool {
			d, ok, err := decimal.Parse(text(f), t.Precision, t.Scale)
			vec.Values[vec.Dec128](out)[i] = d
			return ok && err == nil && f.Kind != jsonpath.Bool
		}
	}
	return func(out *vec.Vector, i int, f jsonpath.Found) bool {
		n, ok := jsonInteger(text(f))
		return ok && f.Kind != jsonpath.Bool && setInteger(out, i, n)
	}
}

// jsonInteger cuts the fraction of a number.
func jsonInteger(s []byte) (int64, bool) {
	if n, ok := cast.ParseInt(s); ok {
		return n, true
	}
	d, ok, err := decimal.Parse(s, decimal.MaxPrecision, 6)
	if !ok || err != nil {
		return 0, false
	}
	d = decimal.Truncate(d, 6)
	n := int64(d.Lo)
	return n, vec.Dec128FromInt64(n) == d
}

// setInteger writes an integer of any layout; false where it does not fit.
func setInteger(out *vec.Vector, i int, n int64) bool {
	switch out.Phys() {
	case vec.Int8:
		vec.Values[int8](out)[i] = int8(n)
		return n == int64(int8(n))
	case vec.Int16:
		vec.Values[int16](out)[i] = int16(n)
		return n == int64(int16(n))
	case vec.Int32:
		vec.Values[int32](out)[i] = int32(n)
		return n == int64(int32(n))
	}
	vec.Values[int64](out)[i] = n
	return true
}
