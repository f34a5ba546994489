package state

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
)

// Scratch is a temporary folder that does not outlive its process for long: one whose process was killed is removed by the next that makes one, as long as both have the
// same folder for temporary files. The process holds a lock on it, which ends with either.
type Scratch struct {
	Dir  string
	lock *os.File // nil: the system has no locks
}

// scratchPattern is for os.MkdirTemp, which puts digits behind it.
const scratchPattern = "weir-scratch-"

var scratchName = regexp.MustCompile("^" + scratchPattern + "[0-9]+$")

// scratchTries is how many folders are made until one is locked before another process, which sees it without a lock, removes it.
const scratchTries = 10

// errTaken says that another process has locked a folder, or removed it.
var errTaken = errors.New("another process has taken it")

// NewScratch makes a folder, and removes those of processes that have died.
func NewScratch() (*Scratch, error) {
	sweepScratch()
	for range scratchTries {
		dir, err := os.MkdirTemp("", scratchPattern)
		if err != nil {
			return nil, err
		}
		switch lock, err := lockScratch(dir); {
		case err == nil:
			return &Scratch{Dir: dir, lock: lock}, nil
		case !errors.Is(err, errTaken):
			return nil, errors.Join(fmt.Errorf("locking %s: %w", dir, err), os.RemoveAll(dir))
		}
	}
	return nil, errors.New("other processes remove each temporary folder that is made")
}

// Close removes the folder.
func (s *Scratch) Close() error {
	err := os.RemoveAll(s.Dir)
	if s.lock != nil {
		err = errors.Join(err, s.lock.Close())
	}
	return err
}

// sweepScratch removes the folders that nobody has. It is a courtesy: what cannot be listed or removed is left to the next process.
func sweepScratch() {
	root := os.TempDir()
	entries, _ := os.ReadDir(root)
	for _, e := range entries {
		if e.IsDir() && scratchName.MatchString(e.Name()) {
			_ = removeIfDead(filepath.Join(root, e.Name()))
		}
	}
}
