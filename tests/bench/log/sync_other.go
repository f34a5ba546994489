//go:build !linux

package main

import (
	"errors"
	"os"
)

func datasync(f *os.File) error { return f.Sync() }

func forget([]string) error { return errors.ErrUnsupported }
