package jsonpath

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Path is a compiled JSON path: [lax|strict] $ and steps.
type Path struct {
	Lax   bool // what is missing is empty, not an error
	steps []step
	plain bool
}

type stepOp uint8

const (
	opName   stepOp = iota // .name, ['name']
	opIndex                // [0], [-1]
	opNames                // ['a', 'b']
	opList                 // [0, 2]
	opSlice                // [1:3]
	opAll                  // .*, [*]
	opDeep                 // ..: the value and all below it
	opFilter               // [?(…)]
)

type step struct {
	op       stepOp
	name     []byte
	names    [][]byte
	index    int
	list     []int
	from, to *int
	filter   filter
}

// IsPlain reports whether the path leads to one value by names and indexes: Lookup is
// for those.
func (p *Path) IsPlain() bool { return p.plain }

// Compile parses a path.
func Compile(text string) (*Path, error) {
	c := pathParser{s: strings.TrimSpace(text)}
	p := &Path{plain: true}
	lower := strings.ToLower(c.s)
	for _, mode := range []string{"lax", "strict"} {
		if rest, ok := strings.CutPrefix(lower, mode); ok && rest != "" && strings.ContainsAny(rest[:1], " \t\n") {
			p.Lax = mode == "lax"
			c.s = strings.TrimSpace(c.s[len(mode):])
			break
		}
	}
	if c.s == "" {
		return nil, fmt.Errorf("the JSON path is empty")
	}
	if c.s[0] == '$' {
		c.i = 1
	} else if c.s[0] != '.' && c.s[0] != '[' {
		c.s = "." + c.s
	}
	var err error
	if p.steps, err = c.steps(); err == nil && c.i < len(c.s) {
		err = fmt.Errorf("unexpected '%s'", c.s[c.i:])
	}
	if err != nil {
		return nil, fmt.Errorf("invalid JSON path '%s': %w", text, err)
	}
	for _, s := range p.steps {
		p.plain = p.plain && s.op <= opIndex
	}
	return p, nil
}

// pathParser reads steps.
type pathParser struct {
	s string
	i int
}

func (c *pathParser) steps() ([]step, error) {
	var out []step
	for c.i < len(c.s) {
		switch {
		case strings.HasPrefix(c.s[c.i:], ".."):
			c.i += 2
			out = append(out, step{op: opDeep})
			if c.i < len(c.s) && c.s[c.i] == '[' {
				continue
			}
			s, err := c.dotName()
			if err != nil {
				return nil, err
			}
			out = append(out, s)
		case c.s[c.i] == '.':
			c.i++
			s, err := c.dotName()
			if err != nil {
				return nil, err
			}
			out = append(out, s)
		case c.s[c.i] == '[':
			s, err := c.bracket()
			if err != nil {
				return nil, err
			}
			out = append(out, s)
		default:
			return out, nil
		}
	}
	return out, nil
}

// dotName reads what follows a dot: a name or *.
func (c *pathParser) dotName() (step, error) {
	start := c.i
	for c.i < len(c.s) && !strings.ContainsRune(".[ ()=<>!&|,]", rune(c.s[c.i])) {
		c.i++
	}
	name := c.s[start:c.i]
	switch {
	case name == "":
		return step{}, errors.New("a dot is followed by no name")
	case name == "*":
		return step{op: opAll}, nil
	case c.i < len(c.s) && c.s[c.i] == '(':
		return step{}, fmt.Errorf("functions in paths are not supported")
	}
	return step{op: opName, name: []byte(name)}, nil
}

// bracket reads […].
func (c *pathParser) bracket() (step, error) {
	c.i++
	c.blanks()
	if strings.HasPrefix(c.s[c.i:], "?(") {
		return c.filterStep()
	}
	var s step
	var err error
	switch {
	case c.i >= len(c.s):
		return s, fmt.Errorf("[ is not closed")
	case c.s[c.i] == '*':
		c.i++
		s.op = opAll
	case c.s[c.i] == '\'' || c.s[c.i] == '"':
		s, err = c.nameList()
	default:
		s, err = c.indexes()
	}
	if err != nil {
		return s, err
	}
	c.blanks()
	if c.i >= len(c.s) || c.s[c.i] != ']' {
		return s, fmt.Errorf("[ is not closed")
	}
	c.i++
	return s, nil
}

func (c *pathParser) blanks() {
	for c.i < len(c.s) && c.s[c.i] == ' ' {
		c.i++
	}
}

func (c *pathParser) nameList() (step, error) {
	var names [][]byte
	for {
		c.blanks()
		name, err := c.quoted()
		if err != nil {
			return step{}, err
		}
		names = append(names, []byte(name))
		c.blanks()
		if c.i >= len(c.s) || c.s[c.i] != ',' {
			break
		}
		c.i++
	}
	if len(names) == 1 {
		return step{op: opName, name: names[0]}, nil
	}
	return step{op: opNames, names: names}, nil
}

// quoted reads '…' or "…", in which a backslash takes the next character as it is.
func (c *pathParser) quoted() (string, error) {
	if c.i >= len(c.s) || c.s[c.i] != '\'' && c.s[c.i] != '"' {
		return "", fmt.Errorf("a quoted name is missing")
	}
	q := c.s[c.i]
	var b strings.Builder
	for c.i++; c.i < len(c.s); c.i++ {
		switch {
		case c.s[c.i] == '\\' && c.i+1 < len(c.s):
			c.i++
			b.WriteByte(c.s[c.i])
		case c.s[c.i] == q:
			c.i++
			return b.String(), nil
		default:
			b.WriteByte(c.s[c.i])
		}
	}
	return "", fmt.Errorf("a quote is not closed")
}

// indexes reads n, n,m or from:to.
func (c *pathParser) indexes() (step, error) {
	end := strings.IndexByte(c.s[c.i:], ']')
	if end < 0 {
		return step{}, fmt.Errorf("[ is not closed")
	}
	body := strings.TrimSpace(c.s[c.i : c.i+end])
	c.i += end
	if from, to, ok := strings.Cut(body, ":"); ok {
		s := step{op: opSlice}
		for _, bound := range []struct {
			text string
			to   **int
		}{{from, &s.from}, {to, &s.to}} {
			if text := strings.TrimSpace(bound.text); text != "" {
				n, err := strconv.Atoi(text)
				if err != nil {
					return s, fmt.Errorf("'%s' is no slice", body)
				}
				*bound.to = &n
			}
		}
		return s, nil
	}
	var list []int
	for _, part := range strings.Split(body, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil {
			return step{}, fmt.Errorf("'%s' is no index", body)
		}
		list = append(list, n)
	}
	if len(list) == 1 {
		return step{op: opIndex, index: list[0]}, nil
	}
	return step{op: opList, list: list}, nil
}
