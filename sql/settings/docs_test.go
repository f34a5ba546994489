package settings

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite docs/settings.md")

// TestDocs keeps docs/settings.md in step with the list of settings.
func TestDocs(t *testing.T) {
	const path = "../../docs/settings.md"
	var b strings.Builder
	b.WriteString(`# Settings

` + "`SET 'key' = 'value';`" + ` changes a setting for the statements that follow, ` + "`RESET 'key';`" + ` takes it back, ` + "`SET;`" + ` lists what
is set. Keys are Flink's own, but for those that begin with ` + "`weir.`" + `. Options that only steer a Flink cluster are accepted with a
warning and change nothing; a key that nobody knows is an error. This page is made from the code.

| key | type | default | |
|---|---|---|---|
`)
	for _, o := range Known() {
		typ := string(o.Type)
		if len(o.Values) > 0 {
			typ = strings.Join(o.Values, ", ")
		}
		def := "–"
		if o.Default != "" {
			def = "`" + o.Default + "`"
		}
		b.WriteString("| `" + o.Key + "` | " + typ + " | " + def + " | " + o.Doc + idle(o) + " |\n")
	}
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != b.String() {
		t.Error("docs/settings.md is out of date: run this test with -update")
	}
}

// idle says in the table what Set warns of.
func idle(o Option) string {
	if o.idle == "" {
		return ""
	}
	return " Changes nothing: " + o.idle + "."
}
