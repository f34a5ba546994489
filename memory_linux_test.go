package weir

import (
	"os"
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

// TestProgramPart tells the parts of the program that are only read from what must not be left.
func TestProgramPart(t *testing.T) {
	for line, want := range map[string]bool{
		"00402000-021ca000 r-xp 00002000 fe:00 10006552                           /opt/my weir":   true,
		"021ca000-03f81000 r--p 01dca000 fe:00 10006552                           /opt/my weir":   true,
		"03f82000-048c5000 rw-p 03b81000 fe:00 10006552                           /opt/my weir":   false,
		"03f82000-048c5000 ---p 03b81000 fe:00 10006552                           /opt/my weir":   false,
		"7f6308934000-7f6308a8a000 r-xp 00026000 fe:00 326269                     /usr/libc.so.6": false,
		"18538e400000-185397800000 rw-p 00000000 00:00 0 ":                                        false,
		"Anonymous:             0 kB": false,
	} {
		from, to, ok := programPart(line, "/opt/my weir")
		if ok != want || ok && to <= from {
			t.Errorf("%s: %v, from %x to %x", line, ok, from, to)
		}
	}
}
