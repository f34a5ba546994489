package filesystem

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const (
	inProgress = ".inprogress"
	pendingEnd = ".pending"
)

// pending is a committable: a complete part file that waits for its name, relative to the
// table's folder, with slashes.
type pending struct {
	Name string `json:"name"`
}

func parsePending(b []byte) (pending, error) {
	var p pending
	if err := json.Unmarshal(b, &p); err != nil {
		return p, fmt.Errorf("reading a committable of the connector 'filesystem': %w", err)
	}
	if !filepath.IsLocal(filepath.FromSlash(p.Name)) {
		return p, fmt.Errorf("a committable of the connector 'filesystem' names the file '%s', which is not below the table's folder", p.Name)
	}
	return p, nil
}

func (p pending) committable() ([]byte, error) { return json.Marshal(p) }

// hiddenName is the file's name while it is not visible.
func hiddenName(name, end string) string {
	return filepath.Join(filepath.Dir(name), "."+filepath.Base(name)+end)
}

// publish gives the file its name; one that has it already is left alone.
func (p pending) publish(dir string) error {
	name := filepath.Join(dir, filepath.FromSlash(p.Name))
	err := os.Rename(hiddenName(name, pendingEnd), name)
	if err == nil {
		return nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("committing '%s': %w", name, err)
	}
	if _, statErr := os.Stat(name); statErr != nil {
		return fmt.Errorf("committing '%s': the file is gone, and so is its hidden form: %w", name, statErr)
	}
	return nil
}

// removeLeftovers removes the unfinished part files below dir that no process writes.
func removeLeftovers(dir string) error { return eachHidden(dir, ".part-", inProgress, removeIfDead) }

// removePending removes the complete part files below dir that wait for a commit of a job's.
func removePending(dir, job string) error {
	return eachHidden(dir, ".part-"+fileWord(job)+"_", pendingEnd, func(path string) error {
		if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	})
}

// eachHidden calls f with the files below dir, partitions included, whose names begin and end so.
func eachHidden(dir, prefix, suffix string, f func(path string) error) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case d.IsDir() && path != dir && !strings.Contains(d.Name(), "="):
			return fs.SkipDir // no partition
		case d.IsDir() || !strings.HasPrefix(d.Name(), prefix) || !strings.HasSuffix(d.Name(), suffix):
			return nil
		}
		return f(path)
	})
}

// syncDir makes renames in a folder durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(ignoreUnsupported(d.Sync()), d.Close())
}

// ignoreUnsupported drops the error of file systems that cannot sync a folder.
func ignoreUnsupported(err error) error {
	if errors.Is(err, fs.ErrInvalid) || errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	return err
}
