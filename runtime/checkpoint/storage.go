package checkpoint

import (
	"context"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// Storage is where the checkpoints of the job of this process lie: a Folder, or a Mirror in an object store. A checkpoint is
// made in a folder of this machine; Finish has it kept. But for Close, methods belong to one goroutine at a time.
type Storage interface {
	// Dir is what people call it: a path or a URL.
	Dir() string
	// Work is the folder of this machine in which checkpoints are made, and the newest of which it holds.
	Work() *Folder
	// Job gives the ID of the job that it belongs to, and makes it one where it belongs to none yet.
	Job(ctx context.Context, fresh func() (string, error)) (string, error)
	Lister
	// Resume begins an attempt of the job with a checkpoint of this storage or another; nil: with nothing. It gives it with
	// its files on the file system of Work.
	Resume(ctx context.Context, c *Checkpoint) (*Checkpoint, error)
	// NextID is higher than that of any checkpoint that there is.
	NextID(ctx context.Context) (int64, error)
	// Finish makes a checkpoint complete whose files lie in Work. After an error it may be complete, until it is discarded.
	Finish(ctx context.Context, m *Manifest) error
	// Committed notes that the sinks have committed what a checkpoint holds. It is a note for readers, and saves a second
	// commit: should it be lost, committing again does no harm.
	Committed(ctx context.Context, id int64) error
	// Discard removes a checkpoint, complete or not.
	Discard(ctx context.Context, id int64) error
	// Retain removes all but the newest keep complete checkpoints, and those that were never complete.
	Retain(ctx context.Context, keep int) error
	// Clear removes all checkpoints: the job starts over.
	Clear(ctx context.Context) error
	// Lost is closed when another process has taken over, should that come to be known; nil where none can.
	Lost() <-chan struct{}
	// Close lets it go. It may be closed twice.
	Close() error
}

// Lister reads what checkpoints there are.
type Lister interface {
	// Complete lists the complete checkpoints, oldest first.
	Complete(ctx context.Context) ([]int64, error)
	// Read reads the manifest of a complete checkpoint.
	Read(ctx context.Context, id int64) (*Checkpoint, error)
}

// Newest reads the newest complete checkpoint; nil where there is none. One that is damaged is an error: an
// older one would commit rows again that this one has committed.
func Newest(ctx context.Context, s Lister) (*Checkpoint, error) {
	ids, err := s.Complete(ctx)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	return s.Read(ctx, ids[len(ids)-1])
}

// All reads the complete checkpoints in a state folder, or, if o is not nil, in an object store, oldest first.
func All(ctx context.Context, fs vfs.FS, dir string, o Objects) ([]*Checkpoint, error) {
	var s Lister = Look(fs, dir)
	if o != nil {
		s = LookAt(o)
	}
	ids, err := s.Complete(ctx)
	if err != nil {
		return nil, err
	}
	var out []*Checkpoint
	for _, id := range ids {
		c, err := s.Read(ctx, id)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// FindAt is Find in an object store: a savepoint's own place, or that of a job's checkpoints.
func FindAt(ctx context.Context, o Objects) (*Checkpoint, error) {
	c, err := openAt(ctx, o, "")
	if err == nil {
		_, _, late := getObject(ctx, o, committedName)
		if c.Committed = late == nil; late != nil && !missing(late) {
			return nil, fmt.Errorf("reading a checkpoint: %w", late)
		}
		return c, nil
	}
	if !errors.Is(err, errNoManifest) {
		return nil, err
	}
	c, err = Newest(ctx, LookAt(o))
	if err == nil && c == nil {
		return nil, fmt.Errorf("there is no complete checkpoint in '%s'", o.Place(""))
	}
	return c, err
}
