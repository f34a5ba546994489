package expr

import (
	"github.com/weirstream/weir/runtime/vec"
)

// comparison makes the selector of column <op> literal over machine numbers, or nil where
// the condition is something else. Over all rows it goes by words of results (dense);
// over a selection it looks at the selected rows alone.
func (c *compiler) comparison(e *Call, s *scope) *compareSelector {
	if len(e.Args) != 2 {
		return nil
	}
	lit, ok := e.Args[1].(*Literal)
	if !ok || lit.Value == nil {
		return nil
	}
	op, ok := comparisonOps[e.Fn.Name]
	if !ok {
		return nil
	}
	loop := pickLoop(vec.PhysOf(e.Args[0].Type()), op, lit.Value)
	if loop == nil {
		return nil
	}
	x, err := c.cell(e.Args[0], s)
	if err != nil {
		return nil
	}
	return &compareSelector{x: x, loop: loop}
}

type compareOp uint8

const (
	opEqual compareOp = iota
	opNotEqual
	opLess
	opLessEqual
	opGreater
	opGreaterEqual
)

var comparisonOps = map[string]compareOp{
	"=": opEqual, "<>": opNotEqual, "<": opLess, "<=": opLessEqual, ">": opGreater, ">=": opGreaterEqual,
}

// compareSelector compares the selected rows with a constant.
type compareSelector struct {
	x     *cell
	loop  selectLoop
	dense *bitSelector
}

// selectLoop appends the rows that hold to dst, which has room for all of them.
type selectLoop func(v *vec.Vector, rows, dst []int32) []int32

func (c *compareSelector) pick(rows, dst []int32) ([]int32, error) {
	if rows == nil || len(rows) > c.x.scope.f.n/2 {
		return c.dense.pick(rows, dst)
	}
	v, err := c.x.eval()
	if err != nil {
		return dst, err
	}
	from := len(dst)
	if cap(dst)-from < len(rows) {
		grown := make([]int32, from, from+c.x.scope.f.n)
		copy(grown, dst)
		dst = grown
	}
	dst = c.loop(v, rows, dst)
	if valid := v.Valid(); valid != nil {
		kept := dst[:from]
		for _, i := range dst[from:] {
			if vec.Bit(valid, int(i)) {
				kept = append(kept, i)
			}
		}
		dst = kept
	}
	return dst, nil
}

type number interface {
	int8 | int16 | int32 | int64 | float32 | float64
}

func pickLoop(p vec.Phys, op compareOp, value any) selectLoop {
	switch p {
	case vec.Int8:
		return loopFor[int8](op, value)
	case vec.Int16:
		return loopFor[int16](op, value)
	case vec.Int32:
		return loopFor[int32](op, value)
	case vec.Int64:
		return loopFor[int64](op, value)
	case vec.Float32:
		return loopFor[float32](op, value)
	case vec.Float64:
		return loopFor[float64](op, value)
	}
	return nil
}

func loopFor[T number](op compareOp, value any) selectLoop {
	var y T
	switch x := value.(type) {
	case int64:
		y = T(x)
	case float64:
		y = T(x)
	}
	switch op {
	case opEqual:
		return selectEqual(y)
	case opNotEqual:
		return selectNotEqual(y)
	case opLess:
		return selectLess(y)
	case opLessEqual:
		return selectLessEqual(y)
	case opGreater:
		return selectGreater(y)
	}
	return selectGreaterEqual(y)
}

// The loops write every row and keep it by moving on only where the comparison holds:
// no branch to mispredict.

func selectEqual[T number](y T) selectLoop {
	return func(v *vec.Vector, rows, dst []int32) []int32 {
		a, k := vec.Values[T](v), len(dst)
		dst = dst[:k+len(rows)]
		for _, i := range rows {
			dst[k] = i
			if a[i] == y {
				k++
			}
		}
		return dst[:k]
	}
}

func selectNotEqual[T number](y T) selectLoop {
	return func(v *vec.Vector, rows, dst []int32) []int32 {
		a, k := vec.Values[T](v), len(dst)
		dst = dst[:k+len(rows)]
		for _, i := range rows {
			dst[k] = i
			if a[i] != y {
				k++
			}
		}
		return dst[:k]
	}
}

func selectLess[T number](y T) selectLoop {
	return func(v *vec.Vector, rows, dst []int32) []int32 {
		a, k := vec.Values[T](v), len(dst)
		dst = dst[:k+len(rows)]
		for _, i := range rows {
			dst[k] = i
			if a[i] < y {
				k++
			}
		}
		return dst[:k]
	}
}

func selectLessEqual[T number](y T) selectLoop {
	return func(v *vec.Vector, rows, dst []int32) []int32 {
		a, k := vec.Values[T](v), len(dst)
		dst = dst[:k+len(rows)]
		for _, i := range rows {
			dst[k] = i
			if a[i] <= y {
				k++
			}
		}
		return dst[:k]
	}
}

func selectGreater[T number](y T) selectLoop {
	return func(v *vec.Vector, rows, dst []int32) []int32 {
		a, k := vec.Values[T](v), len(dst)
		dst = dst[:k+len(rows)]
		for _, i := range rows {
			dst[k] = i
			if a[i] > y {
				k++
			}
		}
		return dst[:k]
	}
}

func selectGreaterEqual[T number](y T) selectLoop {
	return func(v *vec.Vector, rows, dst []int32) []int32 {
		a, k := vec.Values[T](v), len(dst)
		dst = dst[:k+len(rows)]
		for _, i := range rows {
			dst[k] = i
			if a[i] >= y {
				k++
			}
		}
		return dst[:k]
	}
}
