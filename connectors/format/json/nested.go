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
	err := d.fields(&p, func(name []byte, p int) (int, error) {
		f := n.field(name)
		if f == nil {
			return d.skip(p)
		}
		if f.vec.Len() > i { // a duplicate: the last one counts
			f.vec.Truncate(i)
		}
		next, err := d.part(f, p)
		return next, within(err, f.name)
	})
	if err != nil {
		return p, err
	}
	for _, f := range n.parts {
		if f.vec.Len() > i {
			continue
		}
		if d.failOnMissing || !f.typ.Nullable() {
			return p, &format.RecordError{Offset: p, Field: f.name, Err: errMissing, Hint: missingHint(d.failOnMissing)}
		}
		f.vec.AppendNull()
	}
	n.vec.EndRow()
	return p, nil
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

// fields calls f with the name and the place of the value of each field of the object at
// *p; f gives the place behind the value. *p ends behind the object, or at the fault.
func (d *Decoder) fields(p *int, f func(name []byte, p int) (int, error)) error {
	*p = d.space(*p + 1)
	if d.at(*p) == '}' {
		*p++
		return nil
	}
	for {
		name, next, err := d.key(*p)
		if err != nil {
			return err
		}
		if next, err = f(name, next); err != nil {
			return err
		}
		*p = d.space(next)
		switch d.at(*p) {
		case '}':
			*p++
			return nil
		case ',':
			*p = d.space(*p + 1)
		default:
			return d.fault(*p, "',' or '}' is expected")
		}
	}
}

// mapping reads the object at p as a MAP or MULTISET.
func (d *Decoder) mapping(n *node, p, i int) (int, error) {
	keys, values := n.parts[0], n.parts[1]
	from := keys.vec.Len()
	err := d.fields(&p, func(name []byte, p int) (int, error) {
		keys.vec.AppendBytes(name)
		next, err := d.part(values, p)
		return next, within(err, "["+format.Excerpt(keys.vec.Bytes(keys.vec.Len()-1))+"]")
	})
	if err != nil {
		return p, err
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
