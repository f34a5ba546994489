package udf

import (
	"errors"

	"github.com/weirstream/weir/runtime/vec"
)

// emitter writes rows of a source, of out's type, to rows of out, in the order of rows:
// copying for nested values, sharing bytes for strings.
type emitter struct {
	out, src *vec.Vector
	nested   bool
	base     uint32
}

func newEmitter(out, src *vec.Vector) emitter {
	e := emitter{out: out, src: src, nested: out.Type().IsNested()}
	if out.Phys() == vec.View {
		e.base = out.ShareBuffers(src)
	}
	return e
}

// emit makes row i of out row j of the source, NULL for j < 0.
func (e *emitter) emit(i, j int) {
	switch {
	case e.nested && j < 0:
		e.out.AppendNull()
	case e.nested:
		e.out.AppendRow(e.src, j)
	case j < 0 || e.src.IsNull(j):
		e.out.SetNull(i)
	default:
		e.copyFlat(i, j)
	}
}

func (e *emitter) copyFlat(i, j int) {
	switch e.out.Phys() {
	case vec.Bool:
		e.out.SetBool(i, e.src.Bool(j))
	case vec.Int8:
		vec.Values[int8](e.out)[i] = vec.Values[int8](e.src)[j]
	case vec.Int16:
		vec.Values[int16](e.out)[i] = vec.Values[int16](e.src)[j]
	case vec.Int32, vec.Float32:
		vec.Values[int32](e.out)[i] = vec.Values[int32](e.src)[j]
	case vec.Int64, vec.Float64:
		vec.Values[int64](e.out)[i] = vec.Values[int64](e.src)[j]
	case vec.Decimal:
		vec.Values[vec.Dec128](e.out)[i] = vec.Values[vec.Dec128](e.src)[j]
	case vec.View:
		vec.Values[vec.StringView](e.out)[i] = vec.Values[vec.StringView](e.src)[j].Rebase(e.base)
	}
}

// elements makes a kernel of a function that picks, for a row, an element of the child
// that source gives.
func elements(source func(args []*vec.Vector) *vec.Vector, pick func(r row) (int, error)) (Kernel, error) {
	return func(args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
		e := newEmitter(out, source(args))
		next := 0
		for i := range n {
			if next == len(sel) || int(sel[next]) != i {
				if e.nested {
					out.AppendNull()
				}
				continue
			}
			next++
			j, err := pick(row{args, i})
			if err != nil {
				return &RowError{Row: i, Err: err}
			}
			e.emit(i, j)
		}
		return nil
	}, nil
}

func firstChild(args []*vec.Vector) *vec.Vector  { return args[0].Child(0) }
func secondChild(args []*vec.Vector) *vec.Vector { return args[0].Child(1) }

// list gives the bounds of a list argument in its children.
func (r row) list(k int) (from, to int) {
	off := r.args[k].Offsets()
	return int(off[r.i]), int(off[r.i+1])
}

func bindItem(c Call) (Kernel, error) {
	if vec.PhysOf(c.Args[0].Type) == vec.MapOf {
		return elements(secondChild, func(r row) (int, error) {
			from, to := r.list(0)
			return findRow(r.args[0].Child(0), from, to, r.args[1], r.i), nil
		})
	}
	return elements(firstChild, func(r row) (int, error) {
		from, to := r.list(0)
		if k := r.int(1); k >= 1 && k <= int64(to-from) {
			return from + int(k) - 1, nil
		}
		return -1, nil
	})
}

func bindCardinality(c Call) (Kernel, error) {
	return number32(func(r row) (int64, bool) {
		from, to := r.list(0)
		return int64(to - from), true
	})(c)
}

var errSeveral = errors.New("ELEMENT: the array has more than one element")

func bindElement(Call) (Kernel, error) {
	return elements(firstChild, func(r row) (int, error) {
		switch from, to := r.list(0); to - from {
		case 0:
			return -1, nil
		case 1:
			return from, nil
		}
		return 0, errSeveral
	})
}

func bindExtremeElement(want int) binder {
	return func(Call) (Kernel, error) {
		return elements(firstChild, func(r row) (int, error) {
			from, to := r.list(0)
			v, best := r.args[0].Child(0), -1
			for j := from; j < to; j++ {
				if !v.IsNull(j) && (best < 0 || compareRows(v, j, v, best) == want) {
					best = j
				}
			}
			return best, nil
		})
	}
}

func bindContains(c Call) (Kernel, error) {
	return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		for _, i := range sel {
			if args[0].IsNull(int(i)) {
				out.SetNull(int(i))
				continue
			}
			from, to := row{args, int(i)}.list(0)
			out.SetBool(int(i), findRow(args[0].Child(0), from, to, args[1], int(i)) >= 0)
		}
		return nil
	}, nil
}

func bindPosition(c Call) (Kernel, error) {
	return number32(func(r row) (int64, bool) {
		from, to := r.list(0)
		return int64(max(0, findRow(r.args[0].Child(0), from, to, r.args[1], r.i)-from+1)), true
	})(c)
}
