package shardlog

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"
)

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

// A staging's state with any content behind a good checksum: the log opens with it, or says that it is damaged.
func FuzzStagingState(f *testing.F) {
	f.Add([]byte(`{"Version":1,"Owner":"job","Epoch":2,"Lanes":{"0":{"Done":3}},"Intent":{"Lane":"0","From":3,"To":5,"Shards":[{"Shard":0,"First":1,"Count":2}]}}`))
	f.Add([]byte(`{"Version":1,"Owner":"job","Intent":{"Lane":"../x","From":3,"To":1,"Shards":[{"Shard":-9,"First":18446744073709551615,"Count":-2}]}}`))
	f.Fuzz(func(t *testing.T, state []byte) {
		dir := t.TempDir()
		l, st := openStream(t, dir, 2)
		put(t, st, "k", "a")
		owned := stagingDir(st, "job")
		must(t, l.Close(), os.MkdirAll(owned, 0o755), os.WriteFile(filepath.Join(owned, stateName), sealed(state), 0o600))
		l, err := Open(dir, Options{Durability: None})
		if err != nil {
			return // refused: damaged or of another format
		}
		st, err = l.Stream("s")
		must(t, err)
		must(t, st.Fence("job"))
		put(t, st, "k", "b")
		must(t, l.Close())
	})
}

func FuzzIDs(f *testing.F) {
	f.Add("shardId-000000000003")
	f.Add("340282366920938463463374607431768211455")
	f.Fuzz(func(t *testing.T, s string) {
		if id, err := ParseShardID(s); err == nil {
			if again, err := ParseShardID(id.String()); err != nil || again != id {
				t.Fatalf("shard %q: %v, then %v, %v", s, id, again, err)
			}
		}
		if k, err := ParseHashKey(s); err == nil && k.String() != s {
			t.Fatalf("hash key %q: %v", s, k)
		}
	})
}
