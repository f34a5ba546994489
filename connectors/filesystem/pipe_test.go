//go:build unix

package filesystem

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirstream/weir/connectors"
)

// TestPipe reads a FIFO whose writer comes late and writes in pieces.
func TestPipe(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip("no FIFOs here:", err)
	}
	tab := table(dir, map[string]string{"path": "pipe"})
	s := mustSource(t, tab, nil)
	splits, err := s.Splits(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	wrote := make(chan error)
	go func() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		for i := 0; i < 3 && err == nil; i++ {
			if _, err = f.WriteString(row(i)[:5]); err == nil {
				_, err = f.WriteString(row(i)[5:])
			}
		}
		if err == nil {
			err = f.Close()
		}
		wrote <- err
	}()
	rows, _, err := readSplit(t, s, connectors.ReadRequest{Split: splits[0], Columns: tab.Columns}, 100, -1)
	if d := cmp.Diff([]string{"0,n0", "1,n1", "2,n2"}, rows); d != "" || err != nil {
		t.Errorf("error %v, rows %s", err, d)
	}
	if err := <-wrote; err != nil {
		t.Error(err)
	}
}

// TestPipeClosedEarly closes a FIFO that nobody ever writes to.
func TestPipeClosedEarly(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip("no FIFOs here:", err)
	}
	tab := table(dir, map[string]string{"path": "pipe"})
	s := mustSource(t, tab, nil)
	splits, err := s.Splits(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Open(context.Background(), connectors.ReadRequest{Split: splits[0], Columns: tab.Columns})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Read(batchOf(tab.Columns), 1); err != connectors.ErrNoData {
		t.Errorf("error %v", err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	// The goroutine still waits for a writer; let it go.
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}
