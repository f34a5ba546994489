//go:build linux && (amd64 || arm64)

package pages

import "golang.org/x/sys/unix"

// Most is what a block is best reserved for whose size is not foretold: there are addresses for 8,000 of them.
const Most = 16 << 30

func reserve(size int) []byte {
	mem, err := unix.Mmap(-1, 0, size, unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_NORESERVE)
	if err != nil {
		return nil
	}
	return mem
}

func commit(mem []byte) bool { return unix.Mprotect(mem, unix.PROT_READ|unix.PROT_WRITE) == nil }

// discard and unmap cannot fail for what reserve has given; if they did, it would stay.

func discard(mem []byte) { _ = unix.Madvise(mem, unix.MADV_DONTNEED) }

func unmap(mem []byte) { _ = unix.Munmap(mem) }
