package s3test

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// Program is a server of S3 by others. Tests against it are left out where it is not installed.
type Program struct {
	Name    string
	Install string // how
	args    func(addr, dir string) []string

	once sync.Once
	url  string
	err  error
	stop func()
}

// Keys of the programs.
const (
	AccessKey = "weirtest"
	SecretKey = "weirtestsecret"
)

// Bucket is in every program.
const Bucket = "states"

// Programs are the servers that tests run against. Of them only versitygw checks signatures.
var Programs = []*Program{
	{
		Name: "versitygw", Install: "go install github.com/versity/versitygw/cmd/versitygw@v1.8.0",
		args: func(addr, dir string) []string {
			return []string{"--port", addr, "posix", "--sidecar", filepath.Join(dir, "meta"), filepath.Join(dir, "data")}
		},
	},
	{
		Name: "moto_server", Install: "pip install 'moto[server]==5.2.5'",
		args: func(addr, _ string) []string {
			host, port, _ := net.SplitHostPort(addr)
			return []string{"-H", host, "-p", port}
		},
	},
}

// Versity is the program that is nearest to AWS's own.
func Versity() *Program { return Programs[0] }

// Start starts the server, once for all tests of a process, and gives its URL. A TestMain ends it with Stop.
func (p *Program) Start(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath(p.Name)
	if err != nil {
		t.Skipf("%s is not installed: %s", p.Name, p.Install)
	}
	if p.once.Do(func() { p.err = p.start(path) }); p.err != nil {
		t.Fatal(p.err)
	}
	return p.url
}

// Stop ends the programs that were started.
func Stop() {
	for _, p := range Programs {
		if p.stop != nil {
			p.stop()
		}
	}
}

func (p *Program) start(path string) error {
	dir, err := os.MkdirTemp("", "weir-s3-")
	if err != nil {
		return err
	}
	for _, sub := range []string{"meta", filepath.Join("data", Bucket)} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return err
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		return err
	}
	cmd := exec.Command(path, p.args(addr, dir)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+AccessKey, "ROOT_SECRET_KEY="+SecretKey)
	if err := cmd.Start(); err != nil {
		return err
	}
	p.stop = func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = os.RemoveAll(dir)
	}
	p.url = "http://" + addr
	for range 600 {
		if c, err := net.Dial("tcp", addr); err == nil {
			_ = c.Close()
			return p.bucket()
		}
		time.Sleep(50 * time.Millisecond)
	}
	return fmt.Errorf("%s does not listen", p.Name)
}

// bucket makes the bucket where a folder does not make it.
func (p *Program) bucket() error {
	req, err := http.NewRequest(http.MethodPut, p.url+"/"+Bucket, http.NoBody)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req) // versitygw has it, and refuses this
	if err != nil {
		return err
	}
	return res.Body.Close()
}
