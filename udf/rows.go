package udf

import (
	"unsafe"

	"github.com/weirstream/weir/runtime/vec"
)

// Most functions are far dearer than a call: they are written as Go functions of one
// row, and the adapters of this file make kernels of them. A row function allocates
// nothing: it reads its arguments through row and appends text to dst.

// row gives a row function its arguments; none of them is NULL unless the function is a
// NullCall.
type row struct {
	args []*vec.Vector
	i    int
}

func (r row) n() int { return len(r.args) }

// has reports whether the k-th argument was given.
func (r row) has(k int) bool { return k < len(r.args) }

func (r row) isNull(k int) bool { return r.args[k].IsNull(r.i) }

func (r row) bytes(k int) []byte { return r.args[k].Bytes(r.i) }

// str gives a text argument, sharing its memory.
func (r row) str(k int) string {
	b := r.args[k].Bytes(r.i)
	return unsafe.String(unsafe.SliceData(b), len(b))
}

// int gives an integer argument, which its rule made a BIGINT.
func (r row) int(k int) int64 { return vec.Values[int64](r.args[k])[r.i] }

func (r row) bool(k int) bool { return r.args[k].Bool(r.i) }

// A binder makes a kernel; most need nothing of the call.
type binder = func(Call) (Kernel, error)

// text is for functions that append their result to dst; false is NULL.
func text(f func(r row, dst []byte) ([]byte, bool)) binder {
	return func(Call) (Kernel, error) {
		var scratch []byte
		return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
			for _, i := range sel {
				var ok bool
				if scratch, ok = f(row{args, int(i)}, scratch[:0]); ok {
					out.SetBytes(int(i), scratch)
				} else {
					out.SetNull(int(i))
				}
			}
			return nil
		}, nil
	}
}

// part is for functions whose result is a part of their argument arg: the bytes from
// from to to (exclusive), shared with it; from < 0 is NULL.
func part(arg int, f func(r row, s []byte) (from, to int)) binder {
	return func(Call) (Kernel, error) {
		return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
			views, bufs := args[arg].Views()
			base := out.ShareBuffers(args[arg])
			o, _ := out.Views()
			for _, i := range sel {
				v := &views[i]
				s := vec.ViewBytes(v, bufs)
				from, to := f(row{args, int(i)}, s)
				switch {
				case from < 0:
					out.SetNull(int(i))
				case to-from == len(s):
					o[i] = v.Rebase(base)
				case from < to:
					o[i] = v.Slice(s, from, to).Rebase(base)
				}
			}
			return nil
		}, nil
	}
}

// number32 is for functions with an INT result.
func number32(f func(r row) (int64, bool)) binder {
	return func(Call) (Kernel, error) {
		return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
			o := vec.Values[int32](out)
			for _, i := range sel {
				x, ok := f(row{args, int(i)})
				if o[i] = int32(x); !ok {
					out.SetNull(int(i))
				}
			}
			return nil
		}, nil
	}
}

// truth is for functions with a BOOLEAN result.
func truth(f func(r row) bool) binder {
	return func(Call) (Kernel, error) {
		return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
			for _, i := range sel {
				out.SetBool(int(i), f(row{args, int(i)}))
			}
			return nil
		}, nil
	}
}
