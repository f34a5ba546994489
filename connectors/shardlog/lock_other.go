//go:build !unix

package shardlog

import (
	"fmt"
	"os"
	"path/filepath"
)

// lockDir takes the folder for this process by a file that must not exist yet.
// Where the system has no advisory locks, a killed process leaves it behind.
func lockDir(dir string) (*os.File, error) {
	path := filepath.Join(dir, "LOCK")
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
	if os.IsExist(err) {
		return nil, fmt.Errorf("%w: %s (remove %s if that process is gone)", ErrLocked, dir, path)
	}
	if err != nil {
		return nil, fmt.Errorf("locking the folder: %w", err)
	}
	return f, nil
}
