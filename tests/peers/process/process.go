// Package process asks Linux what a running process has used. Enter at ID.
package process

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// ID is the id of a running process, of which Linux tells in /proc.
type ID int

func (p ID) file(name string) string { return fmt.Sprintf("/proc/%d/%s", int(p), name) }

// ticks is how many clock ticks of /proc/PID/stat are a second, on every Linux of today.
const ticks = 100

// CPU gives the time of all threads, in user mode and in the kernel.
func (p ID) CPU() (time.Duration, error) {
	text, err := os.ReadFile(p.file("stat"))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(text), ") ") // the name may hold spaces
	fields := strings.Fields(rest)
	var sum int64
	for _, i := range []int{11, 12} { // utime, stime
		if i >= len(fields) {
			return 0, fmt.Errorf("reading %s: too few fields", p.file("stat"))
		}
		n, err := strconv.ParseInt(fields[i], 10, 64)
		if err != nil {
			return 0, fmt.Errorf("reading %s: %w", p.file("stat"), err)
		}
		sum += n
	}
	return time.Duration(sum) * time.Second / ticks, nil
}

// ForgetPeak begins the peak of resident memory anew.
func (p ID) ForgetPeak() error { return os.WriteFile(p.file("clear_refs"), []byte("5"), 0o600) }

// Peak gives the most resident memory, in bytes.
func (p ID) Peak() (int64, error) {
	text, err := os.ReadFile(p.file("status"))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(text), "VmHWM:")
	rest, _, _ = strings.Cut(rest, "kB")
	n, err := strconv.ParseInt(strings.TrimSpace(rest), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("reading VmHWM in %s: %w", p.file("status"), err)
	}
	return n << 10, nil
}
