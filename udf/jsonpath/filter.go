package jsonpath

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// filter is a condition of [?(…)]: the ORs of ANDs of tests.
type filter [][]test

// test compares a path below the element (@) with a literal, or asks whether it is there.
type test struct {
	path   []step
	negate bool
	op     string // "" for existence
	lit    literal
}

type literal struct {
	kind Kind
	text []byte
	num  float64
}

// filterStep reads ?(…)] behind its [.
func (c *pathParser) filterStep() (step, error) {
	c.i += 2
	s := step{op: opFilter, filter: filter{nil}}
	for {
		t, err := c.test()
		if err != nil {
			return s, err
		}
		last := len(s.filter) - 1
		s.filter[last] = append(s.filter[last], t)
		c.blanks()
		switch {
		case strings.HasPrefix(c.s[c.i:], "&&"):
			c.i += 2
		case strings.HasPrefix(c.s[c.i:], "||"):
			c.i += 2
			s.filter = append(s.filter, nil)
		case strings.HasPrefix(c.s[c.i:], ")"):
			c.i++
			c.blanks()
			if c.i >= len(c.s) || c.s[c.i] != ']' {
				return s, fmt.Errorf("the filter is not closed by )]")
			}
			c.i++
			return s, nil
		default:
			return s, fmt.Errorf("only comparisons of @ paths with literals, && and || are supported in filters")
		}
	}
}

func (c *pathParser) test() (t test, err error) {
	c.blanks()
	if strings.HasPrefix(c.s[c.i:], "!") {
		t.negate = true
		c.i++
	}
	if !strings.HasPrefix(c.s[c.i:], "@") {
		return t, fmt.Errorf("only comparisons of @ paths with literals, && and || are supported in filters")
	}
	c.i++
	if t.path, err = c.steps(); err != nil {
		return t, err
	}
	c.blanks()
	for _, op := range []string{"==", "!=", "<=", ">=", "<", ">"} {
		if strings.HasPrefix(c.s[c.i:], op) {
			t.op = op
			c.i += len(op)
			c.blanks()
			t.lit, err = c.literal()
			return t, err
		}
	}
	return t, nil
}

func (c *pathParser) literal() (literal, error) {
	if c.i < len(c.s) && (c.s[c.i] == '\'' || c.s[c.i] == '"') {
		s, err := c.quoted()
		return literal{kind: String, text: []byte(s)}, err
	}
	start := c.i
	for c.i < len(c.s) && !strings.ContainsRune(" )&|", rune(c.s[c.i])) {
		c.i++
	}
	word := c.s[start:c.i]
	switch word {
	case "true", "false":
		return literal{kind: Bool, text: []byte(word)}, nil
	case "null":
		return literal{kind: Null, text: []byte(word)}, nil
	}
	f, err := strconv.ParseFloat(word, 64)
	if err != nil {
		return literal{}, fmt.Errorf("'%s' is no literal", word)
	}
	return literal{kind: Number, num: f, text: []byte(word)}, nil
}

func (f filter) holds(d *Document, id int32) bool {
	for _, all := range f {
		ok := true
		for i := range all {
			ok = ok && all[i].holds(d, id)
		}
		if ok {
			return true
		}
	}
	return false
}

func (t *test) holds(d *Document, id int32) bool {
	found := d.walk(t.path, []int32{id})
	if t.op == "" {
		return (len(found) > 0) != t.negate
	}
	if len(found) != 1 {
		return (t.op == "!=") != t.negate
	}
	return t.compare(d, found[0]) != t.negate
}

func (t *test) compare(d *Document, id int32) bool {
	kind, raw := d.Kind(id), d.Raw(id)
	if kind != t.lit.kind {
		return t.op == "!="
	}
	order := 0
	if kind == Number {
		f, err := strconv.ParseFloat(string(raw), 64)
		switch {
		case err != nil:
			return false
		case f < t.lit.num:
			order = -1
		case f > t.lit.num:
			order = 1
		}
	} else {
		order = bytes.Compare(raw, t.lit.text)
	}
	switch t.op {
	case "==":
		return order == 0
	case "!=":
		return order != 0
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	}
	return order >= 0
}
