package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// Checkpoint is a complete checkpoint, or a savepoint, which is the same in a place of its own.
type Checkpoint struct {
	*Manifest
	Dir       string // a folder, or a URL
	Committed bool   // its sinks have committed
	files     files
}

// files is how the files of a checkpoint are read.
type files interface {
	// place is what people call a file.
	place(f File) string
	// open reads a file; the error for one that is not there has os.ErrNotExist in its chain.
	open(ctx context.Context, f File) (io.ReadCloser, error)
}

// folderFiles lie in a folder.
type folderFiles struct {
	fs  vfs.FS
	dir string
}

func (x folderFiles) place(f File) string { return under(x.fs, x.dir, f.Name) }

func (x folderFiles) open(_ context.Context, f File) (io.ReadCloser, error) {
	return x.fs.Open(x.place(f), vfs.SequentialReadsOption)
}

// Open reads the manifest of the checkpoint in a folder.
func Open(fs vfs.FS, dir string) (*Checkpoint, error) {
	path := fs.PathJoin(dir, manifestName)
	text, err := readFile(fs, path)
	if missing(err) {
		return nil, fmt.Errorf("%w in '%s': it has no file %s", errNoManifest, dir, manifestName)
	}
	if err != nil {
		return nil, fmt.Errorf("reading a checkpoint: %w", err)
	}
	m, err := Decode(path, text)
	if err != nil {
		return nil, err
	}
	c := &Checkpoint{Manifest: m, Dir: dir, files: folderFiles{fs, dir}}
	_, err = fs.Stat(fs.PathJoin(dir, committedName))
	c.Committed = err == nil
	return c, nil
}

// Find gives the checkpoint that a path means: a checkpoint's or savepoint's own folder, or a state folder, whose
// newest it is.
func Find(ctx context.Context, fs vfs.FS, path string) (*Checkpoint, error) {
	if _, err := fs.Stat(fs.PathJoin(path, manifestName)); err == nil {
		return Open(fs, path)
	}
	if _, err := fs.Stat(path); missing(err) {
		return nil, fmt.Errorf("there is no folder '%s'", path)
	}
	c, err := Newest(ctx, Look(fs, path))
	if err == nil && c == nil {
		return nil, fmt.Errorf("there is no complete checkpoint in '%s'", path)
	}
	return c, err
}

// Path is the manifest's.
func (c *Checkpoint) Path() string { return c.files.place(File{Name: manifestName}) }

// local reports whether the files are on a file system.
func (c *Checkpoint) local() bool { _, ok := c.files.(folderFiles); return ok }

// State is where the keyed state lies; "" where there is none, or where it is in an object store.
func (c *Checkpoint) State() string {
	x, ok := c.files.(folderFiles)
	if !ok || len(c.Files) == 0 {
		return ""
	}
	return x.fs.PathJoin(c.Dir, stateName)
}

// Verify reads every file and holds it against its size and checksum. The error names the first that is
// not what was written.
func (c *Checkpoint) Verify(ctx context.Context) error {
	for _, f := range c.Files {
		if err := c.copy(ctx, f, io.Discard); err != nil {
			return fmt.Errorf("verifying a checkpoint: %w", err)
		}
	}
	return nil
}

// copy reads a file, and checks it as it goes.
func (c *Checkpoint) copy(ctx context.Context, f File, to io.Writer) error {
	in, err := c.files.open(ctx, f)
	if missing(err) {
		return &DamagedError{c.files.place(f), reasonMissing}
	}
	if err != nil {
		return err
	}
	size, sum, err := copySum(to, in)
	switch err = errors.Join(err, in.Close()); {
	case err != nil:
		return fmt.Errorf("reading '%s': %w", c.files.place(f), err)
	case size != f.Size:
		return &DamagedError{c.files.place(f), fmt.Sprintf("it has %d bytes, and should have %d", size, f.Size)}
	case sum != f.Sum:
		return &DamagedError{c.files.place(f), "its checksum does not match: its contents have changed"}
	}
	return nil
}

// Export copies a checkpoint that lies in a folder to another, by hard links where that is possible: a savepoint. The
// folder must not hold anything.
func (c *Checkpoint) Export(to string) error {
	x, ok := c.files.(folderFiles)
	if !ok {
		return fmt.Errorf("internal error: '%s' is in no folder", c.Dir)
	}
	if names, err := x.fs.List(to); err == nil && len(names) > 0 {
		return fmt.Errorf("the folder '%s' is not empty: a savepoint has a folder of its own", to)
	}
	if err := c.export(x.fs, to); err != nil {
		return fmt.Errorf("writing a savepoint to '%s': %w", to, err)
	}
	return nil
}

func (c *Checkpoint) export(fs vfs.FS, to string) error {
	dirs := map[string]bool{to: true}
	if err := fs.MkdirAll(to, 0o777); err != nil {
		return err
	}
	for _, f := range c.Files {
		path := under(fs, to, f.Name)
		if dir := fs.PathDir(path); !dirs[dir] {
			dirs[dir] = true
			if err := fs.MkdirAll(dir, 0o777); err != nil {
				return err
			}
		}
		if err := copyFile(fs, under(fs, c.Dir, f.Name), path); err != nil {
			return err
		}
	}
	for dir := range dirs {
		if err := syncDir(fs, dir); err != nil {
			return err
		}
	}
	if c.Committed {
		if err := writeFile(fs, fs.PathJoin(to, committedName), nil); err != nil {
			return err
		}
	}
	text, err := c.Encode()
	if err != nil {
		return err
	}
	if err := writeFile(fs, fs.PathJoin(to, manifestName), text); err != nil {
		return err
	}
	return syncDir(fs, fs.PathDir(to))
}
