package shardlog

import (
	"crypto/md5"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"math/bits"
)

// HashKey is a 128-bit unsigned integer: a point on the line that shards divide
// among themselves.
type HashKey struct{ Hi, Lo uint64 }

// MaxHashKey is 2^128-1.
var MaxHashKey = HashKey{1<<64 - 1, 1<<64 - 1}

// HashOf is where a partition key lies: its MD5, big-endian, as Kinesis routes. It protects nothing.
func HashOf(partitionKey string) HashKey {
	sum := md5.Sum([]byte(partitionKey))
	return HashKey{binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:])}
}

// ErrHashKey marks a text that is no integer from 0 to 2^128-1.
var ErrHashKey = errors.New("not a hash key from 0 to 2^128-1")

// ParseHashKey reads the decimal form.
func ParseHashKey(s string) (HashKey, error) {
	hi, mid, lo, err := parseDecimal(s)
	if err != nil || hi != 0 {
		return HashKey{}, fmt.Errorf("%w: %.50q", ErrHashKey, s)
	}
	return HashKey{mid, lo}, nil
}

// String is the decimal form.
func (k HashKey) String() string { return k.big().String() }

func (k HashKey) big() *big.Int {
	n := new(big.Int).SetUint64(k.Hi)
	return n.Lsh(n, 64).Or(n, new(big.Int).SetUint64(k.Lo))
}

// Compare returns -1, 0 or 1.
func (k HashKey) Compare(o HashKey) int {
	switch {
	case k == o:
		return 0
	case k.Hi < o.Hi || (k.Hi == o.Hi && k.Lo < o.Lo):
		return -1
	}
	return 1
}

// Next is k+1; 0 after MaxHashKey.
func (k HashKey) Next() HashKey {
	lo, carry := bits.Add64(k.Lo, 1, 0)
	return HashKey{k.Hi + carry, lo}
}

// Prev is k-1; MaxHashKey before 0.
func (k HashKey) Prev() HashKey {
	lo, borrow := bits.Sub64(k.Lo, 1, 0)
	return HashKey{k.Hi - borrow, lo}
}

// MarshalText writes the decimal form, in the streams' metadata too.
func (k HashKey) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads the decimal form.
func (k *HashKey) UnmarshalText(b []byte) (err error) {
	*k, err = ParseHashKey(string(b))
	return err
}

// HashRange is the closed range of hash keys that a shard takes.
type HashRange struct{ Start, End HashKey }

// Contains reports whether the range takes k.
func (r HashRange) Contains(k HashKey) bool {
	return r.Start.Compare(k) <= 0 && k.Compare(r.End) <= 0
}

// Middle is the start of the upper half.
func (r HashRange) Middle() HashKey {
	lo, borrow := bits.Sub64(r.End.Lo, r.Start.Lo, 0)
	hi, _ := bits.Sub64(r.End.Hi, r.Start.Hi, borrow)
	lo, hi = lo>>1|hi<<63, hi>>1
	lo, carry := bits.Add64(lo, r.Start.Lo, 0)
	return HashKey{hi + r.Start.Hi + carry, lo}.Next()
}

// EvenRanges divides all hash keys among n shards, the remainder going to the last.
func EvenRanges(n int) []HashRange {
	// floor(2^128/n) by long division.
	hi, r := bits.Div64(1%uint64(n), 0, uint64(n))
	if n == 1 {
		return []HashRange{{HashKey{}, MaxHashKey}}
	}
	lo, _ := bits.Div64(r, 0, uint64(n))
	ranges := make([]HashRange, n)
	start := HashKey{}
	for i := range ranges {
		sum, carry := bits.Add64(start.Lo, lo, 0)
		next := HashKey{start.Hi + hi + carry, sum}
		ranges[i] = HashRange{start, next.Prev()}
		start = next
	}
	ranges[n-1].End = MaxHashKey
	return ranges
}
