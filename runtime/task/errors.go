package task

import (
	"errors"
	"fmt"
	"runtime/debug"
)

// ErrAborted is what Wait gives for a job that was ended by Abort.
var ErrAborted = errors.New("the job was aborted")

// errStopped ends a task whose job has been aborted or has failed elsewhere. It is nobody's
// result.
var errStopped = errors.New("the job is ending")

// Error is a failure of a running job with where it happened. The reason is what the operator or
// connector gave, untouched.
type Error struct {
	Doing string // "running WindowAggregate", "writing to table alerts"
	Err   error
}

func (e *Error) Error() string { return e.Doing + ": " + e.Err.Error() }

// Unwrap gives the reason.
func (e *Error) Unwrap() error { return e.Err }

// within says what was being done when err happened. Errors come up through the whole chain
// of callers; only the innermost says where.
func within(doing string, err error) error {
	if err == nil {
		return nil
	}
	var known *Error
	if errors.As(err, &known) {
		return err
	}
	return &Error{Doing: doing, Err: err}
}

// guard calls f and turns a panic into an error. Where names what was running.
func guard(where func() string, f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &Error{Doing: "running " + where(), Err: &PanicError{Value: v, Stack: debug.Stack()}}
		}
	}()
	return f()
}

func guarded(where string, f func() error) error {
	return guard(func() string { return where }, f)
}

// PanicError is a panic in an operator or connector: a fault of Weir's, or of a user's
// function.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string {
	return fmt.Sprintf("internal error: panic: %v\n%s", e.Value, e.Stack)
}

// Unwrap gives the value where it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}
