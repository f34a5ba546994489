package parquet

import (
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/schema"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/sql/types"
)

// resolver finds the columns of a table in a file, by name.
type resolver struct {
	*settings
	schema *schema.Schema
	leaves []leaf // all that are to be read
	skims  []leaf // those that are read for their levels alone
}

// depth is the levels at a node's parent.
type depth struct{ def, rep, exists int16 }

func (r *resolver) columns(cols []connectors.Column) ([]*node, error) {
	out := make([]*node, len(cols))
	for i, c := range cols {
		var err error
		if out[i], err = r.field(r.schema.Root(), c.Name, c.Name, c.Type, depth{}); err != nil {
			return nil, fmt.Errorf("column '%s': %w", c.Name, err)
		}
	}
	return out, nil
}

// field finds a field of a group. One that the file does not have is NULL.
func (r *resolver) field(group *schema.GroupNode, name, path string, t types.Type, d depth) (*node, error) {
	i := group.FieldIndexByName(name)
	if i < 0 {
		if t.NotNull {
			return nil, fmt.Errorf("the file has no '%s', which is NOT NULL here; it has %s", path, fieldNames(group))
		}
		return &node{kind: absentNode, path: path, rep: d.rep, exists: d.exists}, nil
	}
	return r.node(group.Field(i), path, t, d)
}

func fieldNames(group *schema.GroupNode) string {
	names := make([]string, group.NumFields())
	for i := range names {
		names[i] = "'" + group.Field(i).Name() + "'"
	}
	return strings.Join(names, ", ")
}

// node resolves a node of the file's schema.
func (r *resolver) node(n schema.Node, path string, t types.Type, d depth) (*node, error) {
	if n.RepetitionType() == parquet.Repetitions.Repeated {
		return r.bareList(n, path, t, d)
	}
	out := &node{path: path, rep: d.rep, exists: d.exists}
	if n.RepetitionType() == parquet.Repetitions.Optional {
		d.def++
	}
	out.present = d.def
	return r.content(out, n, t, d)
}

// content resolves what is in a node, whatever its repetition.
func (r *resolver) content(out *node, n schema.Node, t types.Type, d depth) (*node, error) {
	switch t.Kind {
	case types.Array:
		return r.list(out, n, t, d)
	case types.Map, types.Multiset:
		return r.pairs(out, n, t, d)
	case types.Row, types.Structured:
		return r.row(out, n, t, d)
	}
	p, ok := n.(*schema.PrimitiveNode)
	if !ok {
		return nil, fmt.Errorf("'%s' is a group in the file, which cannot be read as %s", out.path, t.WithNull())
	}
	i := r.schema.ColumnIndexByNode(p)
	c := r.schema.Column(i)
	l, err := r.newLeaf(place{i, c.MaxDefinitionLevel(), c.MaxRepetitionLevel()}, c, t)
	if err != nil {
		return nil, err
	}
	r.leaves = append(r.leaves, l)
	out.kind, out.leaf = leafNode, l
	return out, nil
}

func (r *resolver) row(out *node, n schema.Node, t types.Type, d depth) (*node, error) {
	group, err := groupOf(out, n, t)
	if err != nil {
		return nil, err
	}
	out.kind = structNode
	for _, f := range t.Fields {
		c, err := r.field(group, f.Name, out.path+"."+f.Name, f.Type, d)
		if err != nil {
			return nil, err
		}
		out.children = append(out.children, c)
	}
	out.leaf, err = r.levelsOf(out, group)
	return out, err
}

// levelsOf gives a leaf below a node whose levels show the node's. Where the job reads none, one is read for
// that.
func (r *resolver) levelsOf(out *node, group *schema.GroupNode) (leaf, error) {
	for _, c := range out.children {
		if c.leaf != nil {
			return c.leaf, nil
		}
	}
	var n schema.Node = group
	for {
		g, ok := n.(*schema.GroupNode)
		if !ok {
			break
		}
		if g.NumFields() == 0 {
			return nil, fmt.Errorf("'%s' is an empty group in the file", out.path)
		}
		n = g.Field(0)
	}
	i := r.schema.ColumnIndexByNode(n)
	c := r.schema.Column(i)
	l := levelsLeaf(place{i, c.MaxDefinitionLevel(), c.MaxRepetitionLevel()}, c)
	if l == nil {
		return nil, fmt.Errorf("'%s' is of the unknown type %s in the file", out.path, c.PhysicalType())
	}
	r.leaves, r.skims = append(r.leaves, l), append(r.skims, l)
	return l, nil
}

