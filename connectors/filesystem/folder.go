package filesystem

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// listFolder finds the files below a folder. Links are followed, to folders too; one that leads to a folder
// above itself ends there.
func listFolder(dir string) ([]file, error) {
	var w walk
	err := w.folder(dir, nil)
	return w.files, err
}

type walk struct{ files []file }

// folder lists dir. The folders above are known by their places on the disk.
func (w *walk) folder(dir string, above []fs.FileInfo) error {
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(above, func(a fs.FileInfo) bool { return os.SameFile(a, info) }) {
		return nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	above = append(above, info)
	for _, e := range entries {
		if hidden(e.Name()) {
			continue
		}
		if err := w.entry(filepath.Join(dir, e.Name()), e, above); err != nil && !os.IsNotExist(err) { // gone since
			return err
		}
	}
	return nil
}

func (w *walk) entry(path string, e fs.DirEntry, above []fs.FileInfo) error {
	if e.IsDir() {
		return w.folder(path, above)
	}
	info, err := os.Stat(path) // follows links
	switch {
	case err != nil:
		return err
	case info.IsDir():
		return w.folder(path, above)
	}
	w.files = append(w.files, describe(path, info))
	return nil
}
