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

// within reports whether path is the package or folder dir of the module, or below it; "." is the root
// package alone.
func within(path, dir string) bool {
	path, ok := strings.CutPrefix(path, module)
	if !ok {
		return false
	}
	path = strings.TrimPrefix(path, "/")
	if dir == "." {
		return path == ""
	}
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

// layer is what a folder and those below it may import of the module, beside themselves. Of the
// layers that a package is in, the deepest counts.
type layer struct {
	dir   string
	allow []string
}

func layers() []layer {
	words := []string{"sql/types", "sql/diag", "sql/option", "runtime/vec", "runtime/decimal", "runtime/civil", "runtime/javatext"}
	with := func(more ...string) []string { return append(more, words...) }
	describing := with("runtime/agg", "runtime/expr", "runtime/order", "connectors")
	return []layer{
		{"sql", nil},
		{"sql/types", nil},
		{"sql/diag", nil},
		{"sql/token", []string{"sql/diag"}},
		{"sql/option", []string{"sql/diag"}},
		{"sql/settings", []string{"sql/diag", "sql/option"}},
		{"sql/ast", []string{"sql/diag", "sql/token", "sql/types"}},
		{"sql/parse", []string{"sql/ast", "sql/diag", "sql/token", "sql/types"}},
		{"sql/catalog", []string{"sql/ast", "sql/diag", "sql/option", "sql/settings", "sql/types"}},
		{"state", with()},
		{"udf", with()},
		{"connectors", with()},
		{"connectors/shardlog", nil}, // a log by itself: the engine does not come with it
		{"runtime", with("state", "udf", "connectors", "runtime")},
		{"runtime/vec", []string{"sql/types"}},
		{"runtime/civil", nil},
		{"runtime/decimal", []string{"runtime/vec"}},
		{"runtime/javatext", []string{"runtime/decimal"}},
		{"runtime/order", with()},
		{"runtime/agg", with("state", "udf/jsonpath")},
		{"runtime/expr", with("udf")},
		{"runtime/plan", describing},
		{"runtime/op", append(describing, "runtime/plan", "udf", "state")},
		{"runtime/op/optest", append(describing, "runtime/plan", "runtime/op", "runtime/clock", "udf", "state")},
		{"planner", append(describing, "runtime/plan", "udf", "sql/ast", "sql/catalog", "sql/settings")},
		{"cmd", []string{".", "connectors/shardlog", "tests/golden", "runtime/vec", "sql/types"}},
		{"examples", []string{"."}},
	}
}

func layerOf(path string) *layer {
	var deepest *layer
	for _, l := range layers() {
		if within(path, l.dir) && (deepest == nil || len(l.dir) > len(deepest.dir)) {
			deepest = &l
		}
	}
	return deepest
}

// mayImport says whether the layers let a package import another one of the module, and if not, the
// layer that forbids it.
func mayImport(path, imp string) (bool, *layer) {
	l := layerOf(path)
	return l == nil || within(imp, l.dir) || anyWithin(imp, l.allow), l
}

// TestImportsPointDown asserts the layers.
func TestImportsPointDown(t *testing.T) {
	for _, p := range packages(t) {
		for _, imp := range p.Imports {
			if !strings.HasPrefix(imp, module) {
				continue
			}
			if ok, l := mayImport(p.ImportPath, imp); !ok {
				t.Errorf("%s imports %s: beside itself %s may import only %s", p.ImportPath, imp, l.dir, strings.Join(l.allow, ", "))
			}
		}
	}
}

// TestLayers shows what the layers forbid.
func TestLayers(t *testing.T) {
	for _, c := range []struct {
		path, imp string
		ok        bool
	}{
		{"/sql/catalog", "/runtime/vec", false},
		{"/sql/catalog", "/sql/parse", false},
		{"/runtime/vec", "/runtime/expr", false},
		{"/runtime/op", "/runtime/task", false},
		{"/runtime/task", "/planner", false},
		{"/runtime/expr", "/udf/cast", true},
		{"/udf", "/runtime/expr", false},
		{"/connectors/filesystem", "/udf/datetime", false},
		{"/connectors/shardlog/kinesis", "/connectors", false},
		{"/planner/bind", "/sql/parse", false},
		{"/planner/bind", "/runtime/task", false},
		{"/cmd/weir/internal/cli", "/planner", false},
		{"/cmd/weir/internal/cli", "", true},
	} {
		if ok, _ := mayImport(module+c.path, module+c.imp); ok != c.ok {
			t.Errorf("%s imports %s: %v", c.path, c.imp, ok)
		}
	}
}

// TestNobodyImportsTests asserts that tests are imported by tests, and by "weir test".
func TestNobodyImportsTests(t *testing.T) {
	for _, p := range packages(t) {
		for _, imp := range p.Imports {
			if within(imp, "tests") && !within(p.ImportPath, "tests") && !within(p.ImportPath, "cmd") {
				t.Errorf("%s imports %s", p.ImportPath, imp)
			}
			if within(imp, "cmd") && !within(p.ImportPath, "cmd") {
				t.Errorf("%s imports %s", p.ImportPath, imp)
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

// TestProgramsOfUsersCanBeTidied asserts that go.mod has a version of genproto without the packages that have become a module of their own: see modules.go.
func TestProgramsOfUsersCanBeTidied(t *testing.T) {
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`google\.golang\.org/genproto v0\.0\.0-(\d{14})`).FindStringSubmatch(string(mod))
	if m == nil || m[1] < "20230526" { // the day of the split
		t.Errorf("go.mod has genproto %q", m)
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
