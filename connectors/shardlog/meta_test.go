package shardlog

import (
	"encoding/json"
	"fmt"
	"hash/crc32"
	"testing"
	"time"
)

// sealed adds the checksum that parseMeta asks for.
func sealed(body []byte) []byte {
	return fmt.Appendf(body[:len(body):len(body)], "\ncrc32c %08x\n", crc32.Checksum(body, castagnoli))
}

func FuzzParseMeta(f *testing.F) {
	m, err := newMeta(Spec{Name: "s", Shards: 3, Tags: map[string]string{"a": "b"}}, time.Unix(1, 0))
	if err != nil {
		f.Fatal(err)
	}
	body, err := json.Marshal(m)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(body)
	f.Fuzz(func(t *testing.T, body []byte) {
		if _, err := parseMeta(body); err == nil && len(body) < 20 {
			t.Fatal("a file without a checksum is taken")
		}
		m, err := parseMeta(sealed(body))
		if err == nil {
			m.info()
			m.open()
		}
	})
}
