package state

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// coldFiles are the files of all logs of moved rows (see coldLog), of which the database's directories say what is in them. A checkpoint has those that
// the directories name, by hard links. One that is of no use to its log any more stays as long as it is named: the next checkpoint may be made before the
// directory that no longer names it has been written.
type coldFiles struct {
	fs      vfs.FS
	dir     string
	failure *failure

	mu     sync.Mutex
	named  map[dirPlace][]uint64 // the files of each directory, as the database has it
	refs   map[uint64]int        // how many directories name a file
	sums   map[string]File       // of files that this run has ended
	synced map[uint64]bool
	dead   map[uint64]bool // of no use to their logs
}

// dirPlace says of what a directory is.
type dirPlace struct {
	table uint32
	group int
}

// frozenDir is a directory on its way to the database.
type frozenDir struct {
	dirPlace
	value []byte // nil: there is nothing
	files []uint64
}

func newColdFiles(fs vfs.FS, dir string, f *failure) *coldFiles {
	return &coldFiles{
		fs: fs, dir: dir, failure: f, named: map[dirPlace][]uint64{}, refs: map[uint64]int{}, sums: map[string]File{}, synced: map[uint64]bool{}, dead: map[uint64]bool{},
	}
}

// read learns what the directories of a restored database name, and gives the greatest number of a file.
func (c *coldFiles) read(db pebble.Reader) (last uint64, err error) {
	err = each(db, []byte{0, 'C'}, func(key, value []byte) error {
		place, err := readDirKey(key)
		if err != nil {
			return err
		}
		d, err := decodeDirectory(value)
		if err != nil {
			return err
		}
		c.name(place, d.numbers())
		for _, n := range c.named[place] {
			last = max(last, n)
		}
		return nil
	})
	return last, err
}

func readDirKey(key []byte) (dirPlace, error) {
	if len(key) != len(dirKey(dirPlace{})) {
		return dirPlace{}, corrupt("reading where moved rows are", fmt.Errorf("a key of %d bytes", len(key)))
	}
	return dirPlace{binary.BigEndian.Uint32(key[2:]), int(binary.BigEndian.Uint16(key[6:]))}, nil
}

// name notes which files a directory in the database names.
func (c *coldFiles) name(p dirPlace, files []uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, n := range files {
		c.refs[n]++
	}
	for _, n := range c.named[p] {
		if c.refs[n]--; c.refs[n] == 0 {
			delete(c.refs, n)
		}
	}
	if c.named[p] = files; len(files) == 0 {
		delete(c.named, p)
	}
}

// retire says that who has used some files does not any more, before the database's directories do without them.
func (c *coldFiles) retire(files []uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, n := range files {
		c.dead[n] = true
	}
}

// of gives the files that the directory of a place names.
func (c *coldFiles) of(p dirPlace) []uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.named[p]
}

// written notes directories that have been written.
func (c *coldFiles) written(dirs []frozenDir) {
	for _, d := range dirs {
		c.name(d.dirPlace, d.files)
	}
}

// groups names the key groups of a table that have a directory.
func (c *coldFiles) groups(table uint32) []int {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []int
	for p := range c.named {
		if p.table == table {
			out = append(out, p.group)
		}
	}
	slices.Sort(out)
	return out
}

// ended takes a file that is not written to any more.
func (c *coldFiles) ended(f File) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sums[f.Name] = f
}

// bury removes a file that is of no use to its log. idle says that no directory of the log is on its way to the database: what none there names is not named.
func (c *coldFiles) bury(number uint64, idle bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dead[number] = true
	if !idle || c.refs[number] > 0 {
		return nil
	}
	return c.remove(number)
}

func (c *coldFiles) remove(number uint64) error {
	if err := c.fs.Remove(c.path(number)); err != nil {
		return err
	}
	delete(c.dead, number)
	delete(c.synced, number)
	delete(c.sums, coldName(number))
	return nil
}

// checkpoint has a folder have the files that are named, which survive a crash of the machine from then on, and removes those that
// no checkpoint will have any more. All that operators have frozen has been written, so that what is named stays as it is meanwhile.
func (c *coldFiles) checkpoint(dir string) error {
	c.mu.Lock()
	named := slices.Sorted(maps.Keys(c.refs))
	var fresh []uint64
	for _, number := range named {
		if !c.synced[number] {
			fresh = append(fresh, number)
		}
	}
	c.mu.Unlock()
	for _, number := range fresh {
		if err := c.sync(number); err != nil {
			return err
		}
	}
	for _, number := range named {
		if err := vfs.LinkOrCopy(c.fs, c.path(number), c.fs.PathJoin(dir, coldName(number))); err != nil {
			return err
		}
	}
	if len(named) > 0 {
		if err := syncFolder(c.fs, dir); err != nil {
			return err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, number := range fresh {
		c.synced[number] = true
	}
	var err error
	for number := range c.dead {
		if c.refs[number] == 0 {
			err = errors.Join(err, c.remove(number))
		}
	}
	return err
}

func (c *coldFiles) path(number uint64) string { return c.fs.PathJoin(c.dir, coldName(number)) }

// sum gives what is known of a file.
func (c *coldFiles) sum(name string) (File, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f, ok := c.sums[name]
	return f, ok
}

// sync has a file survive a crash of the machine. After a sync that fails the store has failed for good: a later one may succeed without what was to be written by the first (Rebello et al., Can
// Applications Recover from fsync Failures?, 2020).
func (c *coldFiles) sync(number uint64) error {
	f, err := c.fs.OpenReadWrite(c.path(number), "weir-cold")
	if err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		err = fmt.Errorf("syncing %s: %w", c.path(number), err)
		c.failure.add(err, true)
	}
	return errors.Join(err, f.Close())
}

func syncFolder(fs vfs.FS, dir string) error {
	d, err := fs.OpenDir(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
