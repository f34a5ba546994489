package weir

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/weirstream/weir/connectors/format"
)

var update = flag.Bool("update", false, "rewrite docs/connectors.md")

// TestConnectorsPage keeps docs/connectors.md as the connectors describe themselves.
func TestConnectorsPage(t *testing.T) {
	const path = "docs/connectors.md"
	want := connectorsPage()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is not what the connectors say; run: go test . -run TestConnectorsPage -update", path)
	}
}

func connectorsPage() string {
	var b strings.Builder
	b.WriteString("# Connectors and formats\n\nMade from what the connectors say of themselves; `weir connectors NAME` shows the same.\n")
	for _, c := range Connectors() {
		ways := "source and sink"
		switch {
		case c.Source == nil:
			ways = "sink"
		case c.Sink == nil:
			ways = "source"
		}
		fmt.Fprintf(&b, "\n## %s\n\n%s (%s)\n", c.Name, c.Doc, ways)
		var own []string
		for _, o := range c.Options {
			if f, _, ok := strings.Cut(o.Key, "."); ok && formats().Find(f) != nil {
				continue // below, with its format
			}
			own = append(own, optionRow(o.Key, string(o.Type), o.Default, o.Required, o.Values, o.Doc))
		}
		table(&b, "| option | type | default | |\n|---|---|---|---|\n", own)
		var meta []string
		for _, m := range c.Metadata {
			meta = append(meta, fmt.Sprintf("| `%s` | %s | %s |\n", m.Key, m.Type, m.Doc))
		}
		table(&b, "| metadata column | type | |\n|---|---|---|\n", meta)
	}
	b.WriteString("\n# Formats\n")
	for _, f := range formats() {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n", f.Name, f.Doc)
		var own []string
		for _, o := range f.Options {
			own = append(own, optionRow(f.Name+"."+o.Key, string(o.Type), o.Default, o.Required, o.Values, o.Doc))
		}
		table(&b, "| option | type | default | |\n|---|---|---|---|\n", own)
		var meta []string
		for _, m := range f.Metadata {
			meta = append(meta, fmt.Sprintf("| `%s%s` | %s | %s |\n", format.MetadataPrefix, m.Key, m.Type, m.Doc))
		}
		table(&b, "| metadata column | type | |\n|---|---|---|\n", meta)
	}
	return b.String()
}

func optionRow(key, typ, def string, required bool, values []string, doc string) string {
	if len(values) > 0 {
		typ = strings.Join(values, ", ")
	}
	if required {
		def = "(required)"
	}
	return fmt.Sprintf("| `%s` | %s | %s | %s |\n", key, typ, strings.ReplaceAll(def, "|", "\\|"), strings.ReplaceAll(doc, "|", "\\|"))
}

func table(b *strings.Builder, head string, rows []string) {
	if len(rows) > 0 {
		b.WriteString("\n" + head + strings.Join(rows, ""))
	}
}
