package udf

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite docs/functions.md")

const docsFile = "../docs/functions.md"

func TestEveryEntryIsDocumented(t *testing.T) {
	for _, f := range Builtins().All() {
		if f.Name != strings.ToUpper(f.Name) || f.Family == "" || f.Syntax == "" || !strings.HasSuffix(f.Doc, ".") && !strings.HasSuffix(f.Doc, "….") {
			t.Errorf("%s: name, family, syntax and a sentence of documentation are needed", f.Name)
		}
		if f.Resolve == nil {
			t.Errorf("%s has no typing rule", f.Name)
		}
	}
}

// TestDocs keeps docs/functions.md what the registry says; go test -update writes it.
func TestDocs(t *testing.T) {
	want := Builtins().Markdown()
	if *update {
		if err := os.WriteFile(docsFile, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(docsFile)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is old: run go test ./udf -update", docsFile)
	}
}
