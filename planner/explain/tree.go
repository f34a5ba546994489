package explain

import (
	"fmt"
	"strings"
)

// tree prints a graph of nodes, those with several parents once.
type tree[N comparable] struct {
	children func(N) []N
	what     func(N) string
	out      func(N) string // a second line; nil for none
	skip     func(N) bool   // nodes that only refer to their child; nil for none

	parents map[N]int
	number  map[N]int
	b       strings.Builder
}

func (t *tree[N]) print(roots []N) string {
	t.parents, t.number = map[N]int{}, map[N]int{}
	for _, r := range roots {
		t.count(r)
	}
	for _, r := range roots {
		t.node(r, "", "")
	}
	return t.b.String()
}

func (t *tree[N]) target(n N) N {
	for t.skip != nil && t.skip(n) {
		n = t.children(n)[0]
	}
	return n
}

func (t *tree[N]) count(n N) {
	n = t.target(n)
	if t.parents[n]++; t.parents[n] > 1 {
		return
	}
	for _, c := range t.children(n) {
		t.count(c)
	}
}

// node prints n; first stands before its own line, rest before the lines below.
func (t *tree[N]) node(n N, first, rest string) {
	n = t.target(n)
	if k := t.number[n]; k > 0 {
		fmt.Fprintf(&t.b, "%s(see #%d)\n", first, k)
		return
	}
	t.b.WriteString(first + t.what(n))
	if t.parents[n] > 1 {
		t.number[n] = len(t.number) + 1
		fmt.Fprintf(&t.b, " #%d", t.number[n])
	}
	t.b.WriteString("\n")
	children := t.children(n)
	if t.out != nil {
		bar := "   "
		if len(children) > 0 {
			bar = "│  "
		}
		t.b.WriteString(rest + bar + t.out(n) + "\n")
	}
	for i, c := range children {
		if i < len(children)-1 {
			t.node(c, rest+"├─ ", rest+"│  ")
		} else {
			t.node(c, rest+"└─ ", rest+"   ")
		}
	}
}
