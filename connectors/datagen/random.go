package datagen

import (
	"encoding/binary"
	"math/bits"

	"github.com/weirstream/weir/runtime/vec"
)

// stream is the random numbers of one purpose of one field: a number for each row.
type stream uint64

// golden is the increment of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom
// number generators); mix is its output function.
const golden = 0x9e3779b97f4a7c15

func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// newStream gives the stream for a purpose (value, null, length) of the field at path.
func newStream(seed uint64, path, purpose string) stream {
	h := mix(seed + golden)
	for _, s := range [...]string{path, purpose} {
		for i := range len(s) {
			h = mix(h + uint64(s[i]) + golden)
		}
		h = mix(h + golden)
	}
	return stream(h)
}

// at gives the random number of a row.
func (s stream) at(row int64) uint64 { return mix(uint64(s) + uint64(row)*golden) }

// below makes a number from 0 to n-1 of r; n = 0 stands for 2^64.
func below(r, n uint64) uint64 {
	if n == 0 {
		return r
	}
	hi, _ := bits.Mul64(r, n)
	return hi
}

// below128 makes a number from 0 to n-1 of r.
func below128(r uint64, n vec.Dec128) vec.Dec128 {
	mid, _ := bits.Mul64(r, n.Lo)
	hi, lo := bits.Mul64(r, uint64(n.Hi))
	lo, carry := bits.Add64(lo, mid, 0)
	return vec.Dec128{Lo: lo, Hi: int64(hi + carry)}
}

// fraction makes a number in [0, 1) of r.
func fraction(r uint64) float64 { return float64(r>>11) / (1 << 53) }

// hex spreads 8 hexadecimal digits of x over the bytes of a word.
func hex(x uint32) uint64 {
	w := uint64(x)
	w = (w | w<<16) & 0x0000ffff0000ffff
	w = (w | w<<8) & 0x00ff00ff00ff00ff
	w = (w | w<<4) & 0x0f0f0f0f0f0f0f0f
	letters := (w + 0x0606060606060606) >> 4 & 0x0101010101010101 // bytes over 9
	return w + 0x3030303030303030 + letters*('a'-'0'-10)
}

// fillHex writes random hexadecimal digits.
func (s stream) fillHex(dst []byte, row int64) {
	r := s.at(row)
	for len(dst) > 0 {
		var b [16]byte
		binary.LittleEndian.PutUint64(b[:], hex(uint32(r)))
		binary.LittleEndian.PutUint64(b[8:], hex(uint32(r>>32)))
		dst = dst[copy(dst, b[:]):]
		r = mix(r + golden)
	}
}

// fillBytes writes random bytes.
func (s stream) fillBytes(dst []byte, row int64) {
	r := s.at(row)
	for len(dst) > 0 {
		var b [8]byte
		binary.LittleEndian.PutUint64(b[:], r)
		dst = dst[copy(dst, b[:]):]
		r = mix(r + golden)
	}
}
