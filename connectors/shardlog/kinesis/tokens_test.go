package kinesis

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
)

func testTokens(t testing.TB) tokens {
	k, err := newTokens(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// AWS's iterators begin with 00 … 01 and are 152 to 280 bytes long, in steps of 16.
func TestIteratorShape(t *testing.T) {
	k := testTokens(t)
	for _, name := range []string{"s", strings.Repeat("x", 128)} {
		it := iterator{made: 1, created: 2, shard: 3, offset: 1 << 60, stream: name}
		token, err := k.sealIterator(it)
		if err != nil {
			t.Fatal(err)
		}
		b, err := base64.StdEncoding.DecodeString(token)
		if err != nil || len(b) < 152 || len(b) > 280 || (len(b)-152)%16 != 0 || string(b[:8]) != "\x00\x00\x00\x00\x00\x00\x00\x01" || len(token) > 512 {
			t.Fatalf("%d bytes, %v", len(b), err)
		}
		for _, form := range []string{token, `"` + token + `"`} {
			if got, err := k.openPlace(iteratorToken, form); err != nil || got != it {
				t.Fatalf("got %+v, %v", got, err)
			}
		}
		if _, err := k.openPlace(shardsToken, token); !errors.Is(err, errToken) {
			t.Fatalf("an iterator is taken for a page: %v", err)
		}
		for at := range b {
			b[at] ^= 1
			if _, err := k.openPlace(iteratorToken, base64.StdEncoding.EncodeToString(b)); !errors.Is(err, errToken) {
				t.Fatalf("byte %d: %v", at, err)
			}
			b[at] ^= 1
		}
	}
}

func FuzzOpenToken(f *testing.F) {
	k := testTokens(f)
	token, err := k.sealIterator(iterator{stream: "s"})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(token)
	f.Fuzz(func(t *testing.T, s string) {
		if it, err := k.openPlace(iteratorToken, s); err == nil && it.stream != "s" {
			t.Fatalf("forged: %+v", it)
		}
	})
}

func FuzzParseARN(f *testing.F) {
	f.Add("arn:aws:kinesis:eu-west-1:123456789012:stream/s/consumer/c:1")
	f.Fuzz(func(t *testing.T, s string) {
		if a, ok := parseARN(s); ok && (!isName(a.stream) || a.consumer != "" && !isName(a.consumer)) {
			t.Fatalf("%q gives %+v", s, a)
		}
	})
}
