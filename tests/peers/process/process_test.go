package process

import (
	"os"
	"testing"
)

func TestOwnProcess(t *testing.T) {
	p := ID(os.Getpid())
	if _, err := p.CPU(); err != nil {
		t.Skipf("skipped: %v", err) // not on Linux
	}
	if n, err := p.Peak(); err != nil || n < 1<<20 {
		t.Errorf("a peak of %d bytes, error %v", n, err)
	}
}
