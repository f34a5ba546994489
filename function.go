package weir

import (
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/udf"
)

// checkFunctions refuses functions of the program's own that could not be called.
func checkFunctions(functions []*udf.Func) error {
	for _, f := range functions {
		switch {
		case f == nil:
			return errors.New("WithFunction: the function is nil")
		case f.Name == "":
			return errors.New("WithFunction: the function has no Name")
		case f.Resolve == nil || f.Bind == nil:
			return fmt.Errorf("WithFunction: function %s needs both Resolve and Bind", f.Name)
		}
	}
	return nil
}

// guarded is a function of the program's own whose panics, and results of a wrong length, are errors that name it: the program goes
// on, and so do its other jobs.
func guarded(f *udf.Func) *udf.Func {
	g := *f
	g.Resolve = func(args []udf.Arg) (s udf.Signature, err error) {
		defer recovered(f.Name, &err)
		return f.Resolve(args)
	}
	g.Bind = func(call udf.Call) (kernel udf.Kernel, err error) {
		defer recovered(f.Name, &err)
		inner, err := f.Bind(call)
		if err != nil {
			return nil, err
		}
		if inner == nil {
			return nil, fmt.Errorf("function %s: Bind gave no kernel", f.Name)
		}
		return func(args []*vec.Vector, sel []int32, n int, out *vec.Vector) (err error) {
			defer recovered(f.Name, &err)
			if err := inner(args, sel, n, out); err != nil {
				return err
			}
			if out.Len() != n {
				return fmt.Errorf("function %s gave %d values for %d rows: its kernel appends one for every row, whether selected or not", f.Name, out.Len(), n)
			}
			return nil
		}, nil
	}
	return &g
}

// recovered turns a panic into an error.
func recovered(name string, err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("function %s panicked: %v\n%s", name, p, debug.Stack())
	}
}
