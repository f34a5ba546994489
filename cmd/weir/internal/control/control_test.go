package control

import (
	"context"
	"errors"
	"testing"
)

// failing is a job that fails when it is told to do something.
type failing struct{ done chan struct{} }

var errFull = errors.New("the disk is full")

func (f *failing) Savepoint(context.Context, string) (int64, error)         { return 0, errFull }
func (f *failing) StopWithSavepoint(context.Context, string) (int64, error) { return 0, errFull }
func (f *failing) Stop() error                                              { close(f.done); return errFull }
func (f *failing) Drain()                                                   { close(f.done) }
func (f *failing) Wait(context.Context) error                               { <-f.done; return errFull }
func (f *failing) Done() <-chan struct{}                                    { return f.done }

// Who has told a job something learns that the job has failed over it.
func TestFailuresAreTold(t *testing.T) {
	for _, r := range []Request{{Do: Savepoint, To: "x"}, {Do: Stop, To: "x"}, {Do: Stop}, {Do: Drain}} {
		dir := t.TempDir()
		stop, err := Serve(dir, &failing{done: make(chan struct{})})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Call(t.Context(), dir, r); err == nil || err.Error() != errFull.Error() {
			t.Errorf("%+v: the answer is %v", r, err)
		}
		stop()
	}
}
