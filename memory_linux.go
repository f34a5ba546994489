package weir

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// leaveProgram gives the pages of the program's file that are mapped back to the kernel, which maps those that are used again, 64 KB at a time. A file
// system with large pages in its cache has it map 2 MB around each byte that is used, so that a process which has started has most of a
// program of 60 MB among its resident memory; that is switched off for them.
//
// Only mappings that cannot be written to and hold nothing but what the file does are touched: not what a loader has relocated, nor what
// a debugger has written to.
func leaveProgram() error {
	exe, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return err
	}
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	var from, to uintptr // of the mapping that is looked at, if it may be left
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		line := lines.Text()
		if a, b, ok := programPart(line, exe); ok {
			from, to = a, b
			continue
		}
		if rest, ok := strings.CutPrefix(line, "Anonymous:"); ok && to > from {
			if strings.TrimSpace(rest) == "0 kB" {
				err = errors.Join(err, advise(from, to, unix.MADV_NOHUGEPAGE), advise(from, to, unix.MADV_DONTNEED))
			}
			from, to = 0, 0
		}
	}
	return errors.Join(err, lines.Err())
}

// programPart reads a line that begins a mapping of a file, and reports whether it is one of exe that is only read.
func programPart(line, exe string) (from, to uintptr, ok bool) {
	parts := strings.Fields(line) // from-to permissions offset device inode path
	if len(parts) < 6 || !strings.HasSuffix(line, " "+exe) || !strings.HasPrefix(parts[1], "r-") || !strings.HasSuffix(parts[1], "p") {
		return 0, 0, false
	}
	if _, err := fmt.Sscanf(parts[0], "%x-%x", &from, &to); err != nil {
		return 0, 0, false
	}
	return from, to, true
}

func advise(from, to uintptr, advice int) error {
	if _, _, errno := unix.Syscall(unix.SYS_MADVISE, from, to-from, uintptr(advice)); errno != 0 {
		return fmt.Errorf("madvise of %x-%x: %w", from, to, errno)
	}
	return nil
}