// levelsLeaf makes a leaf whose values nobody wants.
func levelsLeaf(p place, c *schema.Column) leaf {
	switch c.PhysicalType() {
	case parquet.Types.Boolean:
		return leafOf(p, booleans)
	case parquet.Types.Int32:
		return leafOf(p, same[int32])
	case parquet.Types.Int64:
		return leafOf(p, same[int64])
	case parquet.Types.Int96:
		return leafOf(p, int96s(nanos, nil))
	case parquet.Types.Float:
		return leafOf(p, same[float32])
	case parquet.Types.Double:
		return leafOf(p, same[float64])
	case parquet.Types.ByteArray:
		return leafOf(p, texts[parquet.ByteArray])
	case parquet.Types.FixedLenByteArray:
		return leafOf(p, texts[parquet.FixedLenByteArray])
	}
	return nil
}

func groupOf(out *node, n schema.Node, t types.Type) (*schema.GroupNode, error) {
	g, ok := n.(*schema.GroupNode)
	if !ok {
		return nil, fmt.Errorf("'%s' is no group in the file, but must be one for %s", out.path, t.WithNull())
	}
	return g, nil
}

// repeated gives the one repeated field of a LIST or MAP group.
func repeated(out *node, n schema.Node, t types.Type) (schema.Node, error) {
	g, err := groupOf(out, n, t)
	if err != nil {
		return nil, err
	}
	if g.NumFields() != 1 || g.Field(0).RepetitionType() != parquet.Repetitions.Repeated {
		return nil, fmt.Errorf("'%s' is no list in the file, but must be one for %s", out.path, t.WithNull())
	}
	return g.Field(0), nil
}

// list resolves a LIST of three levels, or an older one of two, where the repeated field
// is the element itself.
func (r *resolver) list(out *node, n schema.Node, t types.Type, d depth) (*node, error) {
	rep, err := repeated(out, n, t)
	if err != nil {
		return nil, err
	}
	inside := out.enter(d)
	element := &node{path: out.path + ".element", rep: inside.rep, exists: inside.def, present: inside.def}
	if g, ok := rep.(*schema.GroupNode); ok && g.NumFields() == 1 && g.Name() != "array" && g.Name() != n.Name()+"_tuple" {
		element, err = r.node(g.Field(0), element.path, *t.Elem, inside)
	} else {
		element, err = r.content(element, rep, *t.Elem, inside)
	}
	if err != nil {
		return nil, err
	}
	return out.of(element)
}

// bareList resolves a repeated field without a LIST around it: a list that is never NULL.
func (r *resolver) bareList(n schema.Node, path string, t types.Type, d depth) (*node, error) {
	if t.Kind != types.Array {
		return nil, fmt.Errorf("'%s' is repeated in the file, and can only be read as an ARRAY", path)
	}
	out := &node{path: path, rep: d.rep, exists: d.exists, present: d.def}
	inside := out.enter(d)
	element := &node{path: path + ".element", rep: inside.rep, exists: inside.def, present: inside.def}
	element, err := r.content(element, n, *t.Elem, inside)
	if err != nil {
		return nil, err
	}
	return out.of(element)
}

func (r *resolver) pairs(out *node, n schema.Node, t types.Type, d depth) (*node, error) {
	rep, err := repeated(out, n, t)
	if err != nil {
		return nil, err
	}
	g, err := groupOf(out, rep, t)
	if err != nil {
		return nil, err
	}
	if g.NumFields() != 2 {
		return nil, fmt.Errorf("'%s' is no map in the file, but must be one for %s", out.path, t.WithNull())
	}
	inside := out.enter(d)
	keyType, valueType := pairTypes(t)
	key, err := r.node(g.Field(0), out.path+".key", keyType, inside)
	if err != nil {
		return nil, err
	}
	value, err := r.node(g.Field(1), out.path+".value", valueType, inside)
	if err != nil {
		return nil, err
	}
	return out.of(key, value)
}

// enter makes the node a list and gives the depth of its elements.
func (n *node) enter(d depth) depth {
	n.kind, n.element = listNode, d.def+1
	return depth{def: d.def + 1, rep: d.rep + 1, exists: d.def + 1}
}

// of gives a list its children.
func (n *node) of(children ...*node) (*node, error) {
	n.children = children
	for _, c := range children {
		if c.leaf != nil {
			n.leaf = c.leaf
			return n, nil
		}
	}
	return nil, fmt.Errorf("'%s' has no columns in the file", n.path)
}
