package fuzz

import "slices"

// Shrink makes a case with one item smaller as long as fails holds: fewer rows, smaller expressions, fewer
// columns. It asks at most tries times.
func Shrink(c *Case, item int, tries int, fails func(*Case) bool) *Case {
	one := *c
	one.Items = []*Node{c.Items[item]}
	if tries--; !fails(&one) {
		return c
	}
	best := &one
	ask := func(smaller *Case) bool {
		if tries <= 0 {
			return false
		}
		tries--
		if fails(smaller) {
			best = smaller
			return true
		}
		return false
	}
	for shrinkExpression(best, ask) {
	}
	for size := len(best.Rows) / 2; size > 0; size /= 2 {
		for at := 0; at+size <= len(best.Rows); {
			smaller := *best
			smaller.Rows = slices.Delete(slices.Clone(best.Rows), at, at+size)
			if !ask(&smaller) {
				at += size
			}
		}
	}
	return best.withoutColumns()
}

// shrinkExpression puts a child in the expression's place, or a column in a child's.
func shrinkExpression(c *Case, ask func(*Case) bool) bool {
	if c.Kind != "expressions" {
		return false
	}
	root := c.Items[0]
	for _, k := range root.kids {
		if len(k.kids) == 0 {
			continue
		}
		smaller := *c
		smaller.Items = []*Node{k}
		if ask(&smaller) {
			return true
		}
	}
	for i, k := range root.kids {
		for _, grandchild := range k.kids {
			changed := &Node{root.text, slices.Clone(root.kids)}
			changed.kids[i] = grandchild
			smaller := *c
			smaller.Items = []*Node{changed}
			if ask(&smaller) {
				return true
			}
		}
	}
	return false
}

// withoutColumns leaves out columns that no item names.
func (c *Case) withoutColumns() *Case {
	text := ""
	for _, x := range c.Items {
		text += " " + x.String()
	}
	used := map[string]bool{}
	for _, w := range words(text) {
		used[w] = true
	}
	out := *c
	out.Columns, out.Rows = nil, make([][]string, len(c.Rows))
	for i, col := range c.Columns {
		if !used[col.name] && !(col.name == "ts" && c.Time != "") {
			continue
		}
		out.Columns = append(out.Columns, col)
		for r, row := range c.Rows {
			out.Rows[r] = append(out.Rows[r], row[i])
		}
	}
	for r, row := range c.Rows {
		out.Rows[r] = append(out.Rows[r], row[len(row)-1])
	}
	return &out
}

func words(s string) []string {
	var out []string
	start := -1
	for i := 0; i <= len(s); i++ {
		letter := i < len(s) && (s[i] == '_' || s[i]|0x20 >= 'a' && s[i]|0x20 <= 'z' || s[i] >= '0' && s[i] <= '9')
		switch {
		case letter && start < 0:
			start = i
		case !letter && start >= 0:
			out, start = append(out, s[start:i]), -1
		}
	}
	return out
}
