package segment

import (
	"os"
	"syscall"
)

// datasync flushes data and the file's length, not its times.
func datasync(f handle) error {
	for {
		err := syscall.Fdatasync(int(f.Fd()))
		if err == syscall.EINTR {
			continue
		}
		return os.NewSyscallError("fdatasync", err)
	}
}
