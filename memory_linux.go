package weir

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// program is what is mapped of the program's file and only read.
type program struct{ parts [][2]uintptr }

// piece is how much of the program's file the kernel maps at most around a byte that is used.
const piece = 128 << 10

// findProgram finds it, and has it mapped in pieces; it is never nil. Where a file lies in the kernel's cache in pages of 2 MB, as one does that was just written, the kernel maps as much
// around each byte that is used, and a process that has started has most of a program of 60 MB among its resident memory. It
// goes beyond no mapping, though, and so every other piece is made one of its own, by advice that has no other effect on it.
//
// Mappings are left out that can be written to or hold anything but what the file does: what a loader has relocated, or a debugger has written.
func findProgram() (*program, error) {
	p := &program{}
	exe, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return p, err
	}
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		return p, err
	}
	defer func() { _ = f.Close() }()
	var part [2]uintptr // of the mapping that is looked at, if it may be left
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		line := lines.Text()
		if from, to, ok := programPart(line, exe); ok {
			part = [2]uintptr{from, to}
			continue
		}
		if rest, ok := strings.CutPrefix(line, "Anonymous:"); ok {
			if part[1] > part[0] && strings.TrimSpace(rest) == "0 kB" {
				p.parts = append(p.parts, part)
			}
			part = [2]uintptr{}
		}
	}
	err = lines.Err()
	for _, part := range p.parts {
		for at := part[0]&^(piece-1) + piece; at < part[1]; at += 2 * piece {
			err = errors.Join(err, advise(at, min(at+piece, part[1]), unix.MADV_NOHUGEPAGE))
		}
	}
	return p, err
}

// leave gives its pages back to the kernel, which maps those that are used again.
func (p *program) leave() (err error) {
	for _, part := range p.parts {
		err = errors.Join(err, advise(part[0], part[1], unix.MADV_DONTNEED))
	}
	return err
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
