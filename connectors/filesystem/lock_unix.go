//go:build unix

package filesystem

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// lock marks a file as being written; it ends when the file is closed, also by the
// process's death.
func lock(f *os.File) error {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}

// removeIfDead removes a file that nobody holds a lock on.
func removeIfDead(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if lock(f) != nil { // its writer lives
		return f.Close()
	}
	return errors.Join(os.Remove(path), f.Close())
}
