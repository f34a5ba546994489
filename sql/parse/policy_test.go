package parse

import (
	"go/ast"
	goparser "go/parser"
	gotoken "go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/weirstream/weir/sql/token"
)

// TestOnlyDoorToTiDB checks that no other file than mysql.go imports TiDB's parser.
func TestOnlyDoorToTiDB(t *testing.T) {
	const door = "sql/parse/mysql.go"
	root := os.DirFS("../..")
	found := false
	err := fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		f, err := goparser.ParseFile(gotoken.NewFileSet(), filepath.Join("../..", path), nil, goparser.ImportsOnly)
		if err != nil {
			return nil // a file that does not compile fails its own package
		}
		for _, i := range f.Imports {
			if !strings.Contains(i.Path.Value, "pingcap/tidb") {
				continue
			}
			if path == door {
				found = true
			} else {
				t.Errorf("%s imports %s: only %s may", path, i.Path.Value, door)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !found {
		t.Errorf("%s does not import TiDB's parser", door)
	}
}

// TestPhrasesAreKeywords checks that every word that the parser looks for is known to the
// tokenizer, without which it would never be found.
func TestPhrasesAreKeywords(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := goparser.ParseFile(gotoken.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(node ast.Node) bool {
			call, ok := node.(*ast.CallExpr)
			if !ok || !takesPhrases(call.Fun) {
				return true
			}
			for _, arg := range call.Args {
				lit, ok := arg.(*ast.BasicLit)
				if !ok || lit.Kind != gotoken.STRING {
					continue
				}
				phrase, _ := strconv.Unquote(lit.Value)
				for _, word := range strings.Fields(phrase) {
					n++
					if !isSymbol(word) && word != "/*+" && !token.Known(word) {
						t.Errorf("%s looks for %q, which is no keyword", file, word)
					}
				}
			}
			return true
		})
	}
	if n < 300 {
		t.Errorf("only %d words were found in the sources", n)
	}
}

func takesPhrases(f ast.Expr) bool {
	sel, ok := f.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	switch sel.Sel.Name {
	case "accept", "acceptAny", "expect", "expectAny", "at", "Is":
		return true
	}
	return false
}
