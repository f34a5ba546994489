package kpl

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"reflect"
	"slices"
	"testing"
)

var sample = []Record{
	{Key: "a", Data: []byte("one")},
	{Key: "b", HashKey: "12345", Data: []byte{}},
	{Key: "a", HashKey: "0", Data: []byte("three")},
}

func TestRoundTrip(t *testing.T) {
	before := []Record{{Key: "x"}}
	got, ok := Deaggregate(slices.Clone(before), Aggregate(sample))
	if !ok || !reflect.DeepEqual(got, append(before, sample...)) {
		t.Fatalf("got %+v, %v", got, ok)
	}
}

// The bytes by hand from the format's description: tables, one record with a tag that we skip.
func TestGoldenBytes(t *testing.T) {
	message, err := hex.DecodeString("0a0161" + "1a0b" + "0800" + "1a0178" + "22040a026b76")
	if err != nil {
		t.Fatal(err)
	}
	sum := md5.Sum(message)
	b := slices.Concat(magic, message, sum[:])
	got, ok := Deaggregate(nil, b)
	if !ok || len(got) != 1 || got[0].Key != "a" || string(got[0].Data) != "x" {
		t.Fatalf("got %+v, %v", got, ok)
	}
}

func TestPlainRecords(t *testing.T) {
	good := Aggregate(sample)
	flipped := bytes.Clone(good)
	flipped[10] ^= 1
	broken := func(message string) []byte {
		b, err := hex.DecodeString(message)
		if err != nil {
			t.Fatal(err)
		}
		sum := md5.Sum(b)
		return slices.Concat(magic, b, sum[:])
	}
	for name, b := range map[string][]byte{
		"empty": nil, "text": []byte("hello"), "magic alone": magic, "cut": good[:len(good)-1], "flipped": flipped,
		"no such key": broken("1a020807"), "no key": broken("1a031a0178"), "torn message": broken("0a05"), "no such hash key": broken("0a01611a0408001007"),
	} {
		if got, ok := Deaggregate(slices.Clip(sample[:1]), b); ok || len(got) != 1 {
			t.Errorf("%s: got %+v, %v", name, got, ok)
		}
	}
}

func FuzzDeaggregate(f *testing.F) {
	f.Add(Aggregate(sample)[4 : len(Aggregate(sample))-16])
	f.Fuzz(func(t *testing.T, message []byte) {
		sum := md5.Sum(message)
		got, ok := Deaggregate(nil, slices.Concat(magic, message, sum[:]))
		if !ok {
			return
		}
		again, ok := Deaggregate(nil, Aggregate(got))
		if !ok || len(again) != len(got) {
			t.Fatalf("got %d records, then %d", len(got), len(again))
		}
		for i := range got {
			if got[i].Key != again[i].Key || got[i].HashKey != again[i].HashKey || !bytes.Equal(got[i].Data, again[i].Data) {
				t.Fatalf("%+v became %+v", got[i], again[i])
			}
		}
	})
}

func BenchmarkDeaggregate(b *testing.B) {
	var list []Record
	for range 100 {
		list = append(list, Record{Key: "key", Data: make([]byte, 200)})
	}
	packed := Aggregate(list)
	var out []Record
	b.ReportAllocs()
	for b.Loop() {
		out, _ = Deaggregate(out[:0], packed)
	}
	b.ReportMetric(float64(len(out)*b.N)/b.Elapsed().Seconds(), "records/s")
}
