package op

import (
	"fmt"

	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// unnest gives a row for each element of a collection; an element of a MULTISET comes as often as it
// is in there, and one that is a ROW becomes its fields (a NULL among these is passed over). With
// Outer a row without elements, or none of whose elements meets On, is given once. Each row keeps the change kind of the one that it comes
// from, so that taking back a collection takes back all of its elements.
//
// It keeps no state. Rows leave in batches of the job's size, however long a collection is; strings are
// not copied.
type unnest struct {
	Base
	node  *plan.Unnest
	kind  types.Kind
	row   bool // elements are ROWs
	limit int
	place int32 // of the last element in its collection

	rows   []int32 // by output row: the input's row,
	elems  []int32 // its element among those of all rows
	places []int32 // and its place in the collection
	pads   []int32 // output rows without an element
	out    *vec.Batch

	on   *expr.Predicate // nil for TRUE
	met  int32           // the input's row of which an element has met the condition last
	pass []int32
	sel  []int32
}

func newUnnest(n *plan.Unnest) (*unnest, error) {
	t := n.Input.Properties().Schema[n.Column].Type
	u := &unnest{node: n, kind: t.Kind, out: vec.NewBatch(n.Schema)}
	want := len(n.Keep) + 1
	switch {
	case t.Kind == types.Map:
		want++
	case t.Kind != types.Array && t.Kind != types.Multiset:
		return nil, fmt.Errorf("planning to unnest a column of type %s", t)
	case t.Elem.Kind == types.Row:
		u.row = true
		want += len(t.Elem.Fields) - 1
	}
	if n.Ordinality {
		want++
	}
	if len(n.Schema) != want {
		return nil, fmt.Errorf("planning an unnest of %d columns as %d", want, len(n.Schema))
	}
	return u, nil
}

func (u *unnest) Open(ctx *Context) error {
	u.limit = batchSize(ctx.Config)
	if u.node.On != nil {
		var err error
		if u.on, err = expr.CompilePredicate(u.node.On, ctx.Env); err != nil {
			return err
		}
	}
	return u.Base.Open(ctx)
}

func (u *unnest) Process(_ int, b *vec.Batch) error {
	col := b.Cols[u.node.Column]
	offsets := col.Offsets()
	u.met = -1
	for k := range b.Rows() {
		i := at(b.Sel, k)
		u.place = 0
		given := false
		if !col.IsNull(i) {
			for e := offsets[i]; e < offsets[i+1]; e++ {
				if u.row && col.Child(0).IsNull(int(e)) {
					u.place++
					continue
				}
				given = true
				if err := u.element(b, int32(i), e); err != nil {
					return err
				}
			}
		}
		if u.node.Outer && (!given || u.on != nil) {
			u.pads = append(u.pads, int32(len(u.rows)))
			if err := u.add(b, int32(i), 0); err != nil {
				return err
			}
		}
	}
	return u.flush(b)
}

// element gives element e of row i, as often as a MULTISET has it.
func (u *unnest) element(b *vec.Batch, i, e int32) error {
	times := int32(1)
	if u.kind == types.Multiset {
		times = vec.Values[int32](b.Cols[u.node.Column].Child(1))[e]
	}
	for range times {
		u.place++
		if err := u.add(b, i, e); err != nil {
			return err
		}
	}
	return nil
}

func (u *unnest) add(b *vec.Batch, i, e int32) error {
	u.rows, u.elems, u.places = append(u.rows, i), append(u.elems, e), append(u.places, u.place)
	if len(u.rows) < u.limit {
		return nil
	}
	return u.flush(b)
}

// flush emits the rows collected so far.
func (u *unnest) flush(b *vec.Batch) error {
	if len(u.rows) == 0 {
		return nil
	}
	u.out.Reset()
	for c, k := range u.node.Keep {
		u.out.Cols[c].ShareRows(b.Cols[k], u.rows)
	}
	rest := u.out.Cols[len(u.node.Keep):]
	for c, v := range u.values(b.Cols[u.node.Column]) {
		u.fill(rest[c], v, u.elems)
	}
	if u.node.Ordinality {
		u.number(rest[len(rest)-1])
	}
	u.out.SetLen(len(u.rows))
	if b.Kinds != nil {
		kinds := u.out.EnsureKinds()
		for k, i := range u.rows {
			kinds[k] = b.Kinds[i]
		}
	}
	if u.on != nil {
		if err := u.choose(); err != nil {
			return err
		}
	}
	u.rows, u.elems, u.places, u.pads = u.rows[:0], u.elems[:0], u.places[:0], u.pads[:0]
	if u.out.Rows() == 0 {
		return nil
	}
	return u.Ctx.Out.Emit(u.out)
}

// choose keeps the elements that meet the condition, and the row without an element that follows those of an input's row if none of
// them does.
func (u *unnest) choose() error {
	var err error
	if u.pass, err = u.on.Select(u.out, u.pass[:0]); err != nil {
		return err
	}
	u.sel = u.sel[:0]
	pads, pass := u.pads, u.pass
	for k, i := range u.rows {
		passes := len(pass) > 0 && int(pass[0]) == k
		if passes {
			pass = pass[1:]
		}
		switch pad := len(pads) > 0 && int(pads[0]) == k; {
		case pad:
			pads = pads[1:]
			if u.met != i {
				u.sel = append(u.sel, int32(k))
			}
		case passes:
			u.met = i
			u.sel = append(u.sel, int32(k))
		}
	}
	u.out.Narrow(u.sel)
	return nil
}

// values gives the columns that elements consist of.
func (u *unnest) values(col *vec.Vector) []*vec.Vector {
	switch {
	case u.row:
		return col.Child(0).Children()
	case u.kind == types.Map:
		return col.Children()
	}
	return col.Children()[:1]
}

// fill appends the elements, NULL where there is none.
func (u *unnest) fill(out, values *vec.Vector, elems []int32) {
	from := 0
	for _, p := range u.pads {
		out.ShareRows(values, elems[from:p])
		out.AppendNull()
		from = int(p) + 1
	}
	out.ShareRows(values, elems[from:])
}

func (u *unnest) number(out *vec.Vector) {
	out.Resize(len(u.places))
	copy(vec.Values[int32](out), u.places)
	for _, p := range u.pads {
		out.SetNull(int(p))
	}
}
