package checkpoint

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// objectFiles lie in an object store.
type objectFiles struct {
	o   Objects
	dir string // "", or with a slash at its end
}

func (x objectFiles) key(f File) string {
	if f.Shared != "" {
		return f.Shared
	}
	return x.dir + f.Name
}

func (x objectFiles) place(f File) string { return x.o.Place(x.key(f)) }

func (x objectFiles) open(ctx context.Context, f File) (io.ReadCloser, error) {
	body, _, err := x.o.Get(ctx, x.key(f))
	return body, err
}

// openAt reads the manifest of the checkpoint at a place in an object store.
func openAt(ctx context.Context, o Objects, dir string) (*Checkpoint, error) {
	x := objectFiles{o, dir}
	text, _, err := getObject(ctx, o, dir+manifestName)
	if missing(err) {
		return nil, fmt.Errorf("%w in '%s': it has no object %s", errNoManifest, o.Place(dir), manifestName)
	}
	if err != nil {
		return nil, fmt.Errorf("reading a checkpoint: %w", err)
	}
	m, err := Decode(o.Place(dir+manifestName), text)
	if err != nil {
		return nil, err
	}
	return &Checkpoint{Manifest: m, Dir: o.Place(dir), files: x}, nil
}

// getObject reads a small object whole.
func getObject(ctx context.Context, o Objects, key string) (text []byte, tag string, err error) {
	err = retry(ctx, func() error {
		var body io.ReadCloser
		if body, tag, err = o.Get(ctx, key); err != nil {
			return final{err} // it has been tried again
		}
		text, err = io.ReadAll(body)
		return errors.Join(err, body.Close())
	})
	return text, tag, err
}

// final is an error that no further attempt mends.
type final struct{ error }

func (e final) Unwrap() error { return e.error }

// reads is how often an object is read whose contents break off.
const reads = 4

// retry calls f until it gives no error, or one that is final, at most so often.
func retry(ctx context.Context, f func() error) error {
	for try := 1; ; try++ {
		err := f()
		var last final
		if errors.As(err, &last) {
			return last.error
		}
		if err == nil || try == reads || ctx.Err() != nil {
			return err
		}
		select {
		case <-time.After(time.Duration(try) * 100 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

// Fetch gives a checkpoint with its files in a folder: those that are there already, and are what they should be, are not read
// again. One that lies on a file system is given as it is.
func (c *Checkpoint) Fetch(ctx context.Context, fs vfs.FS, dir string) (*Checkpoint, error) {
	if c.local() {
		return c, nil
	}
	out, err := c.fetch(ctx, fs, dir)
	if err != nil {
		return nil, fmt.Errorf("fetching the checkpoint '%s': %w", c.Dir, err)
	}
	return out, nil
}

func (c *Checkpoint) fetch(ctx context.Context, fs vfs.FS, dir string) (*Checkpoint, error) {
	to := folderFiles{fs, dir}
	if err := fs.MkdirAll(fs.PathJoin(dir, stateName), 0o700); err != nil {
		return nil, err
	}
	if err := c.clean(fs, dir); err != nil {
		return nil, err
	}
	err := inParallel(ctx, c.Files, func(ctx context.Context, f File) error {
		if !safeName(f.Name) {
			return &DamagedError{c.Path(), fmt.Sprintf("'%s' is no name of a file", f.Name)}
		}
		if size, sum, err := Checksum(fs, to.place(f)); err == nil && size == f.Size && sum == f.Sum {
			return nil
		}
		return retry(ctx, func() error { return c.fetchFile(ctx, fs, f, to.place(f)) })
	})
	if err != nil {
		return nil, err
	}
	text, err := c.Encode()
	if err == nil {
		err = writeFile(fs, to.place(File{Name: manifestName}), text)
	}
	if err != nil {
		return nil, err
	}
	return &Checkpoint{Manifest: c.Manifest, Dir: dir, Committed: c.Committed, files: to}, nil
}

// safeName reports whether a file that a manifest names is one in the folder of the state, and nowhere else.
func safeName(name string) bool {
	base, ok := strings.CutPrefix(name, stateName+"/")
	return ok && base != "" && base != "." && base != ".." && !strings.ContainsAny(base, "/\\\x00")
}

// clean removes from a folder what is not the checkpoint's.
func (c *Checkpoint) clean(fs vfs.FS, dir string) error {
	names, err := fs.List(fs.PathJoin(dir, stateName))
	if err != nil {
		return err
	}
	ours := map[string]bool{}
	for _, f := range c.Files {
		ours[f.Name] = true
	}
	for _, name := range names {
		if !ours[StateFile(name)] {
			err = errors.Join(err, fs.RemoveAll(fs.PathJoin(dir, stateName, name)))
		}
	}
	return err
}

// fetchFile reads a file under another name first: what has its name is whole.
func (c *Checkpoint) fetchFile(ctx context.Context, fs vfs.FS, f File, path string) error {
	out, err := fs.Create(path+".tmp", vfs.WriteCategoryUnspecified)
	if err != nil {
		return final{err}
	}
	err = c.copy(ctx, f, out)
	if err == nil {
		err = out.Sync()
	}
	if err = errors.Join(err, out.Close()); err != nil {
		var damaged *DamagedError
		if errors.As(err, &damaged) && damaged.Reason == reasonMissing {
			return final{err}
		}
		return err
	}
	if err := fs.Rename(path+".tmp", path); err != nil {
		return final{err}
	}
	return nil
}

// Upload copies a checkpoint that lies in a folder to a place of its own in an object store, the manifest last: a savepoint.
// There must not be anything yet.
func (c *Checkpoint) Upload(ctx context.Context, o Objects) error {
	x, ok := c.files.(folderFiles)
	if !ok {
		return fmt.Errorf("internal error: '%s' is in no folder", c.Dir)
	}
	there, err := o.List(ctx, "")
	if err == nil && len(there) > 0 {
		return fmt.Errorf("'%s' is not empty: a savepoint has a place of its own", o.Place(""))
	}
	m := *c.Manifest
	m.Files = nil
	for _, f := range c.Files {
		f.Shared = ""
		m.Files = append(m.Files, f)
	}
	if err == nil {
		err = inParallel(ctx, m.Files, func(ctx context.Context, f File) error { return putFile(ctx, o, f.Name, x.fs, x.place(f), f) })
	}
	if err == nil && c.Committed {
		err = putText(ctx, o, committedName, nil)
	}
	if err == nil {
		err = putManifest(ctx, o, "", &m)
	}
	if err != nil {
		return fmt.Errorf("writing a savepoint: %w", err)
	}
	return nil
}

// putFile writes a file of a checkpoint to an object.
func putFile(ctx context.Context, o Objects, key string, fs vfs.FS, path string, f File) error {
	in, err := fs.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(o.Put(ctx, key, in, f.Size, f.Sum), in.Close())
}

func putText(ctx context.Context, o Objects, key string, text []byte) error {
	return o.Put(ctx, key, bytes.NewReader(text), int64(len(text)), "")
}

// putManifest writes what makes a checkpoint whole.
func putManifest(ctx context.Context, o Objects, dir string, m *Manifest) error {
	text, err := m.Encode()
	if err != nil {
		return err
	}
	return putText(ctx, o, dir+manifestName, text)
}
