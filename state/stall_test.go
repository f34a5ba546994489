package state

import (
	"encoding/binary"
	"errors"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
)

// compacting opens a store whose reads of tables, which are those of compactions alone, first are met. It has failed for good when
// they fail for as long as it is patient.
func compacting(t *testing.T, patience time.Duration, meet func() error) *Store {
	t.Helper()
	fs := errorfs.Wrap(vfs.NewMem(), errorfs.InjectorFunc(func(op errorfs.Op) error {
		if (op.Kind == errorfs.OpFileRead || op.Kind == errorfs.OpFileReadAt) && strings.HasSuffix(op.Path, ".sst") {
			return meet()
		}
		return nil
	}))
	s, err := Open(Options{Dir: "live", MaxGroups: 8, FS: fs})
	if err != nil {
		t.Fatal(err)
	}
	s.failure.patience = patience
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// overwrite writes the same keys again and again, each time as a part of the uppermost level, until the store refuses.
func overwrite(s *Store, times int) error {
	b := s.db.NewBatch()
	defer func() { _ = b.Close() }()
	for i := range times {
		for key := range uint64(10) {
			if err := b.Set(binary.BigEndian.AppendUint64([]byte{1}, key), []byte{byte(i)}, nil); err != nil {
				return err
			}
		}
		if err := s.room(between); err != nil {
			return err
		}
		if err := s.apply(b); err != nil {
			return err
		}
		_ = s.flush() // a checkpoint that fails may be tolerated
	}
	return nil
}

// ends gives what f ends with.
func ends(t *testing.T, f func() error) error {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		return err
	case <-time.After(30 * time.Second):
		t.Fatal("the writer hangs")
		return nil
	}
}

// TestCompactionsFail has all compactions fail: the store fails with it, and does not have writers wait.
func TestCompactionsFail(t *testing.T) {
	s := compacting(t, 200*time.Millisecond, func() error { return syscall.EIO })
	err := ends(t, func() error { return overwrite(s, 1<<20) })
	if !errors.Is(err, syscall.EIO) || !strings.Contains(err.Error(), "live") {
		t.Errorf("the store ends with %v, which is not the disk's error with the folder's name", err)
	}
}

// TestCompactionsFailOnce has a compaction fail now and then: the store goes on.
func TestCompactionsFailOnce(t *testing.T) {
	var reads atomic.Int64
	s := compacting(t, time.Hour, func() error {
		if reads.Add(1)%200 == 1 {
			return syscall.EIO
		}
		return nil
	})
	if err := ends(t, func() error { return overwrite(s, 300) }); err != nil {
		t.Error(err)
	}
	if n := s.db.Metrics().Levels[0].Sublevels; n >= maxSublevels {
		t.Errorf("%d parts were not put together", n)
	}
}

// TestCompactionsHang has compactions hang, as on a disk that does not answer: writers wait at last, and give up when the job is
// over, or when nothing has happened for long.
func TestCompactionsHang(t *testing.T) {
	over := errors.New("over")
	for _, c := range []struct {
		name string
		do   func(s *Store)
		want string
	}{
		{"interrupted", func(s *Store) { time.AfterFunc(100*time.Millisecond, func() { s.Interrupt(over) }) }, over.Error()},
		{"left alone", func(s *Store) { s.failure.standing = 100 * time.Millisecond }, "the database in live has failed: for 100ms it has"},
	} {
		t.Run(c.name, func(t *testing.T) {
			answer := make(chan struct{})
			s := compacting(t, time.Hour, func() error {
				<-answer
				return nil
			})
			defer close(answer)
			if err := overwrite(s, maxSublevels); err != nil {
				t.Fatal(err)
			}
			c.do(s)
			if err := ends(t, func() error { return overwrite(s, 1<<20) }); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the writer ends with %v, not with %s", err, c.want)
			}
		})
	}
}
