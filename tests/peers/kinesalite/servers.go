package kinesalite

import (
	"bufio"
	"bytes"
	"context"
	"embed"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/weirstream/weir/tests/peers/process"
)

// version is kinesalite's.
const version = "3.3.3"

// The keys that every request is signed with.
const (
	accessKey = "123456789012"
	secretKey = "secret"
)

//go:embed kinesalite.mjs
var script embed.FS

// server is a running process that answers Kinesis requests.
type server struct {
	name   string
	addr   string
	cmd    *exec.Cmd
	cancel context.CancelFunc
}

// stop ends the process, politely first.
func (s *server) stop() error {
	s.cancel()
	err := s.cmd.Wait()
	if s.cmd.ProcessState != nil { // that it ended by our signal is no failure
		return nil
	}
	return err
}

// cpu is what the process has used.
func (s *server) cpu() (time.Duration, error) { return process.ID(s.cmd.Process.Pid).CPU() }

// start starts a program that prints "listening on ADDRESS" first.
func start(ctx context.Context, name string, stdin io.Reader, env []string, program string, args ...string) (*server, error) {
	ctx, cancel := context.WithCancel(ctx)
	s := &server{name: name, cmd: exec.CommandContext(ctx, program, args...), cancel: cancel}
	s.cmd.Cancel = func() error { return s.cmd.Process.Signal(os.Interrupt) }
	s.cmd.WaitDelay = 15 * time.Second
	s.cmd.Env = append(os.Environ(), env...)
	s.cmd.Stdin = stdin
	var stderr bytes.Buffer
	s.cmd.Stderr = &stderr
	stdout, err := s.cmd.StdoutPipe()
	if err == nil {
		err = s.cmd.Start()
	}
	if err != nil {
		cancel()
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	addr, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if err != nil || !ok {
		cancel()
		return nil, fmt.Errorf("starting %s: it said %q, want \"listening on …\" (%w)\n%s", name, line, s.cmd.Wait(), stderr.String())
	}
	s.addr = addr
	return s, nil
}

// startWeir builds the program of this tree and serves an empty folder, as a user would.
func startWeir(ctx context.Context, dir string) (*server, error) {
	path := filepath.Join(dir, "weir")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", path, "github.com/weirstream/weir/cmd/weir").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building weir: %w\n%s", err, out)
	}
	return start(ctx, "weir", nil, []string{"AWS_ACCESS_KEY_ID=" + accessKey, "AWS_SECRET_ACCESS_KEY=" + secretKey},
		path, "streams", "serve", "--path", filepath.Join(dir, "streams"), "--listen", "127.0.0.1:0", "--state-delay", "20ms")
}

// startNull starts this program again as the server that does nothing.
func startNull(ctx context.Context, answer []byte) (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return start(ctx, "nothing", bytes.NewReader(answer), nil, self, NullCommand)
}

// installation is a folder with kinesalite in it.
type installation struct{ dir string }

// make installs kinesalite from npm, once.
func (in installation) make(ctx context.Context, log io.Writer) error {
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			return fmt.Errorf("%w: %s is not installed", ErrMissing, tool)
		}
	}
	done := filepath.Join(in.dir, "installed")
	if _, err := os.Stat(done); err == nil {
		return nil
	}
	if _, err := fmt.Fprintf(log, "installing kinesalite %s into %s\n", version, in.dir); err != nil {
		return err
	}
	if err := os.MkdirAll(in.dir, 0o755); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", in.dir, "kinesalite@"+version)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: installing it with npm: %w\n%s", ErrMissing, err, out)
	}
	return os.WriteFile(done, nil, 0o644)
}

func (in installation) start(ctx context.Context) (*server, error) {
	text, err := script.ReadFile("kinesalite.mjs")
	if err != nil {
		return nil, err
	}
	path := filepath.Join(in.dir, "kinesalite.mjs") // beside node_modules, where imports are looked for
	if err := os.WriteFile(path, text, 0o644); err != nil {
		return nil, err
	}
	return start(ctx, "kinesalite", nil, nil, "node", "--no-warnings", path)
}
