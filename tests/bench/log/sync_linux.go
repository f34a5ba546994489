package main

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// datasync is what the log does after a write.
func datasync(f *os.File) error { return unix.Fdatasync(int(f.Fd())) }

// forget has the kernel drop files from its cache.
func forget(files []string) error {
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		err = f.Sync() // only clean pages are dropped
		err = errors.Join(err, unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED), f.Close())
		if err != nil {
			return err
		}
	}
	return nil
}
