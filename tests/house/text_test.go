package house

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// tracked lists the files that git knows, with patterns as "git ls-files" has them.
func tracked(t *testing.T, patterns ...string) []string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"ls-files", "-z", "--"}, patterns...)...)
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Skipf("not in a git checkout: %v", err)
	}
	var files []string
	for f := range strings.SplitSeq(strings.TrimRight(string(out), "\x00"), "\x00") {
		if _, err := os.Stat(filepath.Join("../..", f)); err == nil { // else it is being deleted
			files = append(files, f)
		}
	}
	return files
}

// machinePath is a path that exists on the machine where somebody happened to build.
var machinePath = regexp.MustCompile(`(^|[^\w.$/{}~-])/(work|root|tmp|home/\w+|Users/\w+)/[\w.]`)

// TestNoPathsOfAMachine asserts that no text names a folder of the machine it was written on. Tests may
// make paths up, and documents may show /tmp.
func TestNoPathsOfAMachine(t *testing.T) {
	for _, f := range tracked(t) {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		data, err := os.ReadFile(filepath.Join("../..", f))
		if err != nil {
			t.Fatal(err)
		}
		if strings.ContainsRune(string(data[:min(len(data), 8000)]), 0) {
			continue // binary
		}
		for n, line := range strings.Split(string(data), "\n") {
			m := machinePath.FindString(line)
			if m != "" && !(strings.HasSuffix(f, ".md") && strings.Contains(m, "/tmp/")) {
				t.Errorf("%s:%d names a path of some machine: %q", f, n+1, m)
			}
		}
	}
}

// TestMachinePath shows what counts as one.
func TestMachinePath(t *testing.T) {
	for text, want := range map[string]bool{
		"see /" + "work/x": true, "'/root/x'": true, "open(\"/tmp/x\")": true, "/home/me/x": true,
		"docs/work/plan.md": false, "$TMPDIR/tmp/x": false, "./tmp/x": false, "https://a.org/root/x": false, "/tmp": false, "homework/": false,
	} {
		if got := machinePath.MatchString(text); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

// code is what links do not count in: blocks and spans of code.
var code = regexp.MustCompile("(?s)```.*?```|`[^`\n]*`")

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// TestLinksLeadSomewhere asserts that the documents' links to files of the repository exist.
func TestLinksLeadSomewhere(t *testing.T) {
	for _, f := range tracked(t, "*.md") {
		data, err := os.ReadFile(filepath.Join("../..", f))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(code.ReplaceAllString(string(data), ""), -1) {
			to, _, _ := strings.Cut(m[1], "#")
			if to == "" || strings.Contains(to, "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join("../..", filepath.Dir(f), to)); err != nil {
				t.Errorf("%s has a link to %s, which is not there", f, to)
			}
		}
	}
}
