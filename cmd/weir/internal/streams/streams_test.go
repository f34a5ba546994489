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
	"time"

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
func serveFolder(t *testing.T, stateDelay time.Duration) string {
	t.Helper()
	t.Setenv("AWS_ACCESS_KEY_ID", "AKID")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	f := &serveFlags{listen: "127.0.0.1:0", durability: "fsync", stateDelay: stateDelay}
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
		"endpoint": func(t *testing.T) []string { return []string{"--endpoint", serveFolder(t, 0)} },
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
	endpoint := serveFolder(t, 0)
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

// A folder that is followed is closed to all others, which is said.
func TestFollowAFolder(t *testing.T) {
	dir := t.TempDir()
	ok(t, "", "create", "s", "--path", dir)
	ok(t, "one\n", "put", "s", "--path", dir)
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	var said bytes.Buffer
	done := make(chan error, 1)
	go func() {
		cmd := Command()
		cmd.SetArgs([]string{"tail", "-f", "s", "--path", dir})
		cmd.SetOut(w)
		cmd.SetErr(&said)
		done <- cmd.ExecuteContext(ctx)
	}()
	got := make([]byte, len("one\n"))
	if _, err := io.ReadFull(r, got); err != nil || string(got) != "one\n" {
		t.Fatalf("%q, %v", got, err)
	}
	mistakes(t, map[string][]string{"folder is in use by another process": {"put", "s"}}, "--path", dir)
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if !strings.Contains(said.String(), "nobody can write to "+dir) {
		t.Errorf("said %q", said.String())
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

// mistakes are commands that are refused, by what is said.
func mistakes(t *testing.T, cases map[string][]string, where ...string) {
	t.Helper()
	for words, args := range cases {
		if _, err := weir(t, `{"a":1}`+"\nx\n", append(args, where...)...); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%v: got %v, want %q", args, err, words)
		}
	}
}

func TestMistakes(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	ok(t, "", "create", "s", "--path", dir)
	mistakes(t, map[string][]string{
		"no field \"user\"":                              {"put", "s", "--key-field", "user"},
		"line 2: not a JSON object":                      {"put", "s", "--key-field", "a"},
		"(1 records are stored)":                         {"put", "s", "--key-field", "a"},
		"no such stream: none in " + dir:                 {"get", "none"},
		"weir streams list shows":                        {"put", "none"},
		"2999-01-01T00:00:00Z is in the future":          {"get", "s", "--from", "2999-01-01T00:00:00Z"},
		"want oldest, newest":                            {"get", "s", "--from", "noon"},
		"no such shard: shardId-000000000009":            {"split", "s", "9"},
		"stream s: no such shard: shardId-000000000007":  {"get", "s", "--shard", "7"},
		"weir streams describe shows":                    {"merge", "s", "0", "1"},
		"\"first\"":                                      {"split", "s", "first"},
		"not a hash key":                                 {"split", "s", "0", "--at", "x"},
		"is not inside":                                  {"split", "s", "0", "--at", "0"},
		"want a number from 1 to 100000":                 {"scale", "s", "two"},
		"\"4294967298\": want":                           {"scale", "s", "4294967298"},
		"from 1 shards to 5":                             {"scale", "s", "5"},
		"hours of retention \"1\": want":                 {"retention", "s", "1"},
		"--shards \"0\"":                                 {"create", "t", "--shards", "0"},
		"already there":                                  {"create", "s"},
		"stream name \"a b\"":                            {"create", "a b"},
		"--limit -1":                                     {"get", "s", "--limit", "-1"},
		"--lines -1":                                     {"tail", "s", "-n", "-1"},
		"no access keys":                                 {"serve"},
		"not a loopback address":                         {"serve", "--no-auth", "--listen", "0.0.0.0:0"},
		"want fsync, interval or":                        {"serve", "--durability", "maybe"},
		"--sync-interval -1s: want more than 0":          {"serve", "--durability", "interval", "--sync-interval", "-1s"},
		"--state-delay -1s: want 0 or more":              {"serve", "--state-delay", "-1s"},
		"reading access keys":                            {"serve", "--credentials", "/does/not/exist"},
		"[tls-cert tls-key]":                             {"serve", "--tls-cert", "x"},
		"loading the certificate":                        {"serve", "--no-auth", "--tls-cert", "x", "--tls-key", "y"},
		"[key key-field] are set none of the others":     {"put", "s", "--key", "a", "--key-field", "b"},
		"[shards on-demand] are set none of the others":  {"create", "u", "--shards", "2", "--on-demand"},
		"not a sequence number":                          {"get", "s", "--from", "1" + strings.Repeat("0", 90)},
		"accepts 1 arg(s), received 0":                   {"create"},
		"[path endpoint] are set none of the others can": {"list", "--endpoint", "http://127.0.0.1:1"},
	}, "--path", dir)
	mistakes(t, map[string][]string{"AWS_ACCESS_KEY_ID": {"list"}, "--listen says which": {"serve"}}, "--endpoint", "http://127.0.0.1:1")
	none := filepath.Join(dir, "none")
	mistakes(t, map[string][]string{"no shard log in " + none: {"list"}}, "--path", none)
	if _, err := os.Stat(none); err == nil {
		t.Error("a command that reads has made a folder")
	}
}

func TestMistakesAtAnEndpoint(t *testing.T) {
	endpoint := serveFolder(t, 20*time.Millisecond)
	ok(t, "", "create", "s", "--endpoint", endpoint)
	mistakes(t, map[string][]string{
		"ResourceNotFoundException: Stream none under":             {"get", "none"},
		"up to line 2: ResourceNotFoundException":                  {"put", "none"},
		"ResourceNotFoundException: Could not find shard":          {"split", "s", "9", "--at", "7"},
		"no such shard: 9 in stream s":                             {"split", "s", "9"},
		"InvalidArgumentException: NewStartingHashKey":             {"split", "s", "0", "--at", "0"},
		"ValidationException":                                      {"split", "s", "0", "--at", "x"},
		"LimitExceededException: UpdateShardCount cannot scale up": {"scale", "s", "5"},
		"ResourceInUseException: Stream s under":                   {"create", "s"},
		"no such shard":                                            {"get", "s", "--shard", "7"},
		"is in the future":                                         {"get", "s", "--from", "2999-01-01T00:00:00Z"},
	}, "--endpoint", endpoint)
	mistakes(t, map[string][]string{"http://127.0.0.1:1 does not answer": {"list"}}, "--endpoint", "http://127.0.0.1:1")
	for _, bad := range []string{"127.0.0.1:4566", "ftp://x", "http://", "%"} {
		mistakes(t, map[string][]string{"want a URL like": {"list"}}, "--endpoint", bad)
	}
	t.Setenv("AWS_SECRET_ACCESS_KEY", "other")
	mistakes(t, map[string][]string{"AWS_SECRET_ACCESS_KEY must be the server's": {"list"}}, "--endpoint", endpoint)
	t.Setenv("AWS_ACCESS_KEY_ID", "other")
	mistakes(t, map[string][]string{"AWS_ACCESS_KEY_ID is none of the server's": {"list"}}, "--endpoint", endpoint)
}

// Where states take their time, a command returns when its change has taken effect: the next one finds it done.
func TestChangesWaitForTheirEffect(t *testing.T) {
	where := []string{"--endpoint", serveFolder(t, 50*time.Millisecond)}
	for _, args := range [][]string{
		{"create", "s"}, {"split", "s", "0"}, {"merge", "s", "1", "2"}, {"scale", "s", "2"}, {"retention", "s", "48"}, {"delete", "s"}, {"create", "s"},
	} {
		ok(t, "", append(args, where...)...)
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
	for text, words := range map[string]string{
		"":                         "holds no access keys",
		"[sso]\nsso_session = x\n": "holds no access keys",
		"[a]\nnothing":             "line 2: want NAME = VALUE",
		"[a]\naws_access_key_id=A\n[b]\naws_secret_access_key=hush":                                               "profile at line 1 has one of",
		"[a]\naws_access_key_id=A\naws_secret_access_key=s\n[b]\naws_secret_access_key=hush":                      "profile at line 4 has one of",
		"[a]\naws_access_key_id=A\naws_secret_access_key=s\n[b]\naws_access_key_id=A\naws_secret_access_key=hush": "another secret for the access key A",
		"aws_access_key_id=" + strings.Repeat("x", 1<<17):                                                         "token too long",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := readCredentials(path); err == nil || !strings.Contains(err.Error(), words) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%.40q: got %v, want %q", text, err, words)
		}
	}
}

func FuzzCredentials(f *testing.F) {
	f.Add("# keys\n[default]\naws_access_key_id = A\naws_secret_access_key= s=1\n[two]\naws_access_key_id=B\naws_secret_access_key=t\n")
	f.Add("\ufeff[a]\r\naws_access_key_id=A\r\naws_secret_access_key=hush\r\nregion")
	f.Fuzz(func(t *testing.T, text string) {
		keys, err := parseCredentials(strings.NewReader(text))
		if err != nil {
			return
		}
		for id, secret := range keys {
			if id == "" || secret == "" || !strings.Contains(text, id) || !strings.Contains(text, secret) {
				t.Fatalf("%q gives %q", text, keys)
			}
		}
	})
}

func FuzzParseStart(f *testing.F) {
	f.Add("2026-11-23T10:00:00Z")
	f.Add("49590338271490256608559692538361571095921575989136588802")
	f.Fuzz(func(t *testing.T, text string) {
		if s, err := parseStart(text); err == nil && s.kind == afterSequence && s.seq != text {
			t.Fatalf("%q gives %+v", text, s)
		}
	})
}
