package shardlog

import (
	"errors"
	"fmt"
	"math/big"
	"testing"
)

func fromHex(t *testing.T, hex string) string {
	n, ok := new(big.Int).SetString(hex, 16)
	if !ok {
		t.Fatal(hex)
	}
	return n.String()
}

func TestSequenceNumberOfALiveStream(t *testing.T) {
	s := fromHex(t, "206b038eee000000000000000000006b038ef3000000002")
	n, err := ParseSequenceNumber(s)
	if want := (SequenceNumber{Created: 1795395310, Time: 1795395315}); err != nil || n != want {
		t.Fatalf("got %+v, %v", n, err)
	}
	if n.String() != s || len(s) != 56 {
		t.Fatalf("got %s", n)
	}
}

func TestSequenceNumberLayout(t *testing.T) {
	for _, n := range []SequenceNumber{
		{Created: 1, Index: 2, Time: 3, Shard: 4},
		{Created: 1795395310, Index: ShardEnd, Time: 1795395311, Shard: 1<<31 - 1},
		{Created: mask36, Index: 0x123456789abcdef0, Time: mask36, Shard: 0x12345678},
	} {
		hex := fmt.Sprintf("2%09x%x%016x00%09x%08x2", n.Created, n.Shard&0xf, n.Index, n.Time, n.Shard)
		if n.String() != fromHex(t, hex) {
			t.Errorf("%+v: got %s, want %s", n, n, fromHex(t, hex))
		}
		if back, err := ParseSequenceNumber(n.String()); err != nil || back != n {
			t.Errorf("%+v: got %+v, %v", n, back, err)
		}
	}
}

func TestSequenceNumberRefused(t *testing.T) {
	for s, want := range map[string]error{
		"":                        ErrSequenceNumber,
		"abc":                     ErrSequenceNumber,
		"007":                     ErrSequenceNumber,
		"0":                       ErrForeignSequence,
		"12345678901234567890":    ErrForeignSequence,
		fmt.Sprintf("1%0128d", 0): ErrSequenceNumber,
		fromHex(t, "206b038eee000000000000000000006b038ef3000000001"):  ErrForeignSequence,
		fromHex(t, "206b038eee000000000000000000006b038ef3000000003"):  ErrSequenceNumber,
		fromHex(t, "206b038eee0ffff000000000000000006b038ef300000002"): ErrForeignSequence,
		fromHex(t, "206b038eee0f00000000000000000006b038ef3000000002"): ErrForeignSequence,
		fromHex(t, "206b038eee0f0000000000000000006b038ef3000000002"):  ErrSequenceNumber,
	} {
		if _, err := ParseSequenceNumber(s); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", s, err, want)
		}
	}
}

func FuzzSequenceNumber(f *testing.F) {
	f.Add("49590338271490256608559692538361571095921575989136588898")
	f.Add("0")
	f.Fuzz(func(t *testing.T, s string) {
		n, err := ParseSequenceNumber(s)
		if err != nil {
			return
		}
		if back, err := ParseSequenceNumber(n.String()); err != nil || back != n {
			t.Fatalf("%s: %+v, again %+v, %v", s, n, back, err)
		}
	})
}

func BenchmarkSequenceNumber(b *testing.B) {
	n := SequenceNumber{Created: 1795395310, Index: 123456, Time: 1795395315, Shard: 3}
	buf := make([]byte, 0, 64)
	b.ReportAllocs()
	for b.Loop() {
		buf = n.Append(buf[:0])
	}
}

func TestEvenRanges(t *testing.T) {
	for _, n := range []int{1, 2, 3, 5, 7, 1000} {
		ranges := EvenRanges(n)
		step := new(big.Int).Lsh(big.NewInt(1), 128)
		step.Div(step, big.NewInt(int64(n)))
		for i, r := range ranges {
			want := new(big.Int).Mul(step, big.NewInt(int64(i)))
			if r.Start.String() != want.String() {
				t.Fatalf("%d shards, %d: starts at %s, want %s", n, i, r.Start, want)
			}
			if i > 0 && ranges[i-1].End.Next() != r.Start {
				t.Fatalf("%d shards: gap before %d", n, i)
			}
		}
		if ranges[n-1].End != MaxHashKey {
			t.Fatalf("%d shards: ends at %s", n, ranges[n-1].End)
		}
	}
	if got := EvenRanges(3)[1].Start.String(); got != "113427455640312821154458202477256070485" {
		t.Fatalf("three shards: the second starts at %s", got)
	}
}

func TestHashKeys(t *testing.T) {
	if got := HashOf("a").String(); got != "16955237001963240173058271559858726497" {
		t.Errorf("hash of a: %s", got)
	}
	whole := HashRange{HashKey{}, MaxHashKey}
	if got := whole.Middle().String(); got != "170141183460469231731687303715884105728" {
		t.Errorf("middle: %s", got)
	}
	for _, s := range []string{"", "-1", "01", "340282366920938463463374607431768211456", "x"} {
		if _, err := ParseHashKey(s); !errors.Is(err, ErrHashKey) {
			t.Errorf("%q: %v", s, err)
		}
	}
	if k, err := ParseHashKey("340282366920938463463374607431768211455"); err != nil || k != MaxHashKey {
		t.Errorf("largest: %v, %v", k, err)
	}
}
