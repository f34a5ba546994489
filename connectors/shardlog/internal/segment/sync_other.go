//go:build !linux

package segment

func datasync(f handle) error { return f.Sync() }
