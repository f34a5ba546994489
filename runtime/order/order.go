// Package order keeps rows in order: what ORDER BY asks for, in columns and arenas without a
// pointer or an object a row.
//
// Enter at Key for one entry of ORDER BY, at Comparer for comparing rows by several, at
// Forest for ordered lists of rows, one for each group, into which a row is put, found by its rank and
// taken out in O(log n), and at Timers for what is taken out in the order of time only.
package order

import (
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// Key is one entry of ORDER BY over the columns of some relation.
type Key struct {
	Column    int
	Desc      bool
	NullsLast bool
}

// Describe prints the key with its column's name: v DESC. Where NULLs come is written when it is
// not the default: first ascending, last descending.
func (k Key) Describe(column string) string {
	if k.Desc {
		column += " DESC"
	}
	switch {
	case k.NullsLast && !k.Desc:
		column += " NULLS LAST"
	case !k.NullsLast && k.Desc:
		column += " NULLS FIRST"
	}
	return column
}

// Comparer compares rows by several keys. The first key is also there as a word, in the same
// order (see Word), so that most comparisons need not look at the rows.
type Comparer struct {
	keys []Key
	// exact: the words of two rows are equal only if the rows are by all keys.
	exact bool
}

// NewComparer makes a comparer; ts are the types of the columns that keys refer to.
func NewComparer(keys []Key, column func(int) types.Type) *Comparer {
	c := &Comparer{keys: keys, exact: len(keys) == 0}
	if len(keys) == 1 {
		c.exact = fitsWord(column(keys[0].Column))
	}
	return c
}

// Exact reports whether equal words mean equal rows.
func (c *Comparer) Exact() bool { return c.exact }

// Compare orders row i of cols and row j of others: -1, 0 or 1.
func (c *Comparer) Compare(cols []*vec.Vector, i int, others []*vec.Vector, j int) int {
	for _, k := range c.keys {
		a, b := cols[k.Column], others[k.Column]
		if d := k.compare(a, i, b, j); d != 0 {
			return d
		}
	}
	return 0
}

func (k Key) compare(a *vec.Vector, i int, b *vec.Vector, j int) int {
	an, bn := a.IsNull(i), b.IsNull(j)
	if an || bn {
		switch {
		case an == bn:
			return 0
		case an != k.NullsLast:
			return -1
		}
		return 1
	}
	d := vec.CompareRows(a, i, b, j)
	if k.Desc {
		return -d
	}
	return d
}

// Words gives the words of the n rows sel (nil: all) of cols, in dst's memory; all are 0 without keys.
func (c *Comparer) Words(dst []uint64, cols []*vec.Vector, n int, sel []int32) []uint64 {
	if cap(dst) < n {
		dst = make([]uint64, n, max(n, vec.DefaultBatchSize))
	}
	dst = dst[:n]
	if len(c.keys) == 0 {
		clear(dst)
		return dst
	}
	k := c.keys[0]
	k.words(dst, cols[k.Column], sel)
	return dst
}

// Word gives the word of one row.
func (c *Comparer) Word(cols []*vec.Vector, row int) uint64 {
	var word [1]uint64
	if len(c.keys) > 0 {
		sel := [1]int32{int32(row)}
		c.keys[0].words(word[:], cols[c.keys[0].Column], sel[:])
	}
	return word[0]
}
