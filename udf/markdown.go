package udf

import (
	"fmt"
	"strings"
)

// Markdown lists the functions as tables, one a family.
func (r *Registry) Markdown() string {
	var b strings.Builder
	all := r.All()
	fmt.Fprintf(&b, "# Functions and operators\n\n"+
		"This page is written by `go test ./udf -update` from the function registry: %d entries. Functions are strict unless their "+
		"text says otherwise: a NULL argument gives NULL. Names are not case-sensitive.\n", len(all))
	family := ""
	cell := strings.NewReplacer("|", `\|`, "\n", " ")
	for _, f := range all {
		if f.Family != family {
			family = f.Family
			fmt.Fprintf(&b, "\n## %s%s\n\n| syntax | what it gives |\n|---|---|\n", strings.ToUpper(family[:1]), family[1:])
		}
		doc := f.Doc
		if len(f.Aliases) > 0 {
			doc += " Also " + strings.Join(f.Aliases, ", ") + "."
		}
		fmt.Fprintf(&b, "| `%s` | %s |\n", cell.Replace(f.Syntax), cell.Replace(doc))
	}
	return b.String()
}
