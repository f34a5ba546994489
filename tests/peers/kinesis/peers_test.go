package kinesis

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weirstream/weir/connectors/shardlog"
	"github.com/weirstream/weir/connectors/shardlog/kinesis"
)

const (
	awscliVersion = "1.46.3"
	boto3Version  = "1.44.5"
	jsVersion     = "3.1143.0"
)

// peersDir is where clients are installed, once.
func peersDir(t *testing.T) string {
	t.Helper()
	if os.Getenv("WEIR_PEERS") != "1" {
		t.Skip("real clients are installed and run only with WEIR_PEERS=1")
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(cache, "weir-peers", "kinesis")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// needs skips when a program is not installed.
func needs(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Skipf("%s is not installed: %v", program, err)
	}
}

// run runs a program with the test's keys in its environment and returns what it prints.
func run(t *testing.T, dir, program string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID=123456789012", "AWS_SECRET_ACCESS_KEY=secret", "AWS_DEFAULT_REGION=eu-west-1",
		"AWS_PAGER=", "AWS_EC2_METADATA_DISABLED=true", "AWS_MAX_ATTEMPTS=1")
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %s: %v\n%s%s", program, strings.Join(args, " "), err, out.String(), errOut.String())
	}
	return out.String()
}

// install runs f unless an earlier run finished it.
func install(t *testing.T, dir, name string, f func()) {
	t.Helper()
	done := filepath.Join(dir, name+".installed")
	if _, err := os.Stat(done); err == nil {
		return
	}
	f()
	if err := os.WriteFile(done, nil, 0o644); err != nil {
		t.Fatal(err)
	}
}

// serve runs a server on loopback until the test ends and returns its URL.
func serve(t *testing.T) string {
	t.Helper()
	l, err := shardlog.Open(t.TempDir(), shardlog.Options{StateDelay: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return "http://" + serveLog(t, l)
}

// serveLog is serve for a log that is open, over TLS when certificates are given; it returns the address.
func serveLog(t *testing.T, l *shardlog.Log, certs ...tls.Certificate) string {
	t.Helper()
	s, err := kinesis.New(l, kinesis.Config{Credentials: map[string]string{"123456789012": "secret"}})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- s.Serve(ctx, ln, 10*time.Second, certs...) }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-done, l.Close()); err != nil {
			t.Error(err)
		}
	})
	return ln.Addr().String()
}

func agrees(t *testing.T, out string) {
	t.Helper()
	if !strings.HasSuffix(strings.TrimSpace(out), "peer agrees") {
		t.Fatalf("the client printed %s", out)
	}
}

// python makes the virtual environment and returns its bin folder.
func python(t *testing.T) string {
	dir := peersDir(t)
	needs(t, "python3")
	venv := filepath.Join(dir, "venv")
	install(t, dir, "venv", func() {
		run(t, dir, "python3", "-m", "venv", venv)
		run(t, dir, filepath.Join(venv, "bin", "pip"), "install", "-q", "awscli=="+awscliVersion, "boto3=="+boto3Version)
	})
	return filepath.Join(venv, "bin")
}

// cliSession is what users type, word for word.
func cliSession(t *testing.T, aws, data string) {
	url := serve(t)
	call := func(args ...string) string {
		t.Helper()
		return run(t, t.TempDir(), aws, append([]string{"--endpoint-url", url, "--output", "text", "kinesis"}, args...)...)
	}
	call("create-stream", "--stream-name", "MyTestStream", "--shard-count", "3")
	call("wait", "stream-exists", "--stream-name", "MyTestStream")
	placed := strings.Fields(call("put-record", "--stream-name", "MyTestStream", "--partition-key", "1", "--data", data, "--query", "[ShardId,SequenceNumber]"))
	if len(placed) != 2 || len(placed[1]) != 56 {
		t.Fatalf("put-record: %q", placed)
	}
	it := strings.TrimSpace(call("get-shard-iterator", "--stream-name", "MyTestStream", "--shard-id", placed[0], "--shard-iterator-type", "TRIM_HORIZON", "--query", "ShardIterator"))
	got := strings.TrimSpace(call("get-records", "--shard-iterator", it, "--query", "Records[0].Data"))
	if got != base64.StdEncoding.EncodeToString([]byte("hello\n")) {
		t.Fatalf("get-records: %q", got)
	}
	call("split-shard", "--stream-name", "MyTestStream", "--shard-to-split", "shardId-000000000000", "--new-starting-hash-key", "10")
	if names := call("list-streams", "--query", "StreamNames"); strings.TrimSpace(names) != "MyTestStream" {
		t.Fatalf("list-streams: %q", names)
	}
	if summary := call("describe-stream-summary", "--stream-name", "MyTestStream"); !strings.Contains(summary, "stream/MyTestStream") {
		t.Fatalf("describe-stream-summary: %q", summary)
	}
}

func TestAWSCLI1(t *testing.T) {
	aws := filepath.Join(python(t), "aws")
	cliSession(t, aws, "hello\n") // version 1 takes data as it is
}

func TestAWSCLI2(t *testing.T) {
	peersDir(t)
	for _, aws := range []string{"/usr/bin/aws", "/usr/local/bin/aws"} {
		out, err := exec.Command(aws, "--version").CombinedOutput()
		if err == nil && strings.HasPrefix(string(out), "aws-cli/2") {
			cliSession(t, aws, base64.StdEncoding.EncodeToString([]byte("hello\n")))
			return
		}
	}
	t.Skip("the AWS CLI 2 is not installed: apt-get install awscli, or AWS's bundle")
}

func TestBoto3(t *testing.T) {
	bin := python(t)
	agrees(t, run(t, ".", filepath.Join(bin, "python"), "testdata/boto.py", serve(t)))
}

func TestJavaScriptSDK(t *testing.T) {
	dir := peersDir(t)
	needs(t, "npm")
	install(t, dir, "js", func() {
		run(t, dir, "npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", dir, "@aws-sdk/client-kinesis@"+jsVersion)
	})
	script := copyTo(t, dir, "client.mjs") // beside node_modules, where imports are looked for
	agrees(t, run(t, dir, "node", "--no-warnings", script, serve(t)))
}

func TestJavaSDK(t *testing.T) {
	agrees(t, run(t, ".", "java", "-cp", jars(t, "java", "pom.xml"), "testdata/Peer.java", serve(t)))
}

func copyTo(t *testing.T, dir, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}
