package expr

import (
	"fmt"
	"strconv"
)

// Key gives a text that two trees share exactly when they compute the same: all but
// places and column names counts. It makes fingerprints of plans.
func Key(e Expr) string { return string(appendKey(nil, e)) }

func appendKey(dst []byte, e Expr) []byte {
	dst = appendNode(dst, e)
	for _, c := range e.Children() {
		dst = append(dst, ',')
		dst = appendKey(dst, c)
	}
	return appendEnd(dst, e)
}

// appendNode writes what e is, without its children.
func appendNode(dst []byte, e Expr) []byte {
	switch e := e.(type) {
	case *Column:
		dst = append(dst, '#')
		return strconv.AppendInt(dst, int64(e.Index), 10)
	case *Literal:
		return fmt.Appendf(dst, "%q:%s", fmt.Sprintf("%T%v", e.Value, e.Value), e.T)
	case *Call:
		dst = append(dst, e.Fn.Name...)
		dst = append(dst, '{')
		dst = append(dst, e.T.String()...)
	case *Cast:
		if e.Try {
			dst = append(dst, "try "...)
		}
		dst = append(dst, "cast{"...)
		dst = append(dst, e.T.String()...)
	case *Case:
		dst = append(dst, "case{"...)
		dst = append(dst, e.T.String()...)
	case *Field:
		dst = append(dst, "field{"...)
		dst = strconv.AppendInt(dst, int64(e.Index), 10)
	}
	return dst
}

// appendEnd closes what appendNode has opened.
func appendEnd(dst []byte, e Expr) []byte {
	switch e.(type) {
	case *Column, *Literal:
		return dst
	}
	return append(dst, '}')
}

// keys numbers trees, so that two have one number exactly when they have one Key and are
// deterministic. A tree's number is made of those of its children: numbering all sub-trees costs as
// much as walking the tree once, where their Keys would have the size of the tree times its depth.
type keys struct {
	trees   map[Expr]treeKey
	numbers map[string]int // by the node and its children's numbers
	scratch []byte
}

type treeKey struct {
	number   int
	volatile bool
}

func newKeys() *keys { return &keys{trees: map[Expr]treeKey{}, numbers: map[string]int{}} }

// of gives the number of e; false where e, or a part of it, gives another value each time it is
// evaluated.
func (k *keys) of(e Expr) (number int, deterministic bool) {
	t := k.tree(e)
	return t.number, !t.volatile
}

func (k *keys) tree(e Expr) treeKey {
	if t, ok := k.trees[e]; ok {
		return t
	}
	var t treeKey
	if c, ok := e.(*Call); ok {
		t.volatile = isVolatile(c)
	}
	children := e.Children()
	for _, c := range children {
		t.volatile = k.tree(c).volatile || t.volatile
	}
	k.scratch = appendNode(k.scratch[:0], e)
	for _, c := range children {
		k.scratch = append(k.scratch, ',')
		k.scratch = strconv.AppendInt(k.scratch, int64(k.trees[c].number), 10)
	}
	k.scratch = appendEnd(k.scratch, e)
	number, ok := k.numbers[string(k.scratch)]
	if !ok {
		number = len(k.numbers)
		k.numbers[string(k.scratch)] = number
	}
	t.number = number
	k.trees[e] = t
	return t
}
