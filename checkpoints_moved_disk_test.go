package weir_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/weirstream/weir"
)

// faults are kinds of operations on the files of moved rows, and what they fail with.
var faults = []struct {
	name string
	err  syscall.Errno
	hit  func(op errorfs.Op) bool
	once bool // does no harm
}{
	{"create", syscall.ENOSPC, func(op errorfs.Op) bool { return op.Kind == errorfs.OpCreate }, false},
	{"write", syscall.ENOSPC, func(op errorfs.Op) bool { return op.Kind == errorfs.OpFileWrite }, false},
	{"open", syscall.EMFILE, func(op errorfs.Op) bool { return op.Kind == errorfs.OpOpen }, false},
	{"read", syscall.EIO, func(op errorfs.Op) bool { return op.Kind == errorfs.OpFileReadAt }, false},
	{"sync", syscall.EIO, func(op errorfs.Op) bool { return op.Kind == errorfs.OpFileSync }, false},
	{"link and copy", syscall.ENOSPC, func(op errorfs.Op) bool {
		return op.Kind == errorfs.OpLink || op.Kind == errorfs.OpCreate && strings.Contains(op.Path, "chk-")
	}, true},
	{"remove", syscall.EIO, func(op errorfs.Op) bool { return op.Kind == errorfs.OpRemove }, false},
}

// TestMovedRowsOnFaultyDisk has operations on what was moved to disk fail, once or again and again, at some time: the job ends with an error that says what failed and where, or goes on without some of its
// checkpoints where these may fail; and on a disk that is sound again nothing is missing.
func TestMovedRowsOnFaultyDisk(t *testing.T) {
	for _, fault := range faults {
		t.Run(fault.name, func(t *testing.T) {
			var met atomic.Int64
			t.Cleanup(func() {
				if met.Load() == 0 {
					t.Error("no fault was met")
				}
			})
			for k := range 12 {
				after, lasting, tolerable := []int64{0, 1, 7}[k/4], k&1 == 1, []string{"0", "1000"}[k>>1&1]
				t.Run(fmt.Sprintf("after %d, lasting %v, tolerable %s", after, lasting, tolerable), func(t *testing.T) {
					t.Parallel()
					d := &faultyDisk{hit: fault.hit, err: fault.err, after: after, lasting: lasting, harmless: fault.once && !lasting, lost: fault.name == "sync"}
					d.run(t, tolerable)
					met.Add(d.met.Load())
				})
			}
		})
	}
}

// TestRestoreOfMovedRowsOnFaultyDisk goes on from a checkpoint that has taken over what was moved to disk, on a disk that fails: it is an error that says what failed and where, and on a sound one
// nothing is missing.
func TestRestoreOfMovedRowsOnFaultyDisk(t *testing.T) {
	for name, hit := range map[string]func(op errorfs.Op) bool{
		"link and copy": func(op errorfs.Op) bool { return op.Kind == errorfs.OpLink || op.Kind == errorfs.OpCreate },
		"open":          func(op errorfs.Op) bool { return op.Kind == errorfs.OpOpen && strings.Contains(op.Path, "live") },
		"stat":          func(op errorfs.Op) bool { return op.Kind == errorfs.OpFileStat },
		"check":         func(op errorfs.Op) bool { return op.Kind == errorfs.OpFileRead },
		"read":          func(op errorfs.Op) bool { return op.Kind == errorfs.OpFileReadAt },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, counts := movedRig(t)
			j := r.begin()
			r.feed(j, 2)
			r.stop(j)
			r.movedFiles()
			d := &faultyDisk{hit: hit, err: syscall.EIO, lasting: true}
			own := r.opts
			r.opts = append(slices.Clip(own), d.option(), weir.WithSetting("restart-strategy.type", "none"))
			j, err := r.start()
			if err == nil {
				err = j.Wait(t.Context())
			}
			d.clear(r, err)
			r.opts = own
			r.let(movedKeys / 2)
			r.finish()
			r.wait(r.begin())
			r.expectCounts(counts, 3)
		})
	}
}

// faultyDisk fails some operations on files of moved rows.
type faultyDisk struct {
	hit     func(op errorfs.Op) bool
	err     error
	after   int64 // operations that succeed
	lasting bool  // more than one fails

	harmless bool
	lost     bool // what was written may be

	seen  atomic.Int64
	sound atomic.Bool // from now on
	met   atomic.Int64
}

func (d *faultyDisk) inject(op errorfs.Op) error {
	if d.sound.Load() || !strings.Contains(op.Path, ".cold") || !d.hit(op) {
		return nil
	}
	if n := d.seen.Add(1) - d.after; n < 1 || n > 1 && !d.lasting {
		return nil
	}
	d.met.Add(1)
	return &os.PathError{Op: fmt.Sprint(op.Kind), Path: op.Path, Err: d.err}
}

// option has a job's state be on the disk.
func (d *faultyDisk) option() weir.Option {
	return weir.WithStateFS(errorfs.Wrap(vfs.Default, errorfs.InjectorFunc(d.inject)))
}

// run runs a job on the disk while it is faulty, and to its end when it is not.
func (d *faultyDisk) run(t *testing.T, tolerable string) {
	r, counts := movedRig(t)
	r.opts = append(r.opts,
		d.option(), weir.WithSetting("restart-strategy.type", "none"),
		weir.WithSetting("execution.checkpointing.tolerable-failed-checkpoints", tolerable))
	j := r.begin()
	rounds, failed := 0, 0
	for range 5 {
		r.let(movedKeys / 2)
		rounds++
		r.await("the rows, or the end", func() bool { return r.read.Load() >= int64(rounds*movedKeys) || ended(j) })
		if _, err := j.Checkpoint(t.Context()); err != nil {
			failed++
			if errors.Is(err, d.err) {
				d.clear(r, err)
			} else { // the job itself has failed before
				r.await("the end", func() bool { return ended(j) })
			}
		}
		if failed > 0 && tolerable == "0" {
			r.await("the end", func() bool { return ended(j) })
		}
		if ended(j) {
			break
		}
	}
	if d.met.Load() > 0 && tolerable == "0" && ended(j) == d.harmless {
		t.Errorf("the job goes on: %v", !ended(j))
	}
	d.sound.Store(true)
	if _, err := j.Checkpoint(t.Context()); err != nil {
		r.await("the end", func() bool { return ended(j) })
		d.clear(r, j.Wait(t.Context()))
		j = r.begin()
	} else if d.lost && d.met.Load() > 0 {
		t.Error("the job goes on with what may not be on disk")
	}
	r.let(movedKeys / 2)
	r.finish()
	r.wait(j)
	r.expectCounts(counts, rounds+1)
}

func ended(j *weir.Job) bool {
	select {
	case <-j.Done():
		return true
	default:
		return false
	}
}

// clear asserts that an error says what has failed and where.
func (d *faultyDisk) clear(r *rig, err error) {
	if !errors.Is(err, d.err) || !strings.Contains(err.Error(), r.state) || !strings.Contains(err.Error(), ".cold") {
		r.t.Errorf("the error does not say what failed and where: %v", err)
	}
}
