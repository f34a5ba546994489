package filesystem

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
)

// maxOpen is how many part files, one a partition, a writer keeps open.
const maxOpen = 256

// writer writes the rows of one subtask, to one part file a partition.
type writer struct {
	sink    *sink
	req     connectors.WriteRequest
	router  *router
	inner   vec.Batch // the payload of the batch being written
	payload []int     // its places in the table

	open  map[string]*partFile // by partition folder
	done  []pending            // finished since the last Prepare
	next  map[string]int       // the number that the next part file of a folder tries first
	check time.Time            // when the rollover interval was last checked
}

func newWriter(s *sink, r connectors.WriteRequest) (*writer, error) {
	w := &writer{sink: s, req: r, open: map[string]*partFile{}, next: map[string]int{}}
	for i, c := range r.Columns {
		if !isPartition(s.table, c.Name) {
			w.payload = append(w.payload, i)
		}
	}
	w.inner.Cols = make([]*vec.Vector, len(w.payload))
	w.check = w.now()
	var err error
	w.router, err = newRouter(r.Columns, s.table.PartitionedBy)
	return w, err
}

func (w *writer) now() time.Time {
	if w.req.Clock == nil {
		return time.Time{}
	}
	return w.req.Clock.Now()
}

// Write is connectors.Writer's.
func (w *writer) Write(b *vec.Batch) error {
	for k, i := range w.payload {
		w.inner.Cols[k] = b.Cols[i]
	}
	w.inner.Kinds, w.inner.Sel = b.Kinds, b.Sel
	w.inner.SetLen(b.Len())
	if len(w.router.columns) == 0 {
		return w.writeTo("", nil)
	}
	return w.router.route(b, w.writeTo)
}

// writeTo writes rows of the current batch (nil: all that count) to a partition's folder.
func (w *writer) writeTo(dir string, sel []int32) error {
	p := w.open[dir]
	if p == nil {
		var err error
		if p, err = w.begin(dir); err != nil {
			return err
		}
	}
	if err := p.write(&w.inner, sel); err != nil {
		return w.fault(p, err)
	}
	if p.size() >= w.sink.rolling.size {
		return w.finish(dir)
	}
	return nil
}

// fault names the file that could not be written.
func (w *writer) fault(p *partFile, err error) error {
	var e *format.RecordError
	if errors.As(err, &e) {
		out := diag.Errorf(diag.Span{}, "writing a row to '%s': %w", p.final, err)
		out.Hint = e.Hint
		return out
	}
	return fmt.Errorf("writing '%s': %w", p.path, err)
}

// begin opens a new part file in a partition's folder, under the first number that is not
// taken.
func (w *writer) begin(dir string) (*partFile, error) {
	if len(w.open) >= maxOpen {
		if err := w.finishLargest(); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(filepath.Join(w.sink.dir, dir), 0o777); err != nil {
		return nil, fmt.Errorf("making the folder of partition '%s': %w", dir, err)
	}
	for {
		p, err := create(w.sink.dir, filepath.Join(dir, w.fileName(w.next[dir])))
		w.next[dir]++
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("beginning a part file: %w", err)
		}
		p.born = w.now()
		w.open[dir] = p
		if err := p.begin(w.sink.encoding, w.sink.compress); err != nil {
			return nil, fmt.Errorf("beginning '%s': %w", p.path, err)
		}
		return p, nil
	}
}

// fileName makes part-<job>-<subtask>-<number>.<format>[.<compression>].
func (w *writer) fileName(n int) string {
	name := fmt.Sprintf("part-%s-%d-%d", fileWord(w.req.JobID), w.req.Subtask, n)
	if ends := w.sink.format.Extensions; len(ends) > 0 {
		name += "." + ends[0]
	}
	return name + map[string]string{"gzip": ".gz", "zstd": ".zst"}[w.sink.compress]
}

// fileWord makes a name fit to stand between the dashes of a file's.
func fileWord(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_' {
			return r
		}
		return '_'
	}, name)
}

func (w *writer) finish(dir string) error {
	p := w.open[dir]
	delete(w.open, dir)
	done, err := p.finish()
	if err != nil {
		return errors.Join(err, p.discard())
	}
	w.done = append(w.done, done)
	return nil
}

// finishLargest makes room for another partition.
func (w *writer) finishLargest() error {
	largest, size := "", int64(-1)
	for dir, p := range w.open {
		if n := p.size(); n > size {
			largest, size = dir, n
		}
	}
	return w.finish(largest)
}

// Prepare is connectors.Writer's. With checkpoints, all open files are finished, because
// what is in them belongs to the checkpoint; without, those that are due.
func (w *writer) Prepare(final bool) ([][]byte, error) {
	now := w.now()
	due := now.Sub(w.check) >= w.sink.rolling.check
	if due {
		w.check = now
	}
	for dir, p := range w.open {
		old := due && now.Sub(p.born) >= w.sink.rolling.interval
		if !final && w.req.NoCheckpoints && !old {
			continue
		}
		if err := w.finish(dir); err != nil {
			return nil, err
		}
	}
	if !w.req.NoCheckpoints {
		if err := w.syncFolders(); err != nil {
			return nil, err
		}
	}
	var out [][]byte
	for _, p := range w.done {
		c, err := p.committable()
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	w.done = w.done[:0]
	return out, nil
}

// syncFolders makes the names of the finished files durable, and those of the folders that lead to them: a checkpoint
// is about to rely on them.
func (w *writer) syncFolders() error {
	synced := map[string]bool{}
	for _, p := range w.done {
		for dir := path.Dir(p.Name); !synced[dir]; dir = path.Dir(dir) {
			synced[dir] = true
			full := filepath.Join(w.sink.dir, filepath.FromSlash(dir))
			if err := syncDir(full); err != nil {
				return fmt.Errorf("syncing folder '%s': %w", full, err)
			}
		}
	}
	return nil
}

// Close is connectors.Writer's: files that were not handed over by Prepare are removed.
func (w *writer) Close() error {
	var err error
	for dir, p := range w.open {
		err = errors.Join(err, p.discard())
		delete(w.open, dir)
	}
	for _, p := range w.done {
		err = errors.Join(err, os.Remove(hiddenName(filepath.Join(w.sink.dir, filepath.FromSlash(p.Name)), pendingEnd)))
	}
	w.done = nil
	return err
}
