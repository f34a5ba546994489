//go:build unix

package state_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/weirstream/weir/state"
)

// holding has the test's binary be the process that has a folder, until it is killed.
const holding = "WEIR_TEST_HOLD_SCRATCH"

// TestHoldScratch is that process.
func TestHoldScratch(t *testing.T) {
	if os.Getenv(holding) == "" {
		t.Skip("it is run by TestScratchOfKilledProcess")
	}
	s, err := state.NewScratch()
	check(t, err)
	check(t, os.WriteFile(filepath.Join(s.Dir, "rows"), []byte("some"), 0o600))
	fmt.Println(s.Dir)
	_, err = io.Copy(io.Discard, os.Stdin)
	check(t, errors.Join(err, s.Close()))
}

// TestScratchOfKilledProcess kills a process: its folder stays, until another makes one. Those of processes that live, and whatever else lies there, are left alone.
func TestScratchOfKilledProcess(t *testing.T) {
	root := t.TempDir()
	t.Setenv("TMPDIR", root)
	t.Setenv(holding, "1")
	var dirs []string
	var children []*exec.Cmd
	for range 2 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestHoldScratch$")
		_, err := cmd.StdinPipe() // never closed: it lives until it is killed
		check(t, err)
		out, err := cmd.StdoutPipe()
		check(t, err)
		check(t, cmd.Start())
		t.Cleanup(func() { _, _ = cmd.Process.Kill(), cmd.Wait() })
		line := bufio.NewScanner(out)
		if !line.Scan() {
			t.Fatalf("the process gives nothing: %v", line.Err())
		}
		children, dirs = append(children, cmd), append(dirs, line.Text())
	}
	there := func(path string) bool {
		_, err := os.Lstat(path)
		return err == nil
	}
	foreign := filepath.Join(root, "weir-scratch-mine")
	check(t, os.Mkdir(foreign, 0o700))
	target, link := filepath.Join(t.TempDir(), "target"), filepath.Join(root, "weir-scratch-1")
	check(t, os.Mkdir(target, 0o700))
	check(t, os.Symlink(target, link))

	first, err := state.NewScratch()
	check(t, err)
	if !there(dirs[0]) || !there(dirs[1]) {
		t.Error("the folder of a process that lives is removed")
	}
	check(t, children[0].Process.Kill())
	_ = children[0].Wait()
	if !there(dirs[0]) {
		t.Fatal("the process has removed its folder, although it was killed")
	}
	second, err := state.NewScratch()
	check(t, err)
	if there(dirs[0]) {
		t.Error("the folder of a process that was killed is still there")
	}
	for _, path := range []string{dirs[1], first.Dir, second.Dir, foreign, link, target} {
		if !there(path) {
			t.Errorf("%s is removed", path)
		}
	}
	check(t, first.Close())
	check(t, second.Close())
	if there(first.Dir) || there(second.Dir) {
		t.Error("folders are there that have been let go")
	}
}

// TestScratchesAtOnce makes folders while others are swept: none that is given is removed.
func TestScratchesAtOnce(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 30 {
				s, err := state.NewScratch()
				if err != nil {
					t.Error(err)
					return
				}
				if err := os.WriteFile(filepath.Join(s.Dir, "rows"), []byte("some"), 0o600); err != nil {
					t.Error(err)
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}
