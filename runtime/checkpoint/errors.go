package checkpoint

import (
	"errors"
	"fmt"
)

// ErrLocked is in the chain of the error for a state folder that another process uses.
var ErrLocked = errors.New("the state folder is in use by another process")

// errNoManifest is in the chain of the error for a place that is no checkpoint's.
var errNoManifest = errors.New("there is no checkpoint")

// DamagedError is a file of a checkpoint that is not what was written.
type DamagedError struct {
	Path   string
	Reason string
}

// reasonMissing is the reason of a file that is not there.
const reasonMissing = "the file is missing"

func (e *DamagedError) Error() string {
	return fmt.Sprintf("the checkpoint is damaged: '%s': %s", e.Path, e.Reason)
}

// NewerError is a manifest of a later version of Weir.
type NewerError struct {
	Path   string
	Format int
}

func (e *NewerError) Error() string {
	return fmt.Sprintf("'%s' was written by a newer version of Weir (its format is %d, this one reads up to %d)", e.Path, e.Format, Format)
}
