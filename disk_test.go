package weir

import (
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
)

const diskJob = `SET 'execution.checkpointing.interval' = '10 ms';
SET 'restart-strategy.type' = 'none';
CREATE TABLE t (id BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '2000',
  'fields.id.kind' = 'sequence', 'fields.id.start' = '1', 'fields.id.end' = '2000');
CREATE TABLE o (id BIGINT, n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'changelog-json');
INSERT INTO o SELECT id, COUNT(*) FROM t GROUP BY id;
`

// TestDiskErrors has writes, or only syncs, of the state folder fail as the database begins. The job fails with the disk's
// error, and a later run with a sound disk commits every row once.
func TestDiskErrors(t *testing.T) {
	full := func(op errorfs.Op) bool { return op.Kind == errorfs.OpFileWrite || op.Kind == errorfs.OpCreate }
	unsynced := func(op errorfs.Op) bool {
		return op.Kind == errorfs.OpFileSync || op.Kind == errorfs.OpFileSyncData || op.Kind == errorfs.OpFileSyncTo
	}
	for _, c := range []struct {
		name  string
		hit   func(errorfs.Op) bool
		after int64
		err   error
	}{
		{"full early", full, 5, syscall.ENOSPC},
		{"fsync early", unsynced, 3, syscall.EIO},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			var seen atomic.Int64
			broken := errorfs.Wrap(vfs.Default, errorfs.InjectorFunc(func(op errorfs.Op) error {
				if strings.Contains(op.Path, "state") && c.hit(op) && seen.Add(1) > c.after {
					return c.err
				}
				return nil
			}))
			err := runOn(t, dir, broken)
			if err == nil || !strings.Contains(err.Error(), c.err.Error()) {
				t.Fatalf("the job ends with %v, not with %v; %d operations", err, c.err, seen.Load())
			}
			t.Log(err)
			if err := runOn(t, dir, nil); err != nil {
				t.Fatal(err)
			}
			files, err := filepath.Glob(filepath.Join(dir, "out", "[^.]*"))
			if err != nil {
				t.Fatal(err)
			}
			rows := map[string]int{}
			for _, f := range files {
				text, err := os.ReadFile(f)
				if err != nil {
					t.Fatal(err)
				}
				for line := range strings.Lines(string(text)) {
					rows[line]++
					if rows[line] > 1 || !strings.Contains(line, `"+I"`) {
						t.Fatalf("%s is committed %d times", line, rows[line])
					}
				}
			}
			if len(rows) != 2000 {
				t.Fatalf("%d rows are committed, not 2000", len(rows))
			}
		})
	}
}

func runOn(t *testing.T, dir string, fs vfs.FS) error {
	t.Helper()
	env, err := NewEnv(WithBaseDir(dir), WithParallelism(2), WithStateDir(filepath.Join(dir, "state")), WithStateFS(fs))
	if err != nil {
		t.Fatal(err)
	}
	res, err := env.ExecuteSQL(t.Context(), diskJob)
	if err != nil {
		return err
	}
	return res.Job().Wait(t.Context())
}
