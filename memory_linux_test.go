package weir

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

// TestLeaveProgram has the program run on when its pages have been left, in mappings of a piece, of which none is resident in a page of 2 MB.
func TestLeaveProgram(t *testing.T) {
	p, err := findProgram()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.leave(); err != nil {
		t.Fatal(err)
	}
	exe, err := os.Readlink("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	smaps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	pieces, inside := 0, false
	for line := range strings.Lines(string(smaps)) {
		line = strings.TrimSuffix(line, "\n")
		if from, to, ok := programPart(line, exe); ok {
			if inside = to-from <= piece; inside {
				pieces++
			}
		}
		if huge, ok := strings.CutPrefix(line, "FilePmdMapped:"); ok {
			if inside && strings.TrimSpace(huge) != "0 kB" {
				t.Errorf("of a piece of the program pages of 2 MB are resident: %s", huge)
			}
			inside = false // what follows may be another mapping than the program's
		}
	}
	if len(p.parts) < 2 || pieces < 20 {
		t.Errorf("%d mappings of the program in %d pieces, not its text and its constants in many", len(p.parts), pieces)
	}
	if err := p.leave(); err != nil {
		t.Error(err)
	}
}

// neverCalled is code that a test may change.
//
//go:noinline
func neverCalled(x int) int { return x*3 + 1 }

// TestBreakpointsStay puts a breakpoint into the program, as a debugger does: it is there when the program's pages have been left.
func TestBreakpointsStay(t *testing.T) {
	p, err := findProgram()
	if err != nil {
		t.Fatal(err)
	}
	memory, err := os.OpenFile("/proc/self/mem", os.O_RDWR, 0)
	if err != nil {
		t.Skip(err)
	}
	defer func() { _ = memory.Close() }()
	at := int64(reflect.ValueOf(neverCalled).Pointer())
	read := func() byte {
		var b [1]byte
		if _, err := memory.ReadAt(b[:], at); err != nil {
			t.Fatal(err)
		}
		return b[0]
	}
	code := read()
	if _, err := memory.WriteAt([]byte{^code}, at); err != nil {
		t.Skip("the kernel does not let a process change its own code: ", err)
	}
	for range 2 {
		if err := p.leave(); err != nil {
			t.Fatal(err)
		}
		if got := read(); got != ^code {
			t.Errorf("at %x there is %x, and should be %x", at, got, ^code)
		}
	}
	if _, err := memory.WriteAt([]byte{code}, at); err != nil {
		t.Fatal(err)
	}
	if neverCalled(2) != 7 {
		t.Error("the code is another")
	}
}

// BenchmarkLeaveProgram leaves pages of which those that the program needs come back.
func BenchmarkLeaveProgram(b *testing.B) {
	p, err := findProgram()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := p.leave(); err != nil {
			b.Fatal(err)
		}
	}
}

// TestProgramPart tells the parts of the program that are only read from what must not be left.
func TestProgramPart(t *testing.T) {
	for line, want := range map[string]bool{
		"00402000-021ca000 r-xp 00002000 fe:00 10006552                           /opt/my weir":   true,
		"021ca000-03f81000 r--p 01dca000 fe:00 10006552                           /opt/my weir":   true,
		"03f82000-048c5000 rw-p 03b81000 fe:00 10006552                           /opt/my weir":   false,
		"03f82000-048c5000 ---p 03b81000 fe:00 10006552                           /opt/my weir":   false,
		"7f6308934000-7f6308a8a000 r-xp 00026000 fe:00 326269                     /usr/libc.so.6": false,
		"18538e400000-185397800000 rw-p 00000000 00:00 0 ":                                        false,
	} {
		from, to, ok := programPart(line, "/opt/my weir")
		if ok != want || ok && to <= from {
			t.Errorf("%s: %v, from %x to %x", line, ok, from, to)
		}
	}
}
