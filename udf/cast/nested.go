package cast

import (
	"errors"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// nested converts element by element: the children's rows that the selected rows reach
// are converted as a column, then put together.
func (b *binder) nested() Func {
	from, to := children(b.from), children(b.to)
	subs := make([]*child, len(from))
	for k := range from {
		c := &child{Options: b.Options, from: from[k], out: vec.New(to[k])}
		if !from[k].EqualIgnoringNull(to[k]) {
			f, err := Bind(from[k], to[k], b.Options)
			if err != nil {
				return nil
			}
			c.f = f
		}
		subs[k] = c
	}
	if b.to.Kind == types.Row {
		return rowFunc(subs)
	}
	return listFunc(subs)
}

// children gives the types of a nested type's child vectors.
func children(t types.Type) []types.Type {
	var out []types.Type
	for _, c := range vec.New(t).Children() {
		out = append(out, c.Type())
	}
	return out
}

// child converts one child column; without f it is copied.
type child struct {
	Options
	from types.Type
	f    Func
	out  *vec.Vector
	sel  []int32
}

func (c *child) convert(in *vec.Vector, rows []int32) (*vec.Vector, error) {
	if c.f == nil {
		return in, nil
	}
	n := in.Len()
	c.out.Reset()
	if !c.out.Type().IsNested() {
		c.out.Resize(n)
	}
	c.sel = c.sel[:0]
	for _, r := range rows {
		if !in.IsNull(int(r)) {
			c.sel = append(c.sel, r)
		}
	}
	if err := c.f(in, c.sel, n, c.out); err != nil {
		return nil, err
	}
	c.out.AndValidity(in.Valid())
	return c.out, nil
}

func rowFunc(subs []*child) Func {
	return func(in *vec.Vector, sel []int32, n int, out *vec.Vector) error {
		for k, c := range subs {
			got, err := c.convert(in.Child(k), sel)
			if err != nil {
				return err
			}
			out.Child(k).AppendRows(got, firstRows(got, n))
		}
		for range n {
			out.EndRow()
		}
		return nil
	}
}

// firstRows selects n rows of v; nil where those are all.
func firstRows(v *vec.Vector, n int) []int32 {
	if v.Len() == n {
		return nil
	}
	rows := make([]int32, n)
	for i := range rows {
		rows[i] = int32(i)
	}
	return rows
}

func listFunc(subs []*child) Func {
	var elems, owner []int32
	return func(in *vec.Vector, sel []int32, n int, out *vec.Vector) error {
		off := in.Offsets()
		elems, owner = elems[:0], owner[:0]
		for _, i := range sel {
			for j := off[i]; j < off[i+1]; j++ {
				elems, owner = append(elems, j), append(owner, i)
			}
		}
		got := make([]*vec.Vector, len(subs))
		for k, c := range subs {
			var err error
			if got[k], err = c.convert(in.Child(k), elems); err != nil {
				return ownerError(err, elems, owner)
			}
			out.Child(k).Reset()
		}
		next := 0
		for i := range n {
			if next < len(sel) && int(sel[next]) == i {
				next++
				for j := off[i]; j < off[i+1]; j++ {
					for k := range subs {
						out.Child(k).AppendRow(got[k], int(j))
					}
				}
			}
			out.EndList()
		}
		return nil
	}
}

// ownerError turns an element's row into the row of its list.
func ownerError(err error, elems, owner []int32) error {
	var re *vec.RowError
	if errors.As(err, &re) {
		for k, e := range elems {
			if int(e) == re.Row {
				return &vec.RowError{Row: int(owner[k]), Err: re.Err}
			}
		}
	}
	return err
}
