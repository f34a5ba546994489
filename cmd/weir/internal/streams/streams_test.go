package streams

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirstream/weir/connectors/shardlog/kpl"
)

// weir runs a command and returns what it prints.
func weir(t *testing.T, in string, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	cmd := Command()
	cmd.SetArgs(args)
	cmd.SetIn(strings.NewReader(in))
	cmd.SetOut(&out)
	cmd.SetErr(io.Discard)
	err := cmd.ExecuteContext(t.Context())
	return out.String(), err
}

func ok(t *testing.T, in string, args ...string) string {
	t.Helper()
	out, err := weir(t, in, args...)
	if err != nil {
		t.Fatalf("streams %s: %v", strings.Join(args, " "), err)
	}
	return out
}

// serveFolder runs `streams serve` until the test ends and returns its URL.
func serveFolder(t *testing.T) string {
	t.Helper()
	t.Setenv("AWS_ACCESS_KEY_ID", "AKID")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	f := &serveFlags{listen: "127.0.0.1:0", durability: "fsync"}
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	addr, done := make(chan string, 1), make(chan error)
	go func() {
		done <- f.serve(ctx, dir, func(a string) error { addr <- a; return nil }, func(...any) {})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return "http://" + <-addr
}

// The commands do the same on a folder and on an endpoint.
func TestCommands(t *testing.T) {
	for name, target := range map[string]func(t *testing.T) []string{
		"folder":   func(t *testing.T) []string { return []string{"--path", t.TempDir()} },
		"endpoint": func(t *testing.T) []string { return []string{"--endpoint", serveFolder(t)} },
	} {
		t.Run(name, func(t *testing.T) {
			where := target(t)
			run := func(in string, args ...string) string {
				t.Helper()
				return ok(t, in, append(args, where...)...)
			}
			run("", "create", "orders")
			run("", "create", "other", "--on-demand")
			if got := run("", "list"); got != "orders\nother\n" {
				t.Fatalf("list: %q", got)
			}
			input := `{"user":"ann","n":1}` + "\n" + `{"user":2,"n":2}` + "\r\n\n" + `{"user":"ann","n":3}`
			run(input, "put", "orders", "--key-field", "user")
			want := `{"user":"ann","n":1}` + "\n" + `{"user":2,"n":2}` + "\n" + `{"user":"ann","n":3}` + "\n"
			if got := run("", "get", "orders"); got != want {
				t.Fatalf("get: %q", got)
			}
			run("", "split", "orders", "0")
			run("", "merge", "orders", "shardId-000000000001", "shardId-000000000002")
			run("", "scale", "orders", "2")
			run("last\n", "put", "orders", "--key", "k")
			if got := run("", "get", "orders"); got != want+"last\n" {
				t.Fatalf("get after resharding: %q", got)
			}
			if got := run("", "get", "orders", "--limit", "2", "--shard", "0"); strings.Count(got, "\n") != 2 {
				t.Fatalf("get --limit: %q", got)
			}
			var l line
			if err := json.Unmarshal([]byte(run("", "get", "orders", "--json", "--limit", "1")), &l); err != nil || l.PartitionKey != "ann" || l.Shard != "shardId-000000000000" {
				t.Fatalf("get --json: %+v, %v", l, err)
			}
			if got := run("", "get", "orders", "--shard", "0", "--from", l.SequenceNumber); strings.Count(got, "\n") != 2 {
				t.Fatalf("get --from: %q", got)
			}
			if got := run("", "tail", "orders", "-n", "1"); got != "last\n" {
				t.Fatalf("tail: %q", got)
			}
			run("", "retention", "orders", "48")
			run("", "retention", "orders", "36")
			d := run("", "describe", "orders")
			for _, want := range []string{"retention    36 h", "open shards  2", "shardId-000000000003  closed  shardId-000000000001 shardId-000000000002"} {
				if !strings.Contains(d, want) {
					t.Errorf("describe has no %q:\n%s", want, d)
				}
			}
			run("", "delete", "orders")
			if _, err := weir(t, "", append([]string{"describe", "orders"}, where...)...); err == nil {
				t.Error("a deleted stream is described")
			}
		})
	}
}

// tail -f goes on into the children of a shard that is split.
func TestFollow(t *testing.T) {
	endpoint := serveFolder(t)
	ok(t, "", "create", "s", "--endpoint", endpoint)
	ok(t, "one\ntwo\n", "put", "s", "--endpoint", endpoint)
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() {
		cmd := Command()
		cmd.SetArgs([]string{"tail", "-f", "-n", "1", "s", "--endpoint", endpoint})
		cmd.SetOut(w)
		cmd.SetErr(io.Discard)
		done <- cmd.ExecuteContext(ctx)
	}()
	expect := func(want string) {
		t.Helper()
		got := make([]byte, len(want))
		if _, err := io.ReadFull(r, got); err != nil || string(got) != want {
			t.Fatalf("got %q, want %q, %v", got, want, err)
		}
	}
	expect("two\n")
	ok(t, "", "split", "s", "0", "--endpoint", endpoint)
	ok(t, "three\n", "put", "s", "--endpoint", endpoint)
	expect("three\n")
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func TestAggregatedRecordsAreUnpacked(t *testing.T) {
	packed := kpl.Aggregate([]kpl.Record{{Key: "a", Data: []byte("1")}, {Key: "b", Data: []byte("2")}})
	var out bytes.Buffer
	p := &printer{out: &out, json: true}
	if err := p.print(unpack([]record{{seq: "7", data: packed}, {key: "c", data: []byte{0xff}}})); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"sequenceNumber":"7","subSequence":1,`, `"partitionKey":"b","data":"2"`, `"bytes":"/w=="`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %s in %s", want, out.String())
		}
	}
}

func TestMistakes(t *testing.T) {
	dir := t.TempDir()
	ok(t, "", "create", "s", "--path", dir)
	for words, args := range map[string][]string{
		"no field \"user\"":            {"put", "s", "--key-field", "user"},
		"line 2: not a JSON object":    {"put", "s", "--key-field", "a"},
		"no such stream":               {"get", "none"},
		"want oldest, newest":          {"get", "s", "--from", "noon"},
		"no such shard":                {"split", "s", "9"},
		"want a number":                {"scale", "s", "two"},
		"want 24 to 8760":              {"retention", "s", "1"},
		"AWS_ACCESS_KEY_ID":            {"list", "--endpoint", "http://127.0.0.1:1"},
		"no access keys":               {"serve"},
		"not a loopback address":       {"serve", "--no-auth", "--listen", "0.0.0.0:0"},
		"want fsync, interval or":      {"serve", "--durability", "maybe"},
		"reading access keys":          {"serve", "--credentials", "/does/not/exist"},
		"[tls-cert tls-key]":           {"serve", "--tls-cert", "x"},
		"none of the others can be;":   {"put", "s", "--key", "a", "--key-field", "b"},
		"not a sequence number":        {"get", "s", "--from", "1" + strings.Repeat("0", 90)},
		"accepts 1 arg(s), received 0": {"create"},
	} {
		t.Setenv("AWS_ACCESS_KEY_ID", "")
		if _, err := weir(t, `{"a":1}`+"\nx\n", append(args, "--path", dir)...); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%v: got %v, want %q", args, err, words)
		}
	}
}

func TestCredentialsFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "credentials")
	text := "# keys\n[default]\naws_access_key_id = A\naws_secret_access_key= s=1\n[two]\naws_access_key_id=B\naws_secret_access_key=t\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	keys, err := readCredentials(path)
	if err != nil || len(keys) != 2 || keys["A"] != "s=1" || keys["B"] != "t" {
		t.Fatalf("%v, %v", keys, err)
	}
	if err := os.WriteFile(path, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readCredentials(path); err == nil {
		t.Fatal("an empty file is taken")
	}
}
