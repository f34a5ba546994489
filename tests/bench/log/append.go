package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/weirstream/weir/connectors/shardlog"
)

// appendRounds is how often the log and the file have their turn, each of appendTurn.
const (
	appendRounds = 10
	appendTurn   = 200 * time.Millisecond
)

// appends compares batches that are appended to one shard, with fsync, with writes of the same bytes to a plain file and
// the same syncs.
func appends(ctx context.Context, _ options, dir string) error {
	fmt.Printf("%-14s %14s %14s %10s %7s %5s\n", "records a batch", "log records/s", "file records/s", "file MB/s", "ratio", "bar")
	for _, n := range []int{1, 64, 500, 8000} {
		err := inFolder(dir, func(dir string) error {
			return withStream(dir, 1, shardlog.Options{}, func(st *shardlog.Stream) error {
				return appendInTurns(ctx, st, filepath.Join(dir, "plain"), n)
			})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func appendInTurns(ctx context.Context, st *shardlog.Stream, path string, n int) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	puts := batch(n)
	bytes := make([]byte, n*(recordSize+8)) // what the log writes, but for its frame header
	var inLog, inFile rate
	for range appendRounds {
		if err := inLog.turn(n, func() error { _, err := st.Append(ctx, puts); return err }); err != nil {
			return err
		}
		err := inFile.turn(n, func() error {
			if _, err := f.Write(bytes); err != nil {
				return err
			}
			return datasync(f)
		})
		if err != nil {
			return err
		}
	}
	fmt.Printf("%-15d %14.0f %14.0f %10.1f %7.2f %5.1f\n", n, inLog.perSecond(), inFile.perSecond(), inFile.perSecond()*recordSize/1e6, inLog.perSecond()/inFile.perSecond(), 0.5)
	return nil
}

// rate is work done in turns.
type rate struct {
	records int
	took    time.Duration
}

// turn does calls of n records for a while.
func (r *rate) turn(n int, call func() error) error {
	began := time.Now()
	for time.Since(began) < appendTurn {
		if err := call(); err != nil {
			return err
		}
		r.records += n
	}
	r.took += time.Since(began)
	return nil
}

func (r *rate) perSecond() float64 { return float64(r.records) / r.took.Seconds() }

// reads compares reading a shard from its beginning with reading its bytes from a plain file, from the kernel's cache and, where
// the kernel can be told to forget them, from the disk.
func reads(ctx context.Context, _ options, dir string) error {
	const total = 1_000_000 // 200 MB
	return withStream(dir, 1, shardlog.Options{Durability: shardlog.None}, func(st *shardlog.Stream) error {
		puts := batch(8000)
		for range total / len(puts) {
			if _, err := st.Append(ctx, puts); err != nil {
				return err
			}
		}
		files, err := filepath.Glob(filepath.Join(dir, "log", "streams", "*", "*", "*.seg"))
		if err != nil {
			return err
		}
		fmt.Printf("%-12s %14s %14s %10s %7s %5s\n", "", "log records/s", "file records/s", "file MB/s", "ratio", "bar")
		for _, cold := range []bool{false, true} {
			if err := readInTurns(st, files, cold); err != nil {
				return err
			}
		}
		return nil
	})
}

func readInTurns(st *shardlog.Stream, files []string, cold bool) error {
	name := "cached"
	prepare := func() error { return nil }
	if cold {
		name = "from disk"
		prepare = func() error { return forget(files) }
	}
	var inLog, inFile rate
	var bytes int64
	for range 3 {
		if err := prepare(); errors.Is(err, errors.ErrUnsupported) {
			return nil
		} else if err != nil {
			return err
		}
		began := time.Now()
		n, err := readLog(st)
		if err != nil {
			return err
		}
		inLog.records, inLog.took = inLog.records+n, inLog.took+time.Since(began)
		if err := prepare(); err != nil {
			return err
		}
		began = time.Now()
		if bytes, err = readFiles(files); err != nil {
			return err
		}
		inFile.records, inFile.took = inFile.records+n, inFile.took+time.Since(began)
	}
	perRecord := float64(bytes) / float64(inFile.records/3)
	fmt.Printf("%-12s %14.0f %14.0f %10.0f %7.2f %5.1f\n", name, inLog.perSecond(), inFile.perSecond(), inFile.perSecond()*perRecord/1e6, inLog.perSecond()/inFile.perSecond(), 0.5)
	return nil
}

func readLog(st *shardlog.Stream) (records int, err error) {
	var b shardlog.Batch
	for from := uint64(1); ; from = b.Next {
		if err := st.Read(0, from, shardlog.Limits{}, &b); err != nil {
			return records, err
		}
		if len(b.Records) == 0 {
			return records, nil
		}
		records += len(b.Records)
	}
}

func readFiles(files []string) (n int64, err error) {
	buf := make([]byte, 1<<20)
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return n, err
		}
		m, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{f}, buf)
		n += m
		if err = errors.Join(err, f.Close()); err != nil {
			return n, err
		}
	}
	return n, nil
}
