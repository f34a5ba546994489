package checkpoint

import (
	"fmt"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// Checkpoint is a complete checkpoint, or a savepoint, which is the same in a folder of its own.
type Checkpoint struct {
	*Manifest
	Dir       string
	Committed bool // its sinks have committed
	fs        vfs.FS
}

// Open reads the manifest of the checkpoint in a folder.
func Open(fs vfs.FS, dir string) (*Checkpoint, error) {
	path := fs.PathJoin(dir, manifestName)
	text, err := readFile(fs, path)
	if missing(err) {
		return nil, fmt.Errorf("there is no checkpoint in '%s': it has no file %s", dir, manifestName)
	}
	if err != nil {
		return nil, fmt.Errorf("reading a checkpoint: %w", err)
	}
	m, err := Decode(path, text)
	if err != nil {
		return nil, err
	}
	c := &Checkpoint{Manifest: m, Dir: dir, fs: fs}
	_, err = fs.Stat(fs.PathJoin(dir, committedName))
	c.Committed = err == nil
	return c, nil
}

// Find gives the checkpoint that a path means: a checkpoint's or savepoint's own folder, or a state folder, whose
// newest it is.
func Find(fs vfs.FS, path string) (*Checkpoint, error) {
	if _, err := fs.Stat(fs.PathJoin(path, manifestName)); err == nil {
		return Open(fs, path)
	}
	if _, err := fs.Stat(path); missing(err) {
		return nil, fmt.Errorf("there is no folder '%s'", path)
	}
	c, err := Look(fs, path).Newest()
	if err == nil && c == nil {
		return nil, fmt.Errorf("there is no complete checkpoint in '%s'", path)
	}
	return c, err
}

// Path is the manifest's.
func (c *Checkpoint) Path() string { return c.fs.PathJoin(c.Dir, manifestName) }

// State is where the keyed state lies; "" where there is none.
func (c *Checkpoint) State() string {
	if len(c.Files) == 0 {
		return ""
	}
	return c.fs.PathJoin(c.Dir, stateName)
}

// Verify reads every file and holds it against its size and checksum. The error names the first that is
// not what was written.
func (c *Checkpoint) Verify() error {
	for _, f := range c.Files {
		path := under(c.fs, c.Dir, f.Name)
		size, sum, err := Checksum(c.fs, path)
		switch {
		case missing(err):
			return &DamagedError{path, "the file is missing"}
		case err != nil:
			return fmt.Errorf("verifying a checkpoint: %w", err)
		case size != f.Size:
			return &DamagedError{path, fmt.Sprintf("it has %d bytes, and should have %d", size, f.Size)}
		case sum != f.Sum:
			return &DamagedError{path, "its checksum does not match: its contents have changed"}
		}
	}
	return nil
}

// Export copies the checkpoint to a folder of its own, by hard links where that is possible: a savepoint. The
// folder must not hold anything.
func (c *Checkpoint) Export(to string) error {
	if names, err := c.fs.List(to); err == nil && len(names) > 0 {
		return fmt.Errorf("the folder '%s' is not empty: a savepoint has a folder of its own", to)
	}
	if err := c.export(to); err != nil {
		return fmt.Errorf("writing a savepoint to '%s': %w", to, err)
	}
	return nil
}

func (c *Checkpoint) export(to string) error {
	dirs := map[string]bool{to: true}
	if err := c.fs.MkdirAll(to, 0o777); err != nil {
		return err
	}
	for _, f := range c.Files {
		path := under(c.fs, to, f.Name)
		if dir := c.fs.PathDir(path); !dirs[dir] {
			dirs[dir] = true
			if err := c.fs.MkdirAll(dir, 0o777); err != nil {
				return err
			}
		}
		if err := copyFile(c.fs, under(c.fs, c.Dir, f.Name), path); err != nil {
			return err
		}
	}
	for dir := range dirs {
		if err := syncDir(c.fs, dir); err != nil {
			return err
		}
	}
	if c.Committed {
		if err := writeFile(c.fs, c.fs.PathJoin(to, committedName), nil); err != nil {
			return err
		}
	}
	text, err := c.Encode()
	if err != nil {
		return err
	}
	if err := writeFile(c.fs, c.fs.PathJoin(to, manifestName), text); err != nil {
		return err
	}
	return syncDir(c.fs, c.fs.PathDir(to))
}
