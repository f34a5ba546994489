//go:build unix

package state

import (
	"errors"
	"os"
	"syscall"
)

// lockScratch takes a new folder for this process; errTaken is the error where another was faster. Without locks, which some file systems do not have, nobody removes it.
func lockScratch(dir string) (*os.File, error) {
	f, err := openScratch(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, errTaken
	}
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errors.Join(errTaken, f.Close())
	}
	have, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if there, err := os.Lstat(dir); err != nil || !os.SameFile(have, there) { // it was removed before it was locked
		return nil, errors.Join(errTaken, f.Close())
	}
	return f, nil
}

// removeIfDead removes a folder that nobody holds a lock on.
func removeIfDead(dir string) error {
	f, err := openScratch(dir)
	if err != nil {
		return err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return errors.Join(err, f.Close())
	}
	return errors.Join(os.RemoveAll(dir), f.Close())
}

// openScratch opens a folder, and nothing that a link leads to.
func openScratch(dir string) (*os.File, error) {
	return os.OpenFile(dir, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_DIRECTORY, 0)
}
