package udf

import (
	"bytes"
	"errors"
	"unicode/utf8"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/udf/javaregex"
)

func bindArray(Call) (Kernel, error) {
	return lists(func(r row, out *vec.Vector) (bool, error) {
		for k := range r.n() {
			out.Child(0).AppendRow(r.args[k], r.i)
		}
		return true, nil
	})
}

// bindMap keeps, of equal keys, the last value in the first one's place.
func bindMap(Call) (Kernel, error) {
	return lists(func(r row, out *vec.Vector) (bool, error) {
		for k := 0; k < r.n(); k += 2 {
			last := k
			first := true
			for j := 0; j < r.n(); j += 2 {
				if equalRows(r.args[k], r.i, r.args[j], r.i) {
					first = first && j >= k
					last = j
				}
			}
			if first {
				out.Child(0).AppendRow(r.args[k], r.i)
				out.Child(1).AppendRow(r.args[last+1], r.i)
			}
		}
		return true, nil
	})
}

// bindRow copies whole columns; rows outside of the selection may hold anything.
func bindRow(Call) (Kernel, error) {
	return func(args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
		all := len(sel) == n
		for k, a := range args {
			c := out.Child(k)
			if all && a.Len() == n {
				c.AppendRows(a, nil)
				continue
			}
			next := 0
			for i := range n {
				if next < len(sel) && int(sel[next]) == i {
					next++
					c.AppendRow(a, i)
				} else {
					c.AppendNull()
				}
			}
		}
		for range n {
			out.EndRow()
		}
		return nil
	}, nil
}

// bindAppend adds an element behind or before the others; a NULL array stays NULL.
func bindAppend(before bool) binder {
	return func(Call) (Kernel, error) {
		return lists(func(r row, out *vec.Vector) (bool, error) {
			if r.isNull(0) {
				return false, nil
			}
			to := out.Child(0)
			if before {
				to.AppendRow(r.args[1], r.i)
			}
			from, end := r.list(0)
			for j := from; j < end; j++ {
				to.AppendRow(r.args[0].Child(0), j)
			}
			if !before {
				to.AppendRow(r.args[1], r.i)
			}
			return true, nil
		})
	}
}

func bindRemove(Call) (Kernel, error) {
	return lists(func(r row, out *vec.Vector) (bool, error) {
		if r.isNull(0) {
			return false, nil
		}
		v := r.args[0].Child(0)
		from, to := r.list(0)
		for j := from; j < to; j++ {
			if !equalRows(v, j, r.args[1], r.i) {
				out.Child(0).AppendRow(v, j)
			}
		}
		return true, nil
	})
}

func bindMapPart(part int) binder {
	return func(Call) (Kernel, error) {
		return lists(func(r row, out *vec.Vector) (bool, error) {
			from, to := r.list(0)
			for j := from; j < to; j++ {
				out.Child(0).AppendRow(r.args[0].Child(part), j)
			}
			return true, nil
		})
	}
}

func bindMapEntries(Call) (Kernel, error) {
	return lists(func(r row, out *vec.Vector) (bool, error) {
		from, to := r.list(0)
		entries := out.Child(0)
		for j := from; j < to; j++ {
			for k := range 2 {
				entries.Child(k).AppendRow(r.args[0].Child(k), j)
			}
			entries.EndRow()
		}
		return true, nil
	})
}

var errLengths = errors.New("MAP_FROM_ARRAYS: the arrays have different lengths")

func bindMapFromArrays(Call) (Kernel, error) {
	return lists(func(r row, out *vec.Vector) (bool, error) {
		keys, end := r.list(0)
		values, valuesEnd := r.list(1)
		if end-keys != valuesEnd-values {
			return false, errLengths
		}
		for j := range end - keys {
			out.Child(0).AppendRow(r.args[0].Child(0), keys+j)
			out.Child(1).AppendRow(r.args[1].Child(0), values+j)
		}
		return true, nil
	})
}

// arrayJoin leaves NULLs out, or writes the third argument for them.
func arrayJoin(r row, dst []byte) []byte {
	v := r.args[0].Child(0)
	from, to := r.list(0)
	first := true
	for j := from; j < to; j++ {
		if v.IsNull(j) && !r.has(2) {
			continue
		}
		if !first {
			dst = append(dst, r.bytes(1)...)
		}
		if first = false; v.IsNull(j) {
			dst = append(dst, r.bytes(2)...)
		} else {
			dst = append(dst, v.Bytes(j)...)
		}
	}
	return dst
}

func bindSplit(Call) (Kernel, error) {
	return lists(func(r row, out *vec.Vector) (bool, error) {
		s, sep, to := r.bytes(0), r.bytes(1), out.Child(0)
		if len(s) == 0 {
			return true, nil
		}
		if len(sep) == 0 {
			for len(s) > 0 {
				_, w := utf8.DecodeRune(s)
				to.AppendBytes(s[:w])
				s = s[w:]
			}
			return true, nil
		}
		for {
			i := bytes.Index(s, sep)
			if i < 0 {
				to.AppendBytes(s)
				return true, nil
			}
			to.AppendBytes(s[:i])
			s = s[i+len(sep):]
		}
	})
}

// bindStrToMap splits at regular expressions, as Flink does.
func bindStrToMap(c Call) (Kernel, error) {
	var res [2]*regexes
	for k, byDefault := range []string{",", "="} {
		if len(c.Args) > k+1 {
			rs, err := newRegexes(c, k+1)
			if err != nil {
				return nil, err
			}
			res[k] = rs
			continue
		}
		re, err := javaregex.Compile(byDefault)
		if err != nil {
			return nil, err
		}
		res[k] = &regexes{re: re, lit: true}
	}
	return lists(func(r row, out *vec.Vector) (bool, error) {
		pairs, err := res[0].of(r)
		if err != nil {
			return false, nil //nolint:nilerr // an invalid expression gives NULL
		}
		sep, err := res[1].of(r)
		if err != nil {
			return false, nil //nolint:nilerr // as above
		}
		return true, strToMap(r.bytes(0), pairs, sep, out)
	})
}
