package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"
	"sync"
	"time"
)

// Mirror is a Storage in an object store. Checkpoints are made in a folder of this machine; what the store does not have of
// them is brought there: new tables of the state, a few small files, the manifest, and at last HEAD says that it is complete.
// What the folder still holds when a job goes on is not read from the store again.
type Mirror struct {
	work   *Folder
	o      Objects
	lease  Lease
	note   func(string)
	before string             // the tag of HEAD as it was when this process took it
	stop   context.CancelFunc // nil: let go
	beat   chan struct{}      // closed when the owner's signs of life have ended

	mu      sync.Mutex
	head    *head
	tag     string // of HEAD
	renewed time.Time
	lost    error         // another has taken over
	gone    chan struct{} // closed then

	// The rest belongs to the goroutine that takes checkpoints.
	stamps  int               // attempts to write a checkpoint
	stored  map[string]string // files of the present attempt of the job that the store has: name to key
	known   map[int64]known   // checkpoints that are complete, or may be
	garbage map[string]bool   // keys that nobody refers to
}

// known is what there is of a checkpoint.
type known struct {
	dir   string
	files []File
}

// keys are those of all objects that the checkpoint refers to.
func (k known) keys() []string {
	keys := []string{k.dir + manifestName} // first: what is left without it was never complete
	for _, f := range k.files {
		keys = append(keys, objectFiles{dir: k.dir}.key(f))
	}
	return keys
}

// Dir is the URL.
func (m *Mirror) Dir() string { return m.o.Place("") }

// Work is the folder of this machine.
func (m *Mirror) Work() *Folder { return m.work }

// Lost is Storage's.
func (m *Mirror) Lost() <-chan struct{} { return m.gone }

// now gives HEAD as it was last read or written.
func (m *Mirror) now() *head {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.head
}

// Job is Storage's.
func (m *Mirror) Job(ctx context.Context, fresh func() (string, error)) (string, error) {
	if id := m.now().Job; id != "" {
		return id, nil
	}
	id, err := fresh()
	if err != nil {
		return "", err
	}
	if err := m.change(ctx, func(h *head) { h.Job = id }); err != nil {
		return "", fmt.Errorf("beginning the state's place: %w", err)
	}
	return id, nil
}

// Complete is Storage's.
func (m *Mirror) Complete(context.Context) ([]int64, error) { return m.now().ids(), nil }

// Read is Storage's.
func (m *Mirror) Read(ctx context.Context, id int64) (*Checkpoint, error) {
	return m.now().read(ctx, m.o, id)
}

// NextID is Storage's.
func (m *Mirror) NextID(ctx context.Context) (int64, error) {
	next, err := m.work.NextID(ctx)
	for _, id := range m.now().ids() {
		next = max(next, id+1)
	}
	return next, err
}

// Resume is Storage's. From here on the files of the checkpoint, and those that come, are known by their names: the database
// gives each name once.
func (m *Mirror) Resume(ctx context.Context, c *Checkpoint) (*Checkpoint, error) {
	m.stored = map[string]string{}
	if c == nil {
		return nil, nil
	}
	if k, ours := m.known[c.ID]; !ours || c.Dir != m.o.Place(k.dir) {
		return m.work.Resume(ctx, c)
	}
	out, err := c.Fetch(ctx, m.work.fs, m.work.Path(c.ID))
	if err != nil {
		return nil, err
	}
	for _, f := range c.Files {
		if f.Shared != "" {
			m.stored[f.Name] = f.Shared
		}
	}
	return out, nil
}

// shared reports whether checkpoints share a file: the tables of the database, and what was moved out of memory, which are written once.
func shared(name string) bool {
	return strings.HasSuffix(name, ".sst") || strings.HasSuffix(name, ".cold")
}

// Finish is Storage's.
func (m *Mirror) Finish(ctx context.Context, c *Manifest) error {
	m.stamps++
	stamp := fmt.Sprintf("%d.%d", m.now().Epoch, m.stamps)
	k := known{dir: dirOf(c.ID, stamp)}
	for _, f := range c.Files {
		if shared(f.Name) {
			if f.Shared = m.stored[f.Name]; f.Shared == "" {
				f.Shared = "shared/" + stamp + "-" + path.Base(f.Name)
			}
		}
		k.files = append(k.files, f)
	}
	m.known[c.ID] = k
	if err := m.upload(ctx, k, c.ID); err != nil {
		return fmt.Errorf("finishing checkpoint %d: %w", c.ID, err)
	}
	full := *c
	full.Files = k.files
	if err := putManifest(ctx, m.o, k.dir, &full); err != nil {
		return fmt.Errorf("finishing checkpoint %d: %w", c.ID, err)
	}
	if err := m.change(ctx, func(h *head) {
		h.remove(c.ID)
		h.Checkpoints = append(h.Checkpoints, kept{c.ID, k.dir})
	}); err != nil {
		return fmt.Errorf("finishing checkpoint %d: %w", c.ID, err)
	}
	return m.work.Finish(ctx, &full)
}

// upload writes the files that the store does not have.
func (m *Mirror) upload(ctx context.Context, k known, id int64) error {
	here := folderFiles{m.work.fs, m.work.Path(id)}
	var missing []File
	for _, f := range k.files {
		if m.stored[f.Name] == "" {
			missing = append(missing, f)
		}
	}
	done := make(chan File, len(missing))
	err := inParallel(ctx, missing, func(ctx context.Context, f File) error {
		err := putFile(ctx, m.o, objectFiles{dir: k.dir}.key(f), here.fs, here.place(f), f)
		if err == nil {
			done <- f
		}
		return err
	})
	close(done)
	for f := range done {
		if f.Shared != "" {
			m.stored[f.Name] = f.Shared
		}
	}
	return err
}

