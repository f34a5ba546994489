package vec

import (
	"unsafe"

	"github.com/weirstream/weir/runtime/vec/pages"
)

// Apart has a vector that grows with the state keep its fixed-width values in a block of memory of their own (package pages) when they take much, so that
// they are not copied as they grow. Slices of them (Values) are valid as long as the vector, or an alias of it, is reachable.
func (v *Vector) Apart() {
	v.apart = true
	for _, c := range v.children {
		c.Apart()
	}
}

// growApart makes room for n words beside the heap, and reports whether that was to be done and could be.
func (v *Vector) growApart(n int) bool {
	if n <= len(v.words) {
		return true
	}
	n = max(n, min(len(v.words)+len(v.words)/8, pages.Most/8))
	if v.block == nil {
		if 8*n < pages.Least {
			return false
		}
		if v.block = pages.Reserve(pages.Most); v.block == nil {
			v.apart = false
			return false
		}
	}
	if !v.block.Extend(8 * n) {
		v.apart = false // the heap from now on; the block stays for slices of it
		return false
	}
	mem := v.block.Bytes()
	words := unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(mem))), len(mem)/8)
	if len(v.words) > 0 && &v.words[0] != &words[0] {
		copy(words, v.words)
	}
	v.words = words
	return true
}
