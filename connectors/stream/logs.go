package stream

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/weirstream/weir/connectors/shardlog"
)

// Logs are the folders of streams that are open in this process: a folder is open once, however many
// tables read and write it. The zero value is ready to use. A program that works on a folder
// beside its jobs opens it here too.
type Logs struct {
	mu   sync.Mutex
	open map[string]*openLog // by absolute path
}

type openLog struct {
	log  *shardlog.Log
	uses int
}

// Open opens the log in a folder, or gives the one that is open already. It stays open until release
// has been called by everyone who opened it.
func (l *Logs) Open(dir string) (log *shardlog.Log, release func() error, err error) {
	dir, err = filepath.Abs(dir)
	if err != nil {
		return nil, nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, nil, err
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return nil, nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	o := l.open[dir]
	if o == nil {
		log, err := shardlog.Open(dir, shardlog.Options{})
		if err != nil {
			return nil, nil, err
		}
		o = &openLog{log: log}
		if l.open == nil {
			l.open = map[string]*openLog{}
		}
		l.open[dir] = o
	}
	o.uses++
	return o.log, sync.OnceValue(func() error { return l.release(dir, o) }), nil
}

func (l *Logs) release(dir string, o *openLog) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if o.uses--; o.uses > 0 {
		return nil
	}
	delete(l.open, dir)
	if err := o.log.Close(); err != nil {
		return fmt.Errorf("closing the shard log in '%s': %w", dir, err)
	}
	return nil
}

// find gives a stream of a log, which is made when it is not there and create is set. Two jobs that
// make it at the same time get the same one.
func find(log *shardlog.Log, spec shardlog.Spec, create bool) (*shardlog.Stream, error) {
	st, err := log.Stream(spec.Name)
	if !create || !errors.Is(err, shardlog.ErrNotFound) {
		return st, err
	}
	if st, err = log.Create(spec); errors.Is(err, shardlog.ErrExists) {
		return log.Stream(spec.Name)
	}
	return st, err
}
