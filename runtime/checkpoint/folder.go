package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/cockroachdb/pebble/v2/vfs"
)

const (
	manifestName  = "MANIFEST"
	committedName = "COMMITTED"
	lockName      = "LOCK"
	stateName     = "state"
	liveName      = "live"
	fetchedName   = "fetched"
	prefix        = "chk-"
)

// Folder is a state folder, which is a Storage. The methods that write belong to the one process that holds its lock.
type Folder struct {
	fs   vfs.FS
	dir  string
	lock io.Closer // nil: only looked at
}

// Look gives a folder for reading; what a running job is about to write may be missing from it.
func Look(fs vfs.FS, dir string) *Folder { return &Folder{fs: fs, dir: dir} }

// Own makes the folder if need be and locks it. An error that has ErrLocked in its chain says that another
// process has it.
func Own(fs vfs.FS, dir string) (*Folder, error) {
	if err := fs.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("making the state folder: %w", err)
	}
	lock, err := fs.Lock(fs.PathJoin(dir, lockName))
	if err != nil {
		if errors.Is(err, os.ErrPermission) || missing(err) {
			return nil, fmt.Errorf("locking the state folder: %w", err)
		}
		return nil, fmt.Errorf("%w: '%s'", ErrLocked, dir)
	}
	return &Folder{fs: fs, dir: dir, lock: lock}, nil
}

// Close gives the lock back.
func (f *Folder) Close() error {
	if f.lock == nil {
		return nil
	}
	lock := f.lock
	f.lock = nil
	return lock.Close()
}

// Dir is the folder's path.
func (f *Folder) Dir() string { return f.dir }

// Work is the folder itself.
func (f *Folder) Work() *Folder { return f }

// Lost is nil: nobody can take the lock.
func (f *Folder) Lost() <-chan struct{} { return nil }

// FS is the file system that the folder is on.
func (f *Folder) FS() vfs.FS { return f.fs }

// Live is the path of the run's database.
func (f *Folder) Live() string { return f.fs.PathJoin(f.dir, liveName) }

// Path is the folder of a checkpoint.
func (f *Folder) Path(id int64) string { return f.fs.PathJoin(f.dir, prefix+strconv.FormatInt(id, 10)) }

// State is where the keyed state of a checkpoint lies.
func (f *Folder) State(id int64) string { return f.fs.PathJoin(f.Path(id), stateName) }

// StateFile gives the name in a manifest of a file of the keyed state.
func StateFile(name string) string { return stateName + "/" + name }

// manifest is the path of a checkpoint's manifest.
func (f *Folder) manifest(id int64) string { return f.fs.PathJoin(f.Path(id), manifestName) }

