package checkpoint

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// Lease says how owners of a place in an object store are told from dead ones.
type Lease struct {
	Renew  time.Duration // an owner changes HEAD at least so often; 0: every 5 s
	Expire time.Duration // who has not for so long is taken for dead; 0: after 20 s
}

func (l Lease) withDefaults() Lease {
	if l.Renew <= 0 {
		l.Renew = 5 * time.Second
	}
	if l.Expire <= 0 {
		l.Expire = 20 * time.Second
	}
	return l
}

// OwnAt makes a place in an object store this process's, with a folder of this machine to work in. If another process has it that
// shows signs of life, or the folder, the error has ErrLocked in its chain. One that died in the same folder is known to be
// dead; any other is watched for the time of its lease. Note is told of such waits, and of what is no error; nil: nobody is.
func OwnAt(ctx context.Context, o Objects, fs vfs.FS, work string, l Lease, note func(text string)) (*Mirror, error) {
	local, err := Own(fs, work)
	if errors.Is(err, ErrLocked) {
		return nil, fmt.Errorf("%w: '%s'", ErrLocked, o.Place(""))
	}
	if err != nil {
		return nil, err
	}
	if note == nil {
		note = func(string) {}
	}
	m := &Mirror{work: local, o: o, lease: l.withDefaults(), note: note, beat: make(chan struct{}), gone: make(chan struct{})}
	if err := m.own(ctx); err != nil {
		return nil, errors.Join(err, local.Close())
	}
	ctx, m.stop = context.WithCancel(context.WithoutCancel(ctx))
	go m.live(ctx)
	return m, nil
}

func (m *Mirror) own(ctx context.Context) error {
	me, err := m.self()
	if err == nil {
		err = m.take(ctx, me)
	}
	if err != nil {
		return err
	}
	if err := m.probe(ctx); err != nil {
		return err
	}
	return m.sweep(ctx)
}

const workName = "WORK"

// self says who this process is. A folder to work in has a name of its own, drawn at random.
func (m *Mirror) self() (*owner, error) {
	fs, path := m.work.fs, m.work.fs.PathJoin(m.work.dir, workName)
	text, err := readFile(fs, path)
	if missing(err) {
		id := make([]byte, 16)
		if _, err := rand.Read(id); err != nil {
			return nil, fmt.Errorf("naming the folder to work in: %w", err)
		}
		text = []byte(hex.EncodeToString(id) + "\n")
		err = writeFile(fs, path, text)
	}
	if err != nil {
		return nil, fmt.Errorf("naming the folder to work in: %w", err)
	}
	host, err := os.Hostname()
	if err != nil {
		host = "a host without a name"
	}
	return &owner{host, os.Getpid(), strings.TrimSpace(string(text))}, nil
}

// take makes this process the owner.
func (m *Mirror) take(ctx context.Context, me *owner) error {
	for {
		h, _, tag, err := readHead(ctx, m.o)
		if err != nil {
			return err
		}
		if h != nil && h.Owner != nil && h.Owner.Work != me.Work {
			if err := m.watch(ctx, h, tag); err != nil {
				return err
			}
		}
		if h == nil {
			h = &head{}
		}
		h.Format, h.Owner = headFormat, me
		h.Epoch++
		h.Change++
		text, err := h.encode()
		if err != nil {
			return err
		}
		m.before = tag
		m.tag, err = m.o.Swap(ctx, headName, text, tag)
		if err == nil {
			m.head, m.renewed = h, time.Now()
			return nil
		}
		if !errors.Is(err, ErrChanged) {
			return fmt.Errorf("taking over the state's place: %w", err)
		}
		// Another was first, or it was this process, and the answer was lost.
	}
}

// watch waits until the owner has shown no sign of life for the time of its lease.
func (m *Mirror) watch(ctx context.Context, h *head, tag string) error {
	locked := fmt.Errorf("%w: '%s', by %v", ErrLocked, m.o.Place(""), h.Owner)
	m.note(fmt.Sprintf("'%s' belongs to %v: watching for %v whether that is alive", m.o.Place(""), h.Owner, m.lease.Expire))
	tick := time.NewTicker(m.lease.Expire / 8)
	defer tick.Stop()
	for end := time.Now().Add(m.lease.Expire); time.Now().Before(end); {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		now, _, other, err := readHead(ctx, m.o)
		switch {
		case err != nil:
			return err
		case other == tag:
		case now != nil && now.Owner != nil:
			return locked
		default: // it has let go
			return nil
		}
	}
	return nil
}

// probe refuses a store that writes whatever the condition: two processes could not be told apart there.
func (m *Mirror) probe(ctx context.Context) error {
	text, err := m.head.encode()
	if err != nil {
		return err
	}
	tag, err := m.o.Swap(ctx, headName, text, m.before)
	switch {
	case errors.Is(err, ErrChanged):
		return nil
	case err != nil:
		return fmt.Errorf("taking over the state's place: %w", err)
	}
	m.tag = tag
	return fmt.Errorf("'%s': the store does not honour conditional writes (If-Match, If-None-Match), so that it cannot be told whether another process has the place: it cannot hold checkpoints", m.o.Place(""))
}

// live changes HEAD from time to time.
func (m *Mirror) live(ctx context.Context) {
	defer close(m.beat)
	tick := time.NewTicker(m.lease.Renew)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		m.mu.Lock()
		due := time.Since(m.renewed) >= m.lease.Renew/2
		m.mu.Unlock()
		if due {
			bounded, cancel := context.WithTimeout(ctx, m.lease.Expire)
			_ = m.change(bounded, func(*head) {}) // whoever changes it next is told
			cancel()
		}
	}
}

// change changes HEAD. An owner that has been taken for dead learns it here, and is one no more.
func (m *Mirror) change(ctx context.Context, f func(*head)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for range changes {
		if m.lost != nil {
			return m.lost
		}
		next := m.head.clone()
		f(next)
		next.Change++
		text, err := next.encode()
		if err != nil {
			return err
		}
		tag, err := m.o.Swap(ctx, headName, text, m.tag)
		if err == nil {
			m.head, m.tag, m.renewed = next, tag, time.Now()
			return nil
		}
		if !errors.Is(err, ErrChanged) {
			return err
		}
		now, there, tag, err := readHead(ctx, m.o)
		switch {
		case err != nil:
			return err
		case now == nil || now.Epoch != m.head.Epoch:
			m.lost = m.lostTo(now)
			close(m.gone)
			return m.lost
		case string(there) == string(text): // an answer was lost
			m.head, m.tag, m.renewed = next, tag, time.Now()
			return nil
		}
		m.head, m.tag = now, tag // the answer to an earlier change was lost
	}
	return fmt.Errorf("writing '%s': the store refuses what fits the object as it gives it", m.o.Place(headName))
}

// changes is how often a change may find that an answer to an earlier one was lost.
const changes = 8

func (m *Mirror) lostTo(now *head) error {
	switch place := m.o.Place(""); {
	case now == nil:
		return fmt.Errorf("%w: '%s' was removed", ErrLocked, m.o.Place(headName))
	case now.Owner == nil:
		return fmt.Errorf("%w: '%s' has been taken over", ErrLocked, place)
	default:
		return fmt.Errorf("%w: '%s' has been taken over by %v", ErrLocked, place, now.Owner)
	}
}
