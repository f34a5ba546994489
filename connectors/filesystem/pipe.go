package filesystem

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/weirstream/weir/connectors"
)

// pipe reads standard input or a FIFO in a goroutine of its own, so that nobody waits for
// the process at the other end. Two blocks go round: the goroutine fills one while the
// other is read.
//
// A Read that waits for the other end cannot be broken off, so the goroutine ends with it:
// at once where the pipe can be closed, else when the next bytes come.
type pipe struct {
	full  chan block  // filled blocks
	free  chan []byte // blocks to fill
	stop  chan struct{}
	close sync.Once
	now   block // being read
	err   error // sticky, after the last block

	mu sync.Mutex
	f  *os.File // what was opened here and is to be closed, nil for standard input
}

type block struct {
	data []byte // what is left of it
	mem  []byte
	err  error
}

const pipeBlock = 256 << 10

// openPipe starts reading path, or stdin where path is '-', and drops the first skip
// bytes.
func openPipe(path string, stdin io.Reader, skip int64, wake func()) *pipe {
	p := &pipe{full: make(chan block, 2), free: make(chan []byte, 2), stop: make(chan struct{})}
	p.free <- make([]byte, pipeBlock)
	p.free <- make([]byte, pipeBlock)
	go p.run(path, stdin, skip, wake)
	return p
}

func (p *pipe) run(path string, stdin io.Reader, skip int64, wake func()) {
	r, err := p.open(path, stdin)
	if err == nil && skip > 0 {
		if _, err = io.CopyN(io.Discard, r, skip); err != nil {
			err = fmt.Errorf("skipping to byte %d: %w", skip, err)
		}
	}
	for {
		var b block
		select {
		case b.mem = <-p.free:
		case <-p.stop:
			return
		}
		if err == nil {
			var n int
			n, err = r.Read(b.mem)
			b.data = b.mem[:n]
		}
		b.err = err
		p.full <- b // never waits: there are as many places as blocks
		if wake != nil {
			wake()
		}
		if err != nil {
			return
		}
	}
}

// open opens a FIFO, which waits for a writer; only the goroutine may do that.
func (p *pipe) open(path string, stdin io.Reader) (io.Reader, error) {
	if path == stdinPath {
		if stdin == nil {
			return nil, fmt.Errorf("there is no standard input here")
		}
		return stdin, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.stop:
		return nil, errors.Join(os.ErrClosed, f.Close())
	default:
	}
	p.f = f
	return f, nil
}

// Read gives what has come, or connectors.ErrNoData.
func (p *pipe) Read(dst []byte) (int, error) {
	n := 0
	for n < len(dst) {
		if len(p.now.data) == 0 && !p.next() {
			break
		}
		k := copy(dst[n:], p.now.data)
		p.now.data = p.now.data[k:]
		n += k
	}
	switch {
	case n > 0:
		return n, nil
	case p.err != nil:
		return 0, p.err
	}
	return 0, connectors.ErrNoData
}

// next takes the next block, where one is there.
func (p *pipe) next() bool {
	if p.err != nil {
		return false
	}
	if p.now.mem != nil {
		p.free <- p.now.mem
		p.now = block{}
	}
	select {
	case b := <-p.full:
		p.now, p.err = b, b.err
		return len(b.data) > 0
	default:
		return false
	}
}

// Close stops the goroutine, as far as it can be.
func (p *pipe) Close() error {
	var err error
	p.close.Do(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		close(p.stop)
		if p.f != nil {
			err = p.f.Close()
		}
	})
	return err
}
