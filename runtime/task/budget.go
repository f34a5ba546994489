package task

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"

	"github.com/weirstream/weir/runtime/op"
	"github.com/weirstream/weir/state"
)

// budget is the state of a job whose memory is bounded and that has no folder for its state: a database in a temporary
// folder, where operators move what does not fit. It is gone when the job ends, or, where the process is killed, when the next job begins.
type budget struct {
	mu        sync.Mutex
	folder    *state.Scratch
	store     *state.Store
	operators int
}

// open gives the database, making it when the first operator asks for it.
func (b *budget) open(groups int, memory int64, interrupts func(*state.Store)) (_ *state.Store, operator string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.folder == nil {
		if b.folder, err = state.NewScratch(); err != nil {
			return nil, "", fmt.Errorf("making a folder for state that does not fit the memory: %w", err)
		}
	}
	if b.store == nil {
		if b.store, err = state.Open(state.Options{Dir: filepath.Join(b.folder.Dir, "live"), MaxGroups: groups, Memory: memory, Scratch: true}); err != nil {
			return nil, "", err
		}
		interrupts(b.store)
	}
	b.operators++
	return b.store, fmt.Sprint(b.operators), nil
}

func (b *budget) close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.folder == nil {
		return nil
	}
	var err error
	if b.store != nil {
		err = b.store.Close()
	}
	return errors.Join(err, b.folder.Close())
}

// budgeted is an operator that gets a scope of the job's budget where it has no state otherwise.
type budgeted struct {
	op.Operator
	job *Job
}

func (o *budgeted) Open(ctx *op.Context) error {
	c := &o.job.plan.Config
	if ctx.State != nil || c.Memory <= 0 {
		return o.Operator.Open(ctx)
	}
	store, operator, err := o.job.budget.open(c.MaxGroups, c.Memory, o.job.interrupts)
	if err != nil {
		return err
	}
	mine := *ctx
	mine.State = store.Scope(operator, ctx.Subtask, state.GroupsOf(ctx.Subtask, ctx.Parallelism, c.MaxGroups))
	return o.Operator.Open(&mine)
}
