package vec

import "math/bits"

// Bitmaps are []uint64, least significant bit first: on little-endian machines the
// bytes of Arrow's bitmaps.

// WordsFor gives the words of an n-bit bitmap.
func WordsFor(n int) int { return (n + 63) >> 6 }

// Bit reports bit i.
func Bit(w []uint64, i int) bool { return w[i>>6]>>(uint(i)&63)&1 != 0 }

// SetBit sets bit i.
func SetBit(w []uint64, i int) { w[i>>6] |= 1 << (uint(i) & 63) }

// ClearBit clears bit i.
func ClearBit(w []uint64, i int) { w[i>>6] &^= 1 << (uint(i) & 63) }

// SetBitTo sets bit i to x.
func SetBitTo(w []uint64, i int, x bool) {
	m := uint64(1) << (uint(i) & 63)
	if x {
		w[i>>6] |= m
	} else {
		w[i>>6] &^= m
	}
}

// SetBits sets the bits from (inclusive) to (exclusive).
func SetBits(w []uint64, from, to int) {
	for i := from; i < to; {
		if i&63 == 0 && to-i >= 64 {
			w[i>>6] = ^uint64(0)
			i += 64
			continue
		}
		end := min(to, (i|63)+1)
		mask := ^uint64(0) << (uint(i) & 63)
		if end&63 != 0 {
			mask &= 1<<(uint(end)&63) - 1
		}
		w[i>>6] |= mask
		i = end
	}
}

// CountBits counts the set bits among the first n.
func CountBits(w []uint64, n int) int {
	c := 0
	for _, x := range w[:n>>6] {
		c += bits.OnesCount64(x)
	}
	if n&63 != 0 {
		c += bits.OnesCount64(w[n>>6] & (1<<(uint(n)&63) - 1))
	}
	return c
}

// AppendSet appends the positions of the set bits among the first n to sel.
func AppendSet[T int32 | uint32](sel []T, w []uint64, n int) []T {
	for i := 0; i<<6 < n; i++ {
		x := w[i]
		if rest := n - i<<6; rest < 64 {
			x &= 1<<uint(rest) - 1
		}
		if x == ^uint64(0) {
			for j := range 64 {
				sel = append(sel, T(i<<6+j))
			}
			continue
		}
		for ; x != 0; x &= x - 1 {
			sel = append(sel, T(i<<6+bits.TrailingZeros64(x)))
		}
	}
	return sel
}

// copyBits copies n bits from src at so to dst at do.
func copyBits(dst []uint64, do int, src []uint64, so, n int) {
	if do&63 == 0 && so&63 == 0 {
		whole := n >> 6
		copy(dst[do>>6:do>>6+whole], src[so>>6:so>>6+whole])
		do, so, n = do+whole<<6, so+whole<<6, n&63
	}
	for i := range n {
		SetBitTo(dst, do+i, Bit(src, so+i))
	}
}
