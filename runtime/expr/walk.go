package expr

import "slices"

// Walk calls f with every node, parents first; where f gives false, the node's children
// are left out.
func Walk(e Expr, f func(Expr) bool) {
	if !f(e) {
		return
	}
	for _, c := range e.Children() {
		Walk(c, f)
	}
}

// Transform rebuilds a tree bottom-up: f gets every node, its children already
// transformed, and gives what stands in its place.
func Transform(e Expr, f func(Expr) Expr) Expr {
	children := e.Children()
	var changed []Expr
	for i, c := range children {
		t := Transform(c, f)
		if t != c && changed == nil {
			changed = slices.Clone(children)
		}
		if changed != nil {
			changed[i] = t
		}
	}
	if changed != nil {
		e = e.WithChildren(changed)
	}
	return f(e)
}

// Columns gives the indexes of the columns that e reads, ascending, each once.
func Columns(e Expr) []int {
	var out []int
	Walk(e, func(x Expr) bool {
		if c, ok := x.(*Column); ok {
			out = append(out, c.Index)
		}
		return true
	})
	slices.Sort(out)
	return slices.Compact(out)
}

// Remap changes the column indexes.
func Remap(e Expr, f func(old int) int) Expr {
	return Transform(e, func(x Expr) Expr {
		c, ok := x.(*Column)
		if !ok {
			return x
		}
		n := *c
		n.Index = f(c.Index)
		if n.Index == c.Index {
			return c
		}
		return &n
	})
}

// IsDeterministic reports whether e gives the same value for the same row at any time:
// it calls no volatile function.
func IsDeterministic(e Expr) bool {
	ok := true
	Walk(e, func(x Expr) bool {
		if c, is := x.(*Call); is && isVolatile(c) {
			ok = false
		}
		return ok
	})
	return ok
}

func isVolatile(c *Call) bool {
	if c.Fn.VolatileFor != nil {
		return c.Fn.VolatileFor(len(c.Args))
	}
	return c.Fn.Volatile
}

// IsTrivial reports whether e costs nothing to evaluate: it is a column, a field of one or a constant.
func IsTrivial(e Expr) bool {
	switch e := e.(type) {
	case *Column, *Literal:
		return true
	case *Field:
		return IsTrivial(e.X)
	}
	return false
}

// IsConstant reports whether e reads no column and is deterministic.
func IsConstant(e Expr) bool { return len(Columns(e)) == 0 && IsDeterministic(e) }

// Equal reports whether two trees compute the same: all but places and column names is
// compared.
func Equal(a, b Expr) bool { return string(appendKey(nil, a)) == string(appendKey(nil, b)) }

// Conjuncts takes a condition apart at its ANDs, left to right.
func Conjuncts(e Expr) []Expr {
	if c, ok := e.(*Call); ok && c.Fn.Name == "AND" {
		var out []Expr
		for _, a := range c.Args {
			out = append(out, Conjuncts(a)...)
		}
		return out
	}
	return []Expr{e}
}
