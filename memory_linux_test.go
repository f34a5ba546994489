package weir

import (
	"os"
	"strings"
	"testing"
)

// TestLeaveProgram has no page of 2 MB of the program's file be resident behind it, and the program still run.
func TestLeaveProgram(t *testing.T) {
	if err := leaveProgram(); err != nil {
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
	left, inside := 0, false
	for line := range strings.Lines(string(smaps)) {
		line = strings.TrimSuffix(line, "\n")
		if _, _, ok := programPart(line, exe); ok {
			inside = true
		}
		if flags, ok := strings.CutPrefix(line, "VmFlags:"); ok && inside {
			if strings.Contains(flags, " nh") { // no huge pages
				left++
			}
			inside = false
		}
		if huge, ok := strings.CutPrefix(line, "FilePmdMapped:"); ok && inside && strings.TrimSpace(huge) != "0 kB" {
			t.Errorf("of a mapping of the program pages of 2 MB are resident: %s", huge)
		}
	}
	if left < 2 {
		t.Errorf("%d mappings of the program were left, not its text and its constants", left)
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
