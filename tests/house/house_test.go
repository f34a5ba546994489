// Package house holds the tests of the repository itself: the import graph, package
// comments, file sizes, what go.mod may hold. A failure names the rule.
package house

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const module = "github.com/weirstream/weir"

// pkg is what "go list -json" says of a package.
type pkg struct {
	ImportPath   string
	Dir          string
	GoFiles      []string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

// packages lists the module's packages.
func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Dir,GoFiles,Imports,TestImports,XTestImports", "./...")
	cmd.Dir = "../.."
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("listing packages: %v", err)
	}
	var pkgs []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := dec.Decode(&p); err == io.EOF {
			return pkgs
		} else if err != nil {
			t.Fatalf("reading go list: %v", err)
		}
		pkgs = append(pkgs, p)
	}
}

// within reports whether path is the package or folder dir of the module, or below it.
func within(path, dir string) bool {
	path, ok := strings.CutPrefix(path, module)
	if !ok {
		return false
	}
	path = strings.TrimPrefix(path, "/")
	return path == dir || strings.HasPrefix(path, dir+"/")
}

func anyWithin(path string, dirs []string) bool {
	for _, d := range dirs {
		if within(path, d) {
			return true
		}
	}
	return false
}

// TestImportsPointDown asserts the layers: what each folder may import of the module.
func TestImportsPointDown(t *testing.T) {
	shared := []string{"sql/types", "sql/diag", "sql/option", "runtime/vec", "runtime/decimal", "runtime/civil", "runtime/javatext"}
	layers := []struct {
		dir   string
		allow []string
	}{
		{"sql", []string{"sql"}},
		{"state", append([]string{"state"}, shared...)},
		{"udf", append([]string{"udf"}, shared...)},
		{"connectors", append([]string{"connectors"}, shared...)},
		{"runtime", append([]string{"runtime", "state", "udf", "connectors"}, shared...)},
		{"planner", []string{"planner", "sql", "runtime", "udf", "connectors"}},
	}
	for _, p := range packages(t) {
		for _, l := range layers {
			if !within(p.ImportPath, l.dir) {
				continue
			}
			for _, imp := range p.Imports {
				if strings.HasPrefix(imp, module) && !anyWithin(imp, l.allow) {
					t.Errorf("%s imports %s: %s may import only %s", p.ImportPath, imp, l.dir, strings.Join(l.allow, ", "))
				}
			}
		}
	}
}

// TestOneDoorToTheParserLibrary asserts that only sql/parse knows tidb.
func TestOneDoorToTheParserLibrary(t *testing.T) {
	for _, p := range packages(t) {
		for _, imp := range p.Imports {
			if strings.HasPrefix(imp, "github.com/pingcap/") && !within(p.ImportPath, "sql/parse") {
				t.Errorf("%s imports %s: only sql/parse may", p.ImportPath, imp)
			}
		}
	}
}

// TestEveryPackageHasOneComment asserts one package comment a package, in one file.
func TestEveryPackageHasOneComment(t *testing.T) {
	for _, p := range packages(t) {
		var with []string
		for _, f := range p.GoFiles {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, f), nil, parser.PackageClauseOnly|parser.ParseComments)
			if err != nil {
				t.Fatalf("reading %s: %v", f, err)
			}
			if file.Doc != nil && strings.TrimSpace(file.Doc.Text()) != "" {
				with = append(with, f)
			}
		}
		if len(p.GoFiles) > 0 && len(with) != 1 {
			t.Errorf("%s: %d package comments (%s), want one", p.ImportPath, len(with), strings.Join(with, ", "))
		}
	}
}

// TestFilesAndFunctionsStaySmall asserts the limits of length.
func TestFilesAndFunctionsStaySmall(t *testing.T) {
	const maxFile, maxFunc = 600, 110
	for _, p := range packages(t) {
		for _, f := range p.GoFiles {
			fset := token.NewFileSet()
			path := filepath.Join(p.Dir, f)
			file, err := parser.ParseFile(fset, path, nil, 0)
			if err != nil {
				t.Fatalf("reading %s: %v", path, err)
			}
			if n := fset.File(file.Pos()).LineCount(); n > maxFile {
				t.Errorf("%s/%s has %d lines, at most %d are allowed", p.ImportPath, f, n, maxFile)
			}
			for _, d := range file.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok {
					if n := fset.Position(fn.End()).Line - fset.Position(fn.Pos()).Line; n > maxFunc {
						t.Errorf("%s/%s: func %s has %d lines, at most %d are allowed", p.ImportPath, f, fn.Name.Name, n, maxFunc)
					}
				}
			}
		}
	}
}

// TestNoRegistrationByInit asserts that nothing registers itself when it is imported.
func TestNoRegistrationByInit(t *testing.T) {
	for _, p := range packages(t) {
		for _, f := range p.GoFiles {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, f), nil, 0)
			if err != nil {
				t.Fatalf("reading %s: %v", f, err)
			}
			for _, d := range file.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
					t.Errorf("%s/%s has an init function", p.ImportPath, f)
				}
			}
		}
	}
}

// TestGoModIsPlain asserts that go.mod replaces and excludes nothing.
func TestGoModIsPlain(t *testing.T) {
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if m := regexp.MustCompile(`(?m)^\s*(replace|exclude)\b.*`).FindString(string(mod)); m != "" {
		t.Errorf("go.mod has %q", m)
	}
}
