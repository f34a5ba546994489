package filesystem

import (
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"github.com/dlclark/regexp2"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/sql/diag"
)

// stdinPath is the path that stands for standard input.
const stdinPath = "-"

// location is where a table's files are.
type location struct {
	path    string          // as the user gave it, relative paths joined to the base folder
	base    string          // the folder that it was joined to, "" for an absolute path
	pattern *regexp2.Regexp // nil: any file
	span    diag.Span       // of the option path
}

// file is one file that was found.
type file struct {
	path  string // as it is opened and shown
	size  int64
	mtime time.Time
	pipe  bool // a FIFO or a device: read once, from beginning to end
}

func newLocation(t *connectors.Table) (*location, error) {
	path := t.Options.Get("path")
	if strings.TrimSpace(path) == "" {
		return nil, t.Options.Errorf("path", "is required").WithHint("give a file, a folder or a pattern such as 'data/*.json'")
	}
	path, err := localPath(path)
	if err != nil {
		return nil, t.Options.Errorf("path", "%v", err)
	}
	l := &location{path: path, span: t.Options.Span("path")}
	if path != stdinPath && !filepath.IsAbs(path) {
		l.path = filepath.Join(t.BaseDir, path)
		if l.base, err = filepath.Abs(t.BaseDir); err != nil {
			return nil, t.Options.Errorf("path", "%v", err)
		}
	}
	if expr := t.Options.Get("source.path.regex-pattern"); expr != "" {
		re, err := regexp2.Compile("^(?:"+expr+")$", regexp2.None)
		if err != nil {
			return nil, t.Options.Errorf("source.path.regex-pattern", "%v", err)
		}
		re.MatchTimeout = time.Second
		l.pattern = re
	}
	return l, nil
}

// localPath takes file: off a path, and refuses other schemes.
func localPath(path string) (string, error) {
	scheme, _, ok := strings.Cut(path, ":")
	if !ok || strings.ContainsAny(scheme, "/\\.*?[") || len(scheme) < 2 {
		return path, nil
	}
	if scheme != "file" {
		return "", fmt.Errorf("the scheme '%s:' is not one that the connector 'filesystem' reads; it takes local paths and file://", scheme)
	}
	u, err := url.Parse(path)
	if err != nil {
		return "", fmt.Errorf("reading '%s' as a URI: %w", path, err)
	}
	if u.Host != "" && u.Host != "localhost" {
		return "", fmt.Errorf("'%s' names the host '%s': only local files can be read, as file:///folder/file", path, u.Host)
	}
	if u.Path == "" { // file:relative
		return u.Opaque, nil
	}
	return u.Path, nil
}

// list finds the files, in the order of their paths.
func (l *location) list() ([]file, error) {
	var files []file
	var err error
	info, statErr := os.Stat(l.path)
	switch {
	case statErr == nil && info.IsDir():
		files, err = listFolder(l.path)
	case statErr == nil:
		files = []file{describe(l.path, info)}
	case strings.ContainsAny(l.path, "*?["):
		files, err = listPattern(l.path)
		if err == nil && len(files) == 0 {
			return nil, l.errorf("no file matches '%s'", l.path)
		}
	case os.IsNotExist(statErr):
		return nil, l.errorf("there is no file or folder '%s'", l.path)
	default:
		err = statErr
	}
	if err != nil {
		return nil, l.errorf("listing '%s': %w", l.path, err)
	}
	if files, err = l.matching(files); err != nil {
		return nil, err
	}
	sort.Slice(files, func(i, j int) bool { return files[i].path < files[j].path })
	return files, nil
}

// errorf makes an error at the option path that says where relative paths start.
func (l *location) errorf(msg string, args ...any) error {
	err := diag.Errorf(l.span, msg, args...)
	if l.base == "" {
		return err
	}
	return err.WithHint("relative paths start at '%s'", l.base)
}

// matching keeps the files whose absolute path the regular expression matches.
func (l *location) matching(files []file) ([]file, error) {
	if l.pattern == nil {
		return files, nil
	}
	kept := files[:0]
	for _, f := range files {
		abs, err := filepath.Abs(f.path)
		if err != nil {
			return nil, l.errorf("finding the absolute path of '%s': %w", f.path, err)
		}
		ok, err := l.pattern.MatchString(filepath.ToSlash(abs))
		if err != nil {
			return nil, l.errorf("matching '%s': %w", abs, err)
		}
		if ok {
			kept = append(kept, f)
		}
	}
	return kept, nil
}

// hidden reports whether readers leave a name out: files in progress, _SUCCESS and the
// like.
func hidden(name string) bool { return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") }

func listPattern(pattern string) ([]file, error) {
	paths, err := filepath.Glob(pattern)
	if err != nil {
		return nil, err
	}
	var files []file
	for _, path := range paths {
		if hiddenMatch(pattern, path) {
			continue
		}
		info, err := os.Stat(path)
		switch {
		case os.IsNotExist(err):
		case err != nil:
			return nil, err
		case info.IsDir():
			below, err := listFolder(path)
			if err != nil {
				return nil, err
			}
			files = append(files, below...)
		default:
			files = append(files, describe(path, info))
		}
	}
	return files, nil
}

// hiddenMatch reports whether a wildcard stands for a hidden name.
func hiddenMatch(pattern, path string) bool {
	wild, names := strings.Split(pattern, string(filepath.Separator)), strings.Split(path, string(filepath.Separator))
	for i := 1; i <= min(len(wild), len(names)); i++ {
		w := wild[len(wild)-i]
		if strings.ContainsAny(w, "*?[") && !hidden(w) && hidden(names[len(names)-i]) {
			return true
		}
	}
	return false
}

func describe(path string, info fs.FileInfo) file {
	return file{path: path, size: info.Size(), mtime: info.ModTime(), pipe: !info.Mode().IsRegular()}
}
