package json

import (
	"bytes"
	"fmt"

	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/runtime/vec"
)

// part makes room for one more value of a part of a nested node, gives its place and
// reads the value at p.
func (d *Decoder) part(n *node, p int) (int, error) {
	i := n.vec.Len()
	if !n.nested {
		n.vec.Resize(i + 1)
	}
	return d.value(n, p, i)
}

// array reads the array at p.
func (d *Decoder) array(n *node, p int) (int, error) {
	elem := n.parts[0]
	from := elem.vec.Len()
	p = d.space(p + 1)
	for {
		i := elem.vec.Len()
		if i == from && d.at(p) == ']' {
			break
		}
		next, err := d.part(elem, p)
		if err != nil {
			return next, within(err, fmt.Sprintf("[%d]", i-from))
		}
		p = d.space(next)
		if d.at(p) == ']' {
			break
		}
		if d.at(p) != ',' {
			return p, d.fault(p, "',' or ']' is expected")
		}
		p = d.space(p + 1)
	}
	n.vec.EndList()
	return p + 1, nil
}

// object reads the object at p into row i of a ROW.
func (d *Decoder) object(n *node, p, i int) (int, error) {
	p, more := d.enter(p)
	for more {
		name, next, err := d.key(p)
		if err != nil {
			return next, err
		}
		if next, err = d.objectField(n, name, next, i); err != nil {
			return next, err
		}
		if p, more, err = d.leave(next); err != nil {
			return p, err
		}
	}
	for _, f := range n.parts {
		if f.vec.Len() > i {
			continue
		}
		if d.failOnMissing || !f.typ.Nullable() {
			return p, &format.RecordError{Offset: p, Field: f.name, Err: errMissing, Hint: d.missingHint()}
		}
		f.vec.AppendNull()
	}
	n.vec.EndRow()
	return p, nil
}

// objectField reads the value at p of the field called name.
func (d *Decoder) objectField(n *node, name []byte, p, i int) (int, error) {
	f := n.field(name)
	if f == nil {
		return d.skip(p)
	}
	if f.vec.Len() > i { // a duplicate: the last one counts
		f.vec.Truncate(i)
	}
	next, err := d.part(f, p)
	if err != nil {
		return next, within(err, f.name)
	}
	return next, nil
}

// field finds the field of a ROW; fields mostly come in the same order.
func (n *node) field(name []byte) *node {
	for range n.parts {
		if n.guess >= len(n.parts) {
			n.guess = 0
		}
		f := n.parts[n.guess]
		n.guess++
		if f.name == string(name) {
			return f
		}
	}
	return nil
}

// enter goes into the object at p: to its first field, or, where it is empty, behind it.
func (d *Decoder) enter(p int) (next int, more bool) {
	p = d.space(p + 1)
	if d.at(p) == '}' {
		return p + 1, false
	}
	return p, true
}

// leave goes from behind a field's value to the next field, or behind the object.
func (d *Decoder) leave(p int) (next int, more bool, err error) {
	p = d.space(p)
	switch d.at(p) {
	case '}':
		return p + 1, false, nil
	case ',':
		return d.space(p + 1), true, nil
	}
	return p, false, d.fault(p, "',' or '}' is expected")
}

// mapping reads the object at p as a MAP or MULTISET.
func (d *Decoder) mapping(n *node, p int) (int, error) {
	keys, values := n.parts[0], n.parts[1]
	from := keys.vec.Len()
	p, more := d.enter(p)
	for more {
		name, next, err := d.key(p)
		if err != nil {
			return next, err
		}
		keys.vec.AppendBytes(name)
		if next, err = d.part(values, next); err != nil {
			return next, within(err, "["+format.Excerpt(keys.vec.Bytes(keys.vec.Len()-1))+"]")
		}
		if p, more, err = d.leave(next); err != nil {
			return p, err
		}
	}
	dropRepeated(keys.vec, values.vec, from)
	n.vec.EndList()
	return p, nil
}

// dropRepeated keeps the last of the entries with the same key, where the first one
// was, as Java's maps do. Maps without repeated keys cost nothing but the search.
func dropRepeated(keys, values *vec.Vector, from int) {
	n := keys.Len() - from
	if n < 2 || !hasRepeated(keys, from) {
		return
	}
	at := make(map[string]int, n)
	var sel []int32
	for i := from; i < keys.Len(); i++ {
		k := string(keys.Bytes(i))
		if j, ok := at[k]; ok {
			sel[j] = int32(i)
			continue
		}
		at[k] = len(sel)
		sel = append(sel, int32(i))
	}
	for _, v := range []*vec.Vector{keys, values} {
		kept := vec.New(v.Type())
		kept.AppendRows(v, sel)
		v.Truncate(from)
		v.AppendRows(kept, nil)
	}
}

func hasRepeated(keys *vec.Vector, from int) bool {
	const few = 16
	if keys.Len()-from > few {
		seen := make(map[string]bool, keys.Len()-from)
		for i := from; i < keys.Len(); i++ {
			if k := keys.Bytes(i); seen[string(k)] {
				return true
			} else {
				seen[string(k)] = true
			}
		}
		return false
	}
	for i := from; i < keys.Len(); i++ {
		for j := from; j < i; j++ {
			if bytes.Equal(keys.Bytes(i), keys.Bytes(j)) {
				return true
			}
		}
	}
	return false
}
