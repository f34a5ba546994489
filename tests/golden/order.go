package golden

import (
	"context"
	"strings"
	"sync"

	"github.com/weirstream/weir"
	"github.com/weirstream/weir/sql/ast"
)

// Rows of several tables have no order in a job. In a case they have that of the file: a block, the rows of one table that
// stand together, is read whole, and all that follows from it is done, before the next begins. It is done when a checkpoint
// is complete, for its barrier goes through every operator behind those rows.

// block is a stretch of the input: the rows of a table from first to before end.
type block struct {
	table      string
	first, end int
}

// blocks gives the case's input in the order of the file, and for every '-- restore --' how many rows stand before it.
func (c *Case) blocks() (out []block, marks []int, err error) {
	rows, tables := 0, map[string]int{}
	for _, s := range c.Sections {
		switch s.Kind {
		case "restore":
			marks = append(marks, rows)
		case "input":
			more, err := s.inputRows()
			if err != nil {
				return nil, nil, err
			}
			first := tables[s.Arg]
			tables[s.Arg] += len(more)
			rows += len(more)
			if n := len(out); n > 0 && out[n-1].table == s.Arg {
				out[n-1].end = tables[s.Arg]
			} else if len(more) > 0 {
				out = append(out, block{s.Arg, first, tables[s.Arg]})
			}
		}
	}
	return out, marks, nil
}

// cut gives the part of the blocks from a row of the whole input to before another.
func cut(blocks []block, from, to int) []block {
	var out []block
	for _, b := range blocks {
		n := b.end - b.first
		first, end := b.first+min(max(from, 0), n), b.first+min(max(to, 0), n)
		if first < end {
			out = append(out, block{b.table, first, end})
		}
		from, to = from-n, to-n
	}
	return out
}

// ordered reports whether the case has several tables whose rows come in order. They do not where the script has several
// jobs: these have no state folder in common, and so no checkpoints.
func (c *Case) ordered(stmts []ast.Statement, sync bool) bool {
	tables := map[string]bool{}
	for _, s := range c.sections("input") {
		tables[s.Arg] = true
	}
	return len(tables) > 1 && jobs(stmts, sync) == 1
}

// jobs counts the jobs of a script. All of its INSERTs are one, but where sync ('table.dml-sync') makes one of each.
func jobs(stmts []ast.Statement, sync bool) int {
	alone, together := 0, 0
	for _, s := range stmts {
		switch s := s.(type) {
		case *ast.QueryStmt:
			alone++
		case *ast.Insert, *ast.StatementSet:
			if sync {
				alone++
			} else {
				together = 1
			}
		case *ast.Set:
			if s.Key == "table.dml-sync" {
				sync = strings.EqualFold(s.Value, "true")
			}
		}
	}
	return alone + together
}

// order has the sources of a run give their rows block by block.
type order struct {
	blocks []block

	mu     sync.Mutex
	opened int                   // blocks whose rows may be given
	unread map[*inputSource]bool // those that have more to give of the newest of them
	read   chan struct{}         // closed when none has
	over   bool                  // what follows from the last block is done
	wake   []func()
}

// keep opens the blocks one after the other. What is to be done about a failed checkpoint is the job's: rows then come in any
// order. Call done when the job has ended, for the error.
func (o *order) keep(ctx context.Context, job *weir.Job, sources []*inputSource) (done func() error) {
	failed := make(chan error, 1)
	go func() { failed <- o.inTurn(ctx, job, sources) }()
	return func() error { return <-failed }
}

func (o *order) inTurn(ctx context.Context, job *weir.Job, sources []*inputSource) error {
	defer o.finish()
	for _, b := range o.blocks {
		select {
		case <-o.open(b.table, sources):
		case <-job.Done():
			return nil
		}
		if _, err := job.Checkpoint(ctx); err != nil {
			return err
		}
	}
	return nil
}

// open lets a table's sources give the rows of the next block; read is closed when all have.
func (o *order) open(table string, sources []*inputSource) (read <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.opened++
	o.unread, o.read = map[*inputSource]bool{}, make(chan struct{})
	for _, s := range sources {
		if s.table == table {
			o.unread[s] = true
		}
	}
	if len(o.unread) == 0 { // the job does not read it
		close(o.read)
	}
	o.wakeAll()
	return o.read
}

// finish lets the tables end.
func (o *order) finish() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.opened, o.over = len(o.blocks), true
	o.wakeAll()
}

func (o *order) wakeAll() {
	for _, wake := range o.wake {
		wake()
	}
}

// waits has a reader woken when it may give more.
func (o *order) waits(wake func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.wake = append(o.wake, wake)
}

// until gives how far a source whose next row is next may read now; over says that no block is left.
func (o *order) until(s *inputSource, next int) (end int, over bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, b := range o.blocks[:o.opened] {
		if b.table == s.table {
			end = b.end
		}
	}
	if next >= end && o.unread[s] {
		if delete(o.unread, s); len(o.unread) == 0 {
			close(o.read)
		}
	}
	return max(end, next), o.over
}
