package task

import (
	"fmt"

	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/udf"
)

type program interface {
	Eval(b *vec.Batch) (*vec.Vector, error)
}

type condition interface {
	Select(b *vec.Batch) ([]int32, error)
}

type columnProgram int

func (c columnProgram) Eval(b *vec.Batch) (*vec.Vector, error) { return b.Cols[c], nil }

func (c columnProgram) Select(b *vec.Batch) ([]int32, error) {
	var sel []int32
	b.Each(func(row int) {
		if !b.Cols[c].IsNull(row) && b.Cols[c].Bool(row) {
			sel = append(sel, int32(row))
		}
	})
	return sel, nil
}

func compile(e expr.Expr, _ *udf.Env) (program, error) {
	if c, ok := e.(*expr.Column); ok {
		return columnProgram(c.Index), nil
	}
	return nil, fmt.Errorf("not yet: %s", e)
}

func compileCondition(e expr.Expr, _ *udf.Env) (condition, error) {
	if c, ok := e.(*expr.Column); ok {
		return columnProgram(c.Index), nil
	}
	return nil, fmt.Errorf("not yet: %s", e)
}
