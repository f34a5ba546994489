package shardlog

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/weirstream/weir/connectors/shardlog/internal/segment"
)

// Spec describes a stream to create. Zero fields take Kinesis' defaults.
type Spec struct {
	Name         string
	Shards       int  // 1; on-demand streams begin with 4
	Mode         Mode // Provisioned
	Retention    time.Duration
	MaxRecordKiB int // 1024
	Tags         map[string]string
	WarmMiBps    int
	Distribution string
}

const (
	defaultRetention = 24
	maxRetention     = 8760
	onDemandShards   = 4
	minRecordKiB     = 1024
	maxRecordKiB     = 10240
	maxShards        = 100_000
)

var streamName = regexp.MustCompile(`^[a-zA-Z0-9_.-]{1,128}$`)

// newMeta checks a spec and lays out the stream.
func newMeta(spec Spec, now time.Time) (*meta, error) {
	if spec.Mode == "" {
		spec.Mode = Provisioned
	}
	if spec.Mode == OnDemand {
		spec.Shards = onDemandShards
	}
	if spec.Shards == 0 {
		spec.Shards = 1
	}
	if spec.MaxRecordKiB == 0 {
		spec.MaxRecordKiB = minRecordKiB
	}
	if spec.Retention == 0 {
		spec.Retention = defaultRetention * time.Hour
	}
	hours := int(spec.Retention / time.Hour)
	switch {
	case !streamName.MatchString(spec.Name):
		return nil, fmt.Errorf("%w: stream name %q: want 1 to 128 of a-z A-Z 0-9 _ . -", ErrArgument, spec.Name)
	case spec.Mode != Provisioned && spec.Mode != OnDemand:
		return nil, fmt.Errorf("%w: mode %q", ErrArgument, spec.Mode)
	case spec.Shards < 1 || spec.Shards > maxShards:
		return nil, fmt.Errorf("%w: %d shards: want 1 to %d", ErrArgument, spec.Shards, maxShards)
	case spec.MaxRecordKiB < minRecordKiB || spec.MaxRecordKiB > maxRecordKiB:
		return nil, fmt.Errorf("%w: records of %d KiB: want %d to %d", ErrArgument, spec.MaxRecordKiB, minRecordKiB, maxRecordKiB)
	}
	if err := checkRetention(hours); err != nil {
		return nil, err
	}
	m := &meta{
		Version: metaVersion, Name: spec.Name, Created: now.UnixMilli(), Mode: spec.Mode, Status: Active,
		Retention: hours, MaxRecordKiB: spec.MaxRecordKiB, Tags: spec.Tags, WarmMiBps: spec.WarmMiBps, Distribution: spec.Distribution,
	}
	for _, r := range EvenRanges(spec.Shards) {
		m.addShard(NoShard, NoShard, r, now.Unix())
	}
	return m, nil
}

func checkRetention(hours int) error {
	if hours < defaultRetention || hours > maxRetention {
		return fmt.Errorf("%w: retention of %d hours: want %d to %d", ErrArgument, hours, defaultRetention, maxRetention)
	}
	return nil
}

// Create makes a stream. With a StateDelay it is CREATING for that long, and takes
// no records until it is ACTIVE (see Stream.WaitActive).
func (l *Log) Create(spec Spec) (*Stream, error) {
	l.gate.RLock()
	defer l.gate.RUnlock()
	if l.closed {
		return nil, ErrClosed
	}
	m, err := newMeta(spec, l.opts.Clock.Now())
	if err != nil {
		return nil, err
	}
	if l.opts.StateDelay > 0 {
		m.Status = Creating
		m.Pending = &change{Kind: changeCreate, Due: l.nowMs() + l.opts.StateDelay.Milliseconds()}
	}
	st, err := l.place(m)
	if err != nil {
		return nil, err
	}
	st.resume()
	return st, nil
}

// place makes a stream durable and known. Its first file exists before its name can be found.
func (l *Log) place(m *meta) (*Stream, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.streams[m.Name]; ok {
		return nil, fmt.Errorf("stream %s: %w", m.Name, ErrExists)
	}
	dir := l.streamDir(m.Name)
	err := os.Mkdir(dir, 0o755)
	if err == nil {
		err = saveMeta(dir, m)
	}
	if err == nil {
		err = segment.SyncDir(filepath.Dir(dir))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("creating stream %s: %w", m.Name, err), os.RemoveAll(dir))
	}
	st := newStream(l, dir, m)
	l.streams[m.Name] = st
	l.changed.fire()
	return st, nil
}

// Delete removes the stream and its records. With a StateDelay it is DELETING for that long.
// Unless force is set, a stream with consumers is kept: ErrHasConsumers. One with channels is always kept: ErrHasChannels.
func (st *Stream) Delete(force bool) error {
	return st.start(change{Kind: changeDelete}, func(m *meta) error {
		if m.Status == Creating {
			return fmt.Errorf("%w: it is %s", ErrNotActive, m.Status)
		}
		if !force && len(m.liveConsumers(st.log.nowMs())) > 0 {
			return ErrHasConsumers
		}
		if len(m.liveChannels(st.log.nowMs())) > 0 {
			return ErrHasChannels
		}
		m.Status = Deleting
		return nil
	})
}

