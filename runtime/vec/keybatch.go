package vec

import "github.com/weirstream/weir/sql/types"

// KeyBatch holds a batch's keys in the form that group tables probe with, a word a row: packed where the
// key is at most 8 bytes of fixed width, hashed otherwise. It serves
// all tables with the same key types, one after another, so that tables need no scratch
// memory of their own.
type KeyBatch struct {
	pack packing // nil: hashed
	cols []*Vector
	sel  []int32
	n    int
	// words are the packed keys, or the hashes, of rows 0 to n-1 of the selection.
	words []uint64
	nulls []uint32 // bit c set: key column c is NULL; nil where nothing is

	store []uint64 // memory of words, where they are not a vector's own
	bits  []uint32 // memory of nulls
	miss  []int32
}

// NewKeyBatch makes an empty batch for keys of these types.
func NewKeyBatch(keys []types.Type) *KeyBatch {
	return &KeyBatch{pack: packingOf(keys)}
}

// Set takes the n rows sel (nil: rows 0 to n-1) of the key columns, borrowed until the next Set.
func (b *KeyBatch) Set(cols []*Vector, n int, sel []int32) {
	b.cols, b.sel, b.n, b.nulls = cols, sel, n, nil
	if b.pack != nil {
		b.packRows()
		return
	}
	b.words = b.room()
	HashRows(cols, sel, b.words)
}

// SetAscending is Set for rows that ascend without repeats, as those of a batch's selection do.
func (b *KeyBatch) SetAscending(cols []*Vector, n int, sel []int32) {
	if len(cols) == 1 && n > 0 && sel != nil && int(sel[n-1]-sel[0]) == n-1 && isWord(cols[0]) {
		b.cols, b.sel, b.n, b.nulls = cols, sel, n, nil
		b.words = asWords(Values[int64](cols[0])[sel[0]:][:n])
		return
	}
	b.Set(cols, n, sel)
}

// isWord reports whether the values of a key column are its packed keys.
func isWord(v *Vector) bool { return v.phys == Int64 && !v.hasValid() }

// room gives n words of the batch's own memory.
func (b *KeyBatch) room() []uint64 {
	if cap(b.store) < b.n {
		b.store = make([]uint64, max(b.n, 2*cap(b.store)))
	}
	return b.store[:b.n]
}

// packing says at which bit of a packed key each key column lies.
type packing []uint

// packingOf gives the packing of keys of these types, nil where they do not fit 8 bytes.
func packingOf(keys []types.Type) packing {
	p, used := packing{}, uint(0)
	for _, k := range keys {
		width := uint(8)
		switch phys := PhysOf(k); {
		case phys == Bool:
		case phys <= Float64:
			width = uint(8 * phys.width())
		default:
			return nil
		}
		p = append(p, used)
		if used += width; used > 64 {
			return nil
		}
	}
	return p
}

// packRows fills words and nulls.
func (b *KeyBatch) packRows() {
	if len(b.cols) == 1 && isWord(b.cols[0]) && b.sel == nil {
		b.words = asWords(Values[int64](b.cols[0])[:b.n])
		return
	}
	b.words = b.room()
	clear(b.words)
	for c, v := range b.cols {
		b.packColumn(v, b.pack[c])
		b.packNulls(v, c)
	}
}

func (b *KeyBatch) packColumn(v *Vector, shift uint) {
	dst := b.words
	switch v.phys {
	case Bool:
		for k := range dst {
			if v.Bool(rowAt(b.sel, k)) {
				dst[k] |= 1 << shift
			}
		}
	case Int8:
		packInts(dst, Values[int8](v), b.sel, 0xff, shift)
	case Int16:
		packInts(dst, Values[int16](v), b.sel, 0xffff, shift)
	case Int32:
		packInts(dst, Values[int32](v), b.sel, 0xffffffff, shift)
	case Int64:
		packInts(dst, Values[int64](v), b.sel, ^uint64(0), shift)
	case Float32:
		vals := Values[float32](v)
		for k := range dst {
			dst[k] |= uint64(KeyBits32(vals[rowAt(b.sel, k)])) << shift
		}
	case Float64:
		vals := Values[float64](v)
		for k := range dst {
			dst[k] |= KeyBits64(vals[rowAt(b.sel, k)])
		}
	}
}

func packInts[T int8 | int16 | int32 | int64](dst []uint64, vals []T, sel []int32, mask uint64, shift uint) {
	if sel == nil {
		vals = vals[:len(dst)]
		for k, x := range vals {
			dst[k] |= uint64(x) & mask << shift
		}
		return
	}
	for k, i := range sel {
		dst[k] |= uint64(vals[i]) & mask << shift
	}
}

// packNulls marks the NULLs of column c and clears the bits that lie under them.
func (b *KeyBatch) packNulls(v *Vector, c int) {
	if !v.hasValid() {
		return
	}
	mask := ^uint64(0)
	if w := v.phys.width(); w < 8 {
		mask = 1<<(8*max(w, 1)) - 1
	}
	for k := range b.n {
		if !v.IsNull(rowAt(b.sel, k)) {
			continue
		}
		if b.nulls == nil {
			b.ensureNulls()
		}
		b.nulls[k] |= 1 << c
		b.words[k] &^= mask << b.pack[c]
	}
}

func (b *KeyBatch) ensureNulls() {
	if cap(b.bits) < b.n {
		b.bits = make([]uint32, max(b.n, 2*cap(b.bits)))
	}
	b.nulls = b.bits[:b.n]
	clear(b.nulls)
}

// null gives the NULL columns of row k.
func (b *KeyBatch) null(k int32) uint32 {
	if b.nulls == nil {
		return 0
	}
	return b.nulls[k]
}
