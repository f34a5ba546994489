package kinesis

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/weirstream/weir/connectors/shardlog"
	"github.com/weirstream/weir/connectors/shardlog/kpl"
	"github.com/weirstream/weir/tests/tlstest"
)

const motoVersion = "5.2.5"

// jars installs what a pom of testdata asks for, and returns the class path.
func jars(t *testing.T, name, pom string) string {
	t.Helper()
	dir := peersDir(t)
	needs(t, "mvn")
	needs(t, "java")
	lib := filepath.Join(dir, name)
	install(t, dir, name, func() {
		path, err := filepath.Abs(filepath.Join("testdata", pom))
		if err != nil {
			t.Fatal(err)
		}
		run(t, dir, "mvn", "-q", "-B", "-f", path, "dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory="+lib)
	})
	return filepath.Join(lib, "*")
}

// moto runs an emulator of other AWS services on loopback until the test ends, and returns its port.
func moto(t *testing.T, flags ...string) int {
	t.Helper()
	dir := peersDir(t)
	needs(t, "python3")
	venv := filepath.Join(dir, "moto")
	install(t, dir, "moto", func() {
		run(t, dir, "python3", "-m", "venv", venv)
		run(t, dir, filepath.Join(venv, "bin", "pip"), "install", "-q", "moto[server]=="+motoVersion)
	})
	port := freePort(t)
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, filepath.Join(venv, "bin", "moto_server"), append([]string{"-H", "127.0.0.1", "-p", strconv.Itoa(port)}, flags...)...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil && ctx.Err() == nil {
			t.Error(err)
		}
	})
	for {
		conn, err := net.Dial("tcp", fmt.Sprint("127.0.0.1:", port))
		if err == nil {
			if err := conn.Close(); err != nil {
				t.Error(err)
			}
			return port
		}
		select {
		case err := <-ended:
			ended <- nil
			t.Fatalf("moto_server has ended: %v", err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := ln.Close(); err != nil {
		t.Fatal(err)
	}
	return ln.Addr().(*net.TCPAddr).Port
}

// The Kinesis Client Library reads each record once and in order, through a reshard. DynamoDB is moto's.
func TestKCL(t *testing.T) {
	lib := jars(t, "kcl", "kcl.xml")
	leases := fmt.Sprint("http://127.0.0.1:", moto(t))
	for _, retrieval := range []string{"polling", "fanout"} {
		t.Run(retrieval, func(t *testing.T) {
			agrees(t, run(t, ".", "java", "-XX:TieredStopAtLevel=1", "-cp", lib, "testdata/Kcl.java", serve(t), leases, retrieval))
		})
	}
}

// The Kinesis Producer Library packs records, and what it packed is unpacked here. It keeps no order, not within what it packs
// either, and a request that it holds for lost is sent again: it promises that all records come. STS is moto's.
func TestKPL(t *testing.T) {
	lib := jars(t, "kpl", "kpl.xml")
	cert := tlstest.SelfSigned(t)
	sts := moto(t, "-s", "-c", cert.CertFile, "-k", cert.KeyFile)
	l, err := shardlog.Open(t.TempDir(), shardlog.Options{})
	if err != nil {
		t.Fatal(err)
	}
	addr := serveLog(t, l, cert.Server)
	st, err := l.Create(shardlog.Spec{Name: "kpl", Shards: 2})
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	agrees(t, run(t, ".", "java", "-XX:TieredStopAtLevel=1", "-cp", lib, "testdata/Kpl.java", port, strconv.Itoa(sts)))
	packed, seen := 0, map[int]bool{}
	for _, info := range st.Shards() {
		for b, next := (shardlog.Batch{}), uint64(0); ; next = b.Next {
			if err := st.Read(info.ID, next, shardlog.Limits{}, &b); err != nil {
				t.Fatal(err)
			}
			if len(b.Records) == 0 {
				break
			}
			for _, r := range b.Records {
				users, ok := kpl.Deaggregate(nil, r.Data)
				if ok {
					packed++
				} else {
					users = []kpl.Record{{Key: string(r.Key), Data: r.Data}}
				}
				for _, u := range users {
					n, err := strconv.Atoi(string(u.Data))
					if err != nil || u.Key != fmt.Sprint("k", n%5) {
						t.Fatalf("key %s: %q, %v", u.Key, u.Data, err)
					}
					seen[n] = true
				}
			}
		}
	}
	if len(seen) != 1000 || packed == 0 {
		t.Errorf("%d records, %d packed", len(seen), packed)
	}
}

// curl asks for HTTP/2 by upgrade.
func TestCurlUpgrade(t *testing.T) {
	peersDir(t)
	needs(t, "curl")
	url := serve(t)
	call := func(action, body string) string {
		return run(t, ".", "curl", "-s", "--http2", "-o", "/dev/null", "-w", "%{http_version} %{http_code}", "--aws-sigv4", "aws:amz:eu-west-1:kinesis", "--user", "123456789012:secret",
			"-H", "Content-Type: application/x-amz-json-1.1", "-H", "X-Amz-Target: Kinesis_20131202."+action, "--data", body, url)
	}
	if got := call("CreateStream", `{"StreamName":"s","ShardCount":1}`); got != "2 200" {
		t.Errorf("CreateStream: %s", got)
	}
	if got := call("DescribeStream", `{"StreamName":"none"}`); got != "2 400" {
		t.Errorf("DescribeStream: %s", got)
	}
}
