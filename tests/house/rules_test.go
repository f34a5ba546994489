package house

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/weirstream/weir/tests/golden"
)

// proof is a test that docs/design/rules.md names: `windows/tumble: windows before 1970`, a golden case, or
// `runtime/task.TestMerger`, a test in Go.
var proof = regexp.MustCompile("`([\\w/]+)(?:: ([^`]+)|\\.(Test\\w+))`")

// TestRulesAreHeld asserts that the tests exist that the page of rules names, and that every rule names some.
func TestRulesAreHeld(t *testing.T) {
	page, err := os.ReadFile("../../docs/design/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	cases, rules := map[string]bool{}, 0
	for n, line := range strings.Split(string(page), "\n") {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| rule ") {
			continue
		}
		rules++
		cells := strings.Split(line, " | ")
		proofs := proof.FindAllStringSubmatch(cells[len(cells)-1], -1)
		if len(cells) != 2 || len(proofs) == 0 {
			t.Errorf("rules.md:%d: a rule and its tests are expected: %s", n+1, line)
		}
		for _, p := range proofs {
			if place, name := p[1], p[2]; name != "" {
				if !isCase(t, cases, place, name) {
					t.Errorf("rules.md:%d: %s.test has no case %q", n+1, place, name)
				}
			} else if !isTest(t, place, p[3]) {
				t.Errorf("rules.md:%d: package %s has no test %s", n+1, place, p[3])
			}
		}
	}
	if rules < 50 {
		t.Errorf("only %d rules found", rules)
	}
}

// isCase looks a golden case up; seen holds the cases of the files that were read.
func isCase(t *testing.T, seen map[string]bool, file, name string) bool {
	t.Helper()
	if !seen[file] {
		seen[file] = true
		f, err := golden.ParseFile(filepath.Join("../golden/cases", file+".test"))
		if err != nil {
			t.Error(err)
			return false
		}
		for _, c := range f.Cases {
			seen[file+": "+c.Name] = true
		}
	}
	return seen[file+": "+name]
}

// isTest looks for a test function in the files of a package.
func isTest(t *testing.T, pkg, name string) bool {
	t.Helper()
	dir := filepath.Join("../..", pkg)
	if pkg == "weir" {
		dir = "../.."
	}
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "\nfunc "+name+"(t *testing.T) {") {
			return true
		}
	}
	return false
}
