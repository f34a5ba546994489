package task

import (
	"sync/atomic"
	"time"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/metrics"
)

// split is an open split of a source task.
type split struct {
	id     string
	reader connectors.Reader
	mark   int    // its input of the source's merger
	rows   int64  // read so far
	end    []byte // of a split that was read to its end: the reader's position there
	stats  *metrics.Split

	waiting bool        // the reader has given ErrNoData
	woken   atomic.Bool // and has called Wake since
	quiet   time.Time   // since when it has given nothing; zero: it has just given rows
	idle    bool        // quiet for longer than the idle timeout
}

// ready reports whether it is worth asking the reader for rows.
func (s *split) ready() bool { return !s.waiting || s.woken.Load() }