// all lists the checkpoints by ID, complete or not.
func (f *Folder) all() ([]int64, error) {
	names, err := f.fs.List(f.dir)
	if missing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("listing checkpoints: %w", err)
	}
	var ids []int64
	for _, name := range names {
		digits, ok := strings.CutPrefix(name, prefix)
		if id, err := strconv.ParseInt(digits, 10, 64); ok && err == nil && id >= 0 {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids, nil
}

// Complete lists the checkpoints that have a manifest, oldest first.
func (f *Folder) Complete(context.Context) ([]int64, error) {
	ids, err := f.all()
	if err != nil {
		return nil, err
	}
	var complete []int64
	for _, id := range ids {
		switch _, err := f.fs.Stat(f.manifest(id)); {
		case err == nil:
			complete = append(complete, id)
		case !missing(err):
			return nil, fmt.Errorf("listing checkpoints: %w", err)
		}
	}
	return complete, nil
}

// Resume leaves a checkpoint where it is, unless it is in an object store.
func (f *Folder) Resume(ctx context.Context, c *Checkpoint) (*Checkpoint, error) {
	if c == nil {
		return nil, nil
	}
	return c.Fetch(ctx, f.fs, f.fs.PathJoin(f.dir, fetchedName))
}

// Resumed removes what Resume may have fetched: the database of the run has what it needs of it.
func (f *Folder) Resumed() error {
	if err := f.fs.RemoveAll(f.fs.PathJoin(f.dir, fetchedName)); err != nil && !missing(err) {
		return fmt.Errorf("removing what was fetched: %w", err)
	}
	return nil
}

// Read reads a checkpoint's manifest.
func (f *Folder) Read(_ context.Context, id int64) (*Checkpoint, error) {
	return Open(f.fs, f.Path(id))
}

// NextID is higher than that of any checkpoint that the folder has or has begun.
func (f *Folder) NextID(context.Context) (int64, error) {
	ids, err := f.all()
	if err != nil || len(ids) == 0 {
		return 1, err
	}
	return ids[len(ids)-1] + 1, nil
}

// Begin makes the folder of a new checkpoint. Its keyed state is written to State(id) by who has it.
func (f *Folder) Begin(id int64) error {
	if err := f.remove(id); err != nil {
		return err
	}
	if err := f.fs.MkdirAll(f.Path(id), 0o777); err != nil {
		return fmt.Errorf("beginning checkpoint %d: %w", id, err)
	}
	return nil
}

// Finish makes a checkpoint complete: everything that belongs to it is on disk already.
func (f *Folder) Finish(_ context.Context, m *Manifest) error {
	text, err := m.Encode()
	if err != nil {
		return err
	}
	if err := writeFile(f.fs, f.manifest(m.ID), text); err != nil {
		return fmt.Errorf("finishing checkpoint %d: %w", m.ID, err)
	}
	if err := syncDir(f.fs, f.dir); err != nil {
		return fmt.Errorf("finishing checkpoint %d: %w", m.ID, err)
	}
	return nil
}

// Committed notes that the sinks have committed what the checkpoint holds. It is a note for readers, and saves
// a second commit: should it be lost, committing again does no harm.
func (f *Folder) Committed(_ context.Context, id int64) error {
	file, err := f.fs.Create(f.fs.PathJoin(f.Path(id), committedName), vfs.WriteCategoryUnspecified)
	if err != nil {
		return fmt.Errorf("noting that checkpoint %d is committed: %w", id, err)
	}
	return file.Close()
}

// Discard removes a checkpoint.
func (f *Folder) Discard(_ context.Context, id int64) error { return f.remove(id) }

// remove removes a checkpoint, its manifest first: what is left of it after a crash was never complete.
func (f *Folder) remove(id int64) error {
	if err := f.fs.Remove(f.manifest(id)); err != nil && !missing(err) {
		return fmt.Errorf("removing checkpoint %d: %w", id, err)
	}
	if err := f.fs.RemoveAll(f.Path(id)); err != nil && !missing(err) {
		return fmt.Errorf("removing checkpoint %d: %w", id, err)
	}
	return nil
}

// Retain removes all but the newest keep complete checkpoints, and those that were never complete.
func (f *Folder) Retain(ctx context.Context, keep int) error {
	complete, err := f.Complete(ctx)
	if err != nil {
		return err
	}
	kept := complete[max(0, len(complete)-keep):]
	all, err := f.all()
	if err != nil {
		return err
	}
	var errs []error
	for _, id := range all {
		if !slices.Contains(kept, id) {
			errs = append(errs, f.Discard(ctx, id))
		}
	}
	return errors.Join(errs...)
}

// Clear removes all checkpoints and the run's database: the job starts over.
func (f *Folder) Clear(ctx context.Context) error {
	ids, err := f.all()
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := f.Discard(ctx, id); err != nil {
			return err
		}
	}
	if err := f.fs.RemoveAll(f.Live()); err != nil && !missing(err) {
		return fmt.Errorf("removing the database of the last run: %w", err)
	}
	return nil
}

const jobName = "JOB"

// Job gives the ID of the job that the folder belongs to, and makes it one where it belongs to none yet.
func (f *Folder) Job(_ context.Context, fresh func() (string, error)) (string, error) {
	path := f.fs.PathJoin(f.dir, jobName)
	text, err := readFile(f.fs, path)
	if err == nil {
		id := strings.TrimSpace(string(text))
		if id == "" {
			return "", &DamagedError{path, "it is empty"}
		}
		return id, nil
	}
	if !missing(err) {
		return "", fmt.Errorf("reading the state folder: %w", err)
	}
	id, err := fresh()
	if err != nil {
		return "", err
	}
	if err := writeFile(f.fs, path, []byte(id+"\n")); err != nil {
		return "", fmt.Errorf("beginning the state folder: %w", err)
	}
	return id, nil
}
