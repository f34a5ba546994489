package state

import (
	"errors"
	"fmt"
)

// ErrCorrupt marks every error that says: what lies on disk is damaged, or is not state of this format.
var ErrCorrupt = errors.New("the state is damaged")

// ErrMismatch marks every error that says: there is state, but not such as the job needs.
var ErrMismatch = errors.New("it was written by another version of the query or of weir")

// corruption is an error with a reason that is ErrCorrupt.
type corruption struct {
	doing string
	err   error
}

func (c *corruption) Error() string   { return fmt.Sprintf("%s: %v: %v", c.doing, ErrCorrupt, c.err) }
func (c *corruption) Unwrap() []error { return []error{ErrCorrupt, c.err} }

// corrupt says what was being done when damage was found.
func corrupt(doing string, err error) error { return &corruption{doing, err} }
