package state

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// File is a file of a checkpoint.
type File struct {
	Name string `json:"name"` // below the checkpoint's folder
	Size int64  `json:"size"`
	Sum  uint32 `json:"crc32c"`
	New  bool   `json:"-"` // the checkpoint before did not have it
}

// Checkpoint makes dir, which must not exist, a copy of the database and of what was moved out of memory: hard links of tables and of files with moved
// rows, and a few small files. All snapshots that belong to it have been written. It lists the files with their checksums, of which only those of new ones are computed, and
// opens the gate for evictions again.
func (s *Store) Checkpoint(dir string) ([]File, error) {
	if err := s.flush(); err != nil {
		return nil, fmt.Errorf("flushing the state: %w", damaged(err))
	}
	if err := s.db.Checkpoint(dir); err != nil {
		return nil, fmt.Errorf("copying the state to %s: %w", dir, damaged(err))
	}
	if err := s.failure.err(); err != nil {
		return nil, err
	}
	if err := s.files.checkpoint(dir); err != nil {
		return nil, fmt.Errorf("copying what was moved to disk to %s: %w", dir, err)
	}
	s.epoch.Add(1)
	return s.list(dir)
}

// Abandon says that the checkpoint for which operators froze their state will not be made.
func (s *Store) Abandon() { s.epoch.Add(1) }

func (s *Store) list(dir string) ([]File, error) {
	names, err := s.fs.List(dir)
	if err != nil {
		return nil, fmt.Errorf("listing the checkpoint %s: %w", dir, err)
	}
	slices.Sort(names)
	s.mu.Lock()
	defer s.mu.Unlock()
	known := map[string]File{}
	var out []File
	for _, name := range names {
		f, ok := s.sums[name]
		if !ok || !immutable(name) {
			if f, err = s.sum(dir, name); err != nil {
				return nil, err
			}
		}
		if immutable(name) {
			known[name] = f
		}
		f.New = !ok
		out = append(out, f)
	}
	s.sums = known
	return out, nil
}

// sum gives the checksum of a file that the checkpoint before did not have.
func (s *Store) sum(dir, name string) (File, error) {
	if f, ok := s.files.sum(name); ok {
		return f, nil
	}
	return sum(s.fs, dir, name)
}

// immutable files are written once, under a number that no other gets.
func immutable(name string) bool {
	return strings.HasSuffix(name, ".sst") || strings.HasSuffix(name, coldSuffix)
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// sum computes a file's checksum.
func sum(fs vfs.FS, dir, name string) (f File, err error) {
	in, err := fs.Open(fs.PathJoin(dir, name))
	if err != nil {
		return f, fmt.Errorf("reading the checkpoint: %w", err)
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	h := crc32.New(castagnoli)
	n, err := io.CopyBuffer(h, in, make([]byte, 1<<20))
	if err != nil {
		return f, fmt.Errorf("reading %s of the checkpoint %s: %w", name, dir, err)
	}
	return File{Name: name, Size: n, Sum: h.Sum32()}, nil
}

// Verify compares the files of a checkpoint with what Checkpoint said of them. An error names the file and is ErrCorrupt.
func Verify(fs vfs.FS, dir string, files []File) error {
	if fs == nil {
		fs = vfs.Default
	}
	for _, want := range files {
		got, err := sum(fs, dir, want.Name)
		switch {
		case errors.Is(err, os.ErrNotExist):
			return corrupt("checking the checkpoint "+dir, fmt.Errorf("%s is missing", want.Name))
		case err != nil:
			return err
		case got.Size != want.Size:
			return corrupt("checking the checkpoint "+dir, fmt.Errorf("%s has %d bytes, not %d", want.Name, got.Size, want.Size))
		case got.Sum != want.Sum:
			return corrupt("checking the checkpoint "+dir, fmt.Errorf("%s has the checksum %08x, not %08x", want.Name, got.Sum, want.Sum))
		}
	}
	return nil
}

// link makes to a copy of a checkpoint: tables by hard links, the files that the database goes on writing as copies.
func link(fs vfs.FS, from, to string) error {
	names, err := fs.List(from)
	if err != nil {
		return err
	}
	if err := fs.MkdirAll(to, 0o755); err != nil {
		return err
	}
	for _, name := range names {
		a, b := fs.PathJoin(from, name), fs.PathJoin(to, name)
		if immutable(name) {
			err = vfs.LinkOrCopy(fs, a, b)
		} else {
			err = vfs.Copy(fs, a, b)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
