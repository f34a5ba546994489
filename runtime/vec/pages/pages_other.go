//go:build !linux || !(amd64 || arm64)

package pages

// Most is what a block is best reserved for whose size is not foretold.
const Most = 0

func reserve(int) []byte { return nil }

func commit([]byte) bool { return false }

func discard([]byte) {}

func unmap([]byte) {}
