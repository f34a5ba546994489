//go:build linux && (amd64 || arm64)

package pages

import (
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// Most is what a block is best reserved for whose size is not foretold: there are addresses for 4,000 of them.
const Most = 16 << 30

// addresses is how many bytes are reserved.
var addresses atomic.Int64

// allowed bounds that, so that there are addresses left for the heap: half of what x86-64 has, a quarter of what the process may have (ulimit -v), and where a terabyte cannot be
// had, as with the 39 bits of some ARM kernels, a quarter of what these have.
var allowed = sync.OnceValue(func() int64 {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_AS, &limit) == nil && limit.Cur < 1<<46 {
		return int64(limit.Cur / 4)
	}
	mem, err := mapped(1 << 40)
	if err != nil {
		return 1 << 37
	}
	_ = unix.Munmap(mem)
	return 1 << 46
})

func mapped(size int) ([]byte, error) {
	return unix.Mmap(-1, 0, size, unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_NORESERVE)
}

func reserve(size int) []byte {
	if addresses.Add(int64(size)) <= allowed() {
		if mem, err := mapped(size); err == nil {
			return mem
		}
	}
	addresses.Add(-int64(size))
	return nil
}

func commit(mem []byte) bool { return unix.Mprotect(mem, unix.PROT_READ|unix.PROT_WRITE) == nil }

// discard and unmap cannot fail for what reserve has given; if they did, it would stay.

func discard(mem []byte) { _ = unix.Madvise(mem, unix.MADV_DONTNEED) }

func unmap(mem []byte) {
	addresses.Add(-int64(len(mem)))
	_ = unix.Munmap(mem)
}
