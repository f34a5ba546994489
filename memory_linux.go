package weir

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// program is what is mapped of the program's file and only read.
type program struct {
	parts [][2]uintptr
	flags []byte // scratch
}

// piece is how much of the program's file the kernel maps at most around a byte that is used.
const piece = 128 << 10

// findProgram finds it, and has it mapped in pieces; it is never nil. Where a file lies in the kernel's cache in pages of 2 MB, as one does that was just written, the kernel maps as much
// around each byte that is used, and a process that has started has most of a program of 60 MB among its resident memory. It
// goes beyond no mapping, though, and so every other piece is made one of its own, by advice that has no other effect on it.
//
// Mappings that can be written to are left out.
func findProgram() (*program, error) {
	p := &program{}
	exe, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return p, err
	}
	f, err := os.Open("/proc/self/maps")
	if err != nil {
		return p, err
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if from, to, ok := programPart(lines.Text(), exe); ok {
			p.parts = append(p.parts, [2]uintptr{from, to})
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

// leave gives its pages back to the kernel, which maps those that are used again. Pages that hold anything but what the file does stay: what a loader has relocated, and where a debugger, or a probe of
// the kernel's, has put a breakpoint, but for one that is put there while this runs.
func (p *program) leave() (err error) {
	pages, err := os.Open("/proc/self/pagemap")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pages.Close()) }()
	size := uintptr(os.Getpagesize())
	if p.flags == nil {
		p.flags = make([]byte, 1<<15)
	}
	for _, part := range p.parts {
		for at := part[0]; at < part[1]; {
			flags := p.flags[:min(len(p.flags), int((part[1]-at)/size)*pageEntry)]
			if _, err := pages.ReadAt(flags, int64(at/size)*pageEntry); err != nil {
				return err
			}
			if err := leaveUnwritten(at, size, flags); err != nil {
				return err
			}
			at += uintptr(len(flags)/pageEntry) * size
		}
	}
	return nil
}

// What the kernel says of a page (admin-guide/mm/pagemap.rst): 8 bytes, of which these bits are looked at.
const (
	pageEntry   = 8
	pagePresent = 1 << 63
	pageSwapped = 1 << 62
	pageOfFile  = 1 << 61
)

// leaveUnwritten leaves pages from an address on, but for those of which the kernel says that they are not the file's.
func leaveUnwritten(from, size uintptr, flags []byte) error {
	at := from // pages from here on are left with the next
	for ; len(flags) > 0; flags = flags[pageEntry:] {
		next := from + size
		if x := binary.NativeEndian.Uint64(flags); x&(pagePresent|pageSwapped) != 0 && x&pageOfFile == 0 {
			if err := leavePages(at, from); err != nil {
				return err
			}
			at = next
		}
		from = next
	}
	return leavePages(at, from)
}

func leavePages(from, to uintptr) error {
	if from == to {
		return nil
	}
	return advise(from, to, unix.MADV_DONTNEED)
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
