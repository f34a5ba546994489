package javaregex

import "errors"

var errUnclosedClass = errors.New("a character class is not closed by ]")

// class reads behind [ to the closing ]: unions, nested classes, && and negation.
func (t *translator) class() (runeSet, error) {
	if t.depth++; t.depth > maxDepth {
		return nil, errors.New("classes are nested too deep")
	}
	defer func() { t.depth-- }()
	negated := t.take("^")
	var left, cur runeSet
	intersected, first := false, true
	for {
		if !t.more() {
			return nil, errUnclosedClass
		}
		switch {
		case t.peek("]") && !first:
			t.i++
			if intersected {
				cur = left.intersect(cur)
			}
			if negated {
				if t.flags.fold {
					cur = cur.folded(t.flags.unicodeFold)
				}
				cur = cur.negate()
			}
			return cur, nil
		case t.take("&&"):
			if intersected {
				cur = left.intersect(cur)
			}
			left, cur, intersected = cur, nil, true
		case t.take("["):
			s, err := t.class()
			if err != nil {
				return nil, err
			}
			cur = cur.union(s)
		case t.take(`\Q`):
			t.quote(func(r rune) { cur = cur.union(setOf([2]rune{r, r})) })
		default:
			s, err := t.classItem()
			if err != nil {
				return nil, err
			}
			cur = cur.union(s)
		}
		first = false
	}
}

// classItem reads a character, an escape, or a range.
func (t *translator) classItem() (runeSet, error) {
	low, err := t.classChar()
	if err != nil {
		return nil, err
	}
	isOne := len(low) == 1 && low[0][0] == low[0][1]
	if !isOne || !t.peek("-") || t.peek("-]") || t.peek("-[") || t.peek("-&&") {
		return low, nil
	}
	t.i++
	if !t.more() {
		return nil, errUnclosedClass
	}
	high, err := t.classChar()
	if err != nil {
		return nil, err
	}
	if len(high) != 1 || high[0][0] != high[0][1] || high[0][0] < low[0][0] {
		return nil, errors.New("a range in a character class goes backwards, or to no character")
	}
	return setOf([2]rune{low[0][0], high[0][0]}), nil
}

func (t *translator) classChar() (runeSet, error) {
	c := t.src[t.i]
	t.i++
	if c == '\\' {
		return t.escapedSet()
	}
	return setOf([2]rune{c, c}), nil
}