// The kinds of change.
const (
	changeCreate = "create"
	changeDelete = "delete"
	changeSplit  = "split"
	changeMerge  = "merge"
	changeScale  = "scale"
	changeMode   = "settings"
)

// start saves a change that takes effect after the state delay, or makes it now.
// prepare checks the request and sets the status on the way.
func (st *Stream) start(c change, prepare func(m *meta) error) error {
	st.admin.Lock()
	defer st.admin.Unlock()
	delay := st.log.opts.StateDelay
	c.Due = st.log.nowMs() + delay.Milliseconds()
	if delay == 0 {
		if err := st.alive(); err != nil {
			return err
		}
		if c.Kind == changeMode {
			return st.updateLocked(func(m *meta) error { return errors.Join(prepare(m), becomeActive(m)) })
		}
		if err := prepare(st.meta.Load().clone()); err != nil {
			return fmt.Errorf("stream %s: %w", st.name, err)
		}
		return st.finish(c)
	}
	err := st.updateLocked(func(m *meta) error {
		if err := prepare(m); err != nil {
			return err
		}
		m.Pending = &c
		return nil
	})
	if err == nil {
		st.schedule(c)
		st.log.changed.fire()
	}
	return err
}

// resume schedules what was pending when the log was closed.
func (st *Stream) resume() {
	st.admin.Lock()
	defer st.admin.Unlock()
	if c := st.meta.Load().Pending; c != nil {
		st.schedule(*c)
	}
}

// schedule arms the timer for a pending change. The caller holds admin.
func (st *Stream) schedule(c change) {
	if st.stop != nil {
		st.stop() // a delete overtakes a reshard
	}
	wait := time.Duration(max(0, c.Due-st.log.nowMs())) * time.Millisecond
	st.stop = st.log.opts.Clock.AfterFunc(wait, func() {
		st.admin.Lock()
		defer st.admin.Unlock()
		p := st.meta.Load().Pending
		if st.alive() != nil || p == nil || p.Kind != c.Kind || p.Due != c.Due {
			return // overtaken while this call waited for its turn
		}
		if err := st.finish(c); err != nil {
			st.log.report(fmt.Errorf("stream %s: finishing its %s: %w", st.name, c.Kind, err))
		}
	})
}

// finish makes a change effective. The caller holds admin.
func (st *Stream) finish(c change) error {
	var err error
	switch c.Kind {
	case changeDelete:
		err = st.remove()
	case changeCreate, changeMode:
		err = st.updateLocked(becomeActive)
	default:
		err = st.reshard(c)
	}
	st.log.changed.fire()
	return err
}

// becomeActive ends a change of state that has nothing else to do.
func becomeActive(m *meta) error {
	m.Status, m.Pending = Active, nil
	return nil
}

// remove takes the stream out of the log, then its files off the disk. The rename is
// the moment of deletion; a crash behind it leaves trash that Open clears.
func (st *Stream) remove() error {
	l := st.log
	if err := st.leave(fmt.Errorf("%w: %s", ErrNotFound, st.name)); err != nil {
		l.report(fmt.Errorf("closing the deleted stream %s: %w", st.name, err))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.streams, st.name)
	trash := filepath.Join(l.dir, trashName)
	if err := os.MkdirAll(trash, 0o755); err != nil {
		return fmt.Errorf("deleting: %w", err)
	}
	grave := filepath.Join(trash, fmt.Sprintf("%s.%d", st.name, time.Now().UnixNano()))
	if err := os.Rename(st.dir, grave); err != nil {
		return fmt.Errorf("deleting: %w", err)
	}
	if err := segment.SyncDir(filepath.Dir(st.dir)); err != nil {
		return err
	}
	l.work.Go(func() {
		if err := os.RemoveAll(grave); err != nil {
			l.report(fmt.Errorf("removing the files of the deleted stream %s: %w", st.name, err))
		}
	})
	return nil
}

// loadID reads the folder's random identity, and makes it the first time.
func loadID(dir string) ([]byte, error) {
	path := filepath.Join(dir, "id")
	id, err := os.ReadFile(path)
	if err == nil && len(id) == 32 {
		return id, nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("reading the log's identity: %w", err)
	}
	id = make([]byte, 32)
	if _, err := rand.Read(id); err != nil {
		return nil, fmt.Errorf("making the log's identity: %w", err)
	}
	if err := writeSynced(path, id); err != nil {
		return nil, fmt.Errorf("writing the log's identity: %w", err)
	}
	return id, nil
}

// Check reports what Create would refuse in the spec.
func (s Spec) Check() error {
	_, err := newMeta(s, time.Unix(0, 0))
	return err
}