// Committed is Storage's. The note is written with the next change.
func (m *Mirror) Committed(ctx context.Context, id int64) error {
	m.mu.Lock()
	m.head = m.head.clone()
	m.head.Committed = max(m.head.Committed, id)
	m.mu.Unlock()
	err := m.work.Committed(ctx, id)
	if missing(err) { // it was made on another machine
		return nil
	}
	return err
}

// Discard is Storage's. Where it cannot be told whether the checkpoint is complete nothing of it is deleted. Tables that are
// in the store already stay: the next checkpoint has them.
func (m *Mirror) Discard(ctx context.Context, id int64) error {
	here := m.work.Discard(ctx, id)
	k, ok := m.known[id]
	if !ok {
		return here
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closing) // what has failed may have failed for want of time
	defer cancel()
	if err := m.change(ctx, func(h *head) { h.remove(id) }); err != nil {
		return errors.Join(fmt.Errorf("removing checkpoint %d: %w", id, err), here)
	}
	delete(m.known, id)
	kept := map[string]bool{}
	for _, key := range m.stored {
		kept[key] = true
	}
	for _, other := range m.known {
		for _, key := range other.keys() {
			kept[key] = true
		}
	}
	for _, key := range k.keys() {
		if !kept[key] { // it may be there although its writer was not told so
			m.garbage[key] = true
		}
	}
	return errors.Join(m.collect(ctx), here)
}

// Retain is Storage's.
func (m *Mirror) Retain(ctx context.Context, keep int) error {
	err := m.change(ctx, func(h *head) { h.Checkpoints = h.Checkpoints[max(0, len(h.Checkpoints)-keep):] })
	if err != nil {
		return fmt.Errorf("removing older checkpoints: %w", err)
	}
	h := m.now()
	used := map[string]bool{}
	var gone []string
	for id, k := range m.known {
		if _, complete := h.find(id); !complete {
			gone = append(gone, k.keys()...)
			delete(m.known, id)
			continue
		}
		for _, key := range k.keys() {
			used[key] = true
		}
	}
	for name, key := range m.stored {
		if !used[key] { // the database has given it up: what the newest checkpoint does not have, no later one has
			gone = append(gone, key)
			delete(m.stored, name)
		}
	}
	for _, key := range gone {
		if !used[key] {
			m.garbage[key] = true
		}
	}
	return errors.Join(m.collect(ctx), m.work.Retain(ctx, 1))
}

// collect deletes garbage. What could not be deleted stays on the list.
func (m *Mirror) collect(ctx context.Context) error {
	var keys []string
	for key := range m.garbage {
		keys = append(keys, key)
	}
	done := make(chan string, len(keys))
	err := inParallel(ctx, keys, func(ctx context.Context, key string) error {
		err := m.o.Delete(ctx, key)
		if err == nil {
			done <- key
		}
		return err
	})
	close(done)
	for key := range done {
		delete(m.garbage, key)
	}
	return err
}

// made is what the keys of a Mirror look like. Whatever else lies at the place is left alone.
var made = regexp.MustCompile(`^(chk-\d+-\d+\.\d+/(MANIFEST|state/[^/]+)|shared/\d+\.\d+-[^/]+\.(sst|cold))$`)

// sweep learns what the complete checkpoints refer to, and deletes what owners before have left behind. Where one of them
// cannot be read that is said when the job is to go on from it, and nothing is deleted.
func (m *Mirror) sweep(ctx context.Context) error {
	m.known, m.stored, m.garbage = map[int64]known{}, map[string]string{}, map[string]bool{}
	used, whole := map[string]bool{}, true
	for _, k := range m.now().Checkpoints {
		c, err := m.Read(ctx, k.ID)
		if err != nil {
			m.known[k.ID], whole = known{dir: k.Dir}, false
			continue
		}
		m.known[k.ID] = known{k.Dir, c.Files}
		for _, key := range m.known[k.ID].keys() {
			used[key] = true
		}
	}
	if !whole || m.now().Epoch == 1 { // or nobody was here before
		return nil
	}
	for _, below := range []string{prefix, "shared/"} {
		keys, err := m.o.List(ctx, below)
		if err != nil {
			return fmt.Errorf("looking for what earlier runs have left: %w", err)
		}
		for _, key := range keys {
			if !used[key] && made.MatchString(key) {
				m.garbage[key] = true
			}
		}
	}
	if err := m.collect(ctx); err != nil {
		m.note(fmt.Sprintf("what earlier runs have left stays for now: %v", err))
	}
	return nil
}

// Clear is Storage's.
func (m *Mirror) Clear(ctx context.Context) error {
	if err := m.change(ctx, func(h *head) { h.Checkpoints, h.Committed = nil, 0 }); err != nil {
		return fmt.Errorf("starting over: %w", err)
	}
	m.stored = map[string]string{}
	return errors.Join(m.Retain(ctx, 0), m.work.Clear(ctx))
}

// Close is Storage's. Should HEAD not say that the place is free, the next owner finds out.
func (m *Mirror) Close() error {
	if m.stop == nil {
		return nil
	}
	m.stop()
	m.stop = nil
	<-m.beat
	ctx, cancel := context.WithTimeout(context.Background(), closing)
	defer cancel()
	err := m.change(ctx, func(h *head) { h.Owner = nil })
	if err != nil && !errors.Is(err, ErrLocked) {
		m.note(fmt.Sprintf("'%s' could not be let go of: %v", m.Dir(), err))
	}
	return m.work.Close()
}

// closing is how long letting go may take.
const closing = 10 * time.Second
