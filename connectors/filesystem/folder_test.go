package filesystem

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestLinks reads folders through links: the path itself, one to a folder, to a file, to a folder above, to
// nothing.
func TestLinks(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "real", "a.json"), row(1))
	write(t, filepath.Join(dir, "other", "b.json"), row(2))
	write(t, filepath.Join(dir, "c.json"), row(3))
	for from, to := range map[string]string{
		"link": "real", "real/sub": "../other", "real/file.json": "../c.json", "real/loop": "..", "other/up": "../real", "real/nothing": "nowhere",
	} {
		if err := os.Symlink(to, filepath.Join(dir, from)); err != nil {
			t.Skip(err)
		}
	}
	for _, path := range []string{"link", "real", "li*"} {
		tab := table(dir, map[string]string{"path": path, "source.path.regex-pattern": ".*/" + path[:2] + "[^/]*/(sub/)?[^/]*"})
		if d := cmp.Diff([]string{"1,n1", "3,n3", "2,n2"}, readAll(t, mustSource(t, tab, nil), tab.Columns)); d != "" {
			t.Errorf("path %s: %s", path, d)
		}
	}
}
