package weir_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/weirstream/weir"
)

// movedKeys is how many groups the job of a movedRig has.
const movedKeys = 500

// movedRig is a rig that counts rows by key, with all of its groups on disk between two batches. Checkpoints come when they are asked for. The counts are written to the folder that it gives.
func movedRig(t *testing.T) (r *rig, counts string) {
	r, counts = newRig(t), t.TempDir()
	r.sql = fmt.Sprintf(`CREATE TABLE c (k BIGINT, c BIGINT) WITH ('connector' = 'filesystem', 'path' = '%s', 'format' = 'changelog-json');
		INSERT INTO c SELECT n %% %d AS k, COUNT(*) AS c FROM t GROUP BY n %% %d`, counts, movedKeys, movedKeys)
	r.opts = []weir.Option{weir.WithSetting("weir.memory", "2 b"), weir.WithSetting("execution.checkpointing.interval", "0")}
	return r, counts
}

// feed has so many rows of each key be read, and a checkpoint taken.
func (r *rig) feed(j *weir.Job, times int64) {
	r.t.Helper()
	rows := r.read.Load() + times*movedKeys
	r.let(times * movedKeys / 2)
	r.await("the rows", func() bool { return r.read.Load() >= rows })
	r.checkpoint(j)
}

// expectCounts checks that each key has come so many times.
func (r *rig) expectCounts(dir string, n int) {
	r.t.Helper()
	var want []string
	for k := range movedKeys {
		want = append(want, fmt.Sprintf("%d: %d", k, n))
	}
	slices.Sort(want)
	r.expectFold(dir, want...)
}

// movedFiles are the files of moved rows of the newest checkpoint.
func (r *rig) movedFiles() []string {
	r.t.Helper()
	files, err := filepath.Glob(filepath.Join(r.look().Dir, "state", "*.cold"))
	if err != nil || len(files) == 0 {
		r.t.Fatalf("the checkpoint has taken over %d files, %v", len(files), err)
	}
	return files
}

// badDisk is a file system that flips a bit of what is read next from the rows of the running job that were moved out of memory.
type badDisk struct {
	vfs.FS
	flips atomic.Int64 // how many reads are still to be wrong
}

func (d *badDisk) Unwrap() vfs.FS { return d.FS }

func (d *badDisk) Open(name string, opts ...vfs.OpenOption) (vfs.File, error) {
	f, err := d.FS.Open(name, opts...)
	if err != nil || !strings.HasSuffix(name, ".cold") {
		return f, err
	}
	return badFile{f, d}, nil
}

type badFile struct {
	vfs.File
	disk *badDisk
}

func (f badFile) ReadAt(p []byte, off int64) (int, error) {
	n, err := f.File.ReadAt(p, off)
	if n > 0 && f.disk.flips.Add(-1) >= 0 {
		p[n/2] ^= 4
	}
	return n, err
}

// TestFlippedBit has the disk give a wrong bit of what was moved there, once: the job fails, goes on from its newest checkpoint, and gives what it would have given.
func TestFlippedBit(t *testing.T) {
	r, counts := movedRig(t)
	disk := &badDisk{FS: vfs.Default}
	r.opts = append(r.opts, weir.WithStateFS(disk))
	j := r.begin()
	r.feed(j, 2)
	disk.flips.Store(1)
	r.let(movedKeys / 2)
	r.await("a restart", func() bool {
		return r.noted(weir.Note{Kind: weir.Restarting, Text: ".cold', the chunk of"})
	})
	r.finish()
	r.wait(j)
	r.expectCounts(counts, 3)
	if !r.noted(weir.Note{Kind: weir.Restarting, Text: "goes on from checkpoint 1 in"}) || !r.noted(weir.Note{Kind: weir.Restarting, Text: "go on from the newest checkpoint"}) {
		t.Errorf("the notes: %v", r.notes)
	}
}

// TestDamagedWhileRunning has what was moved to disk be damaged while the job runs, in the checkpoint that has taken it over, too: the job ends, and names the file.
func TestDamagedWhileRunning(t *testing.T) {
	r, _ := movedRig(t)
	j := r.begin()
	r.feed(j, 2)
	for _, path := range r.movedFiles() {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f, err := os.OpenFile(path, os.O_WRONLY, 0) // the contents of all hard links
		if err != nil {
			t.Fatal(err)
		}
		for i := range text {
			if i%16 == 7 {
				text[i] ^= 1
			}
		}
		if _, err := f.WriteAt(text, 0); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	r.let(movedKeys / 2)
	r.finish()
	err := j.Wait(t.Context())
	for _, text := range []string{"the checkpoint is damaged: '" + r.state, ".cold': its checksum does not match", "hint: 'weir state verify'"} {
		if err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("an error without %q: %v", text, err)
		}
	}
	if !r.noted(weir.Note{Kind: weir.Warning, Text: "the job is not restarted: the checkpoint that it would go on from is damaged"}) {
		t.Errorf("the notes: %v", r.notes)
	}
}

// TestTakenOverFilesAreReadOnce has a job go on from a checkpoint: the files that it has taken over are read to be checked, and never again as a whole.
func TestTakenOverFilesAreReadOnce(t *testing.T) {
	r, counts := movedRig(t)
	j := r.begin()
	r.feed(j, 2)
	r.stop(j)
	old := map[string]bool{}
	for _, f := range r.movedFiles() {
		old[filepath.Base(f)] = true
	}
	var opened atomic.Int64
	r.opts = append(r.opts, weir.WithStateFS(errorfs.Wrap(vfs.Default, errorfs.InjectorFunc(func(op errorfs.Op) error {
		if op.Kind == errorfs.OpOpen && old[filepath.Base(op.Path)] && strings.Contains(op.Path, "chk-") {
			opened.Add(1)
		}
		return nil
	}))))
	j = r.begin()
	if n := opened.Swap(0); n != int64(len(old)) {
		t.Errorf("%d files are checked, of %d", n, len(old))
	}
	r.checkpoint(j)
	if kept := slices.DeleteFunc(r.movedFiles(), func(f string) bool { return !old[filepath.Base(f)] }); len(kept) == 0 {
		t.Errorf("none of %v is in the first checkpoint", old)
	}
	if n := opened.Load(); n > 0 {
		t.Errorf("%d files are read again for the first checkpoint", n)
	}
	if err := r.look().Verify(t.Context()); err != nil {
		t.Error(err)
	}
	r.let(movedKeys / 2)
	r.finish()
	r.wait(j)
	r.expectCounts(counts, 3)
}
