package cli

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/weirstream/weir"
)

func newFunctions(io stdio) *cobra.Command {
	return &cobra.Command{
		Use:     "functions [NAME]",
		Short:   "List the functions, or describe one",
		Example: "  weir functions\n  weir functions REGEXP_EXTRACT",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			found := false
			w := tabwriter.NewWriter(io.out, 0, 0, 2, ' ', 0)
			for _, f := range weir.Functions() {
				if len(args) == 1 && !strings.EqualFold(args[0], f.Name) {
					continue
				}
				found = true
				if len(args) == 1 {
					fmt.Fprintf(w, "%s\n\n  %s\n\n  %s function\n", f.Syntax, f.Doc, f.Family)
				} else {
					fmt.Fprintf(w, "%s\t%s\n", f.Syntax, f.Family)
				}
			}
			if !found {
				return usageError(fmt.Sprintf("weir: there is no function %s\n  hint: 'weir functions' lists all", strings.ToUpper(args[0])))
			}
			return w.Flush()
		},
	}
}

func newConnectors(io stdio) *cobra.Command {
	return &cobra.Command{
		Use:     "connectors [NAME]",
		Short:   "List the connectors, or one's options",
		Example: "  weir connectors\n  weir connectors filesystem",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			found := false
			w := tabwriter.NewWriter(io.out, 0, 0, 2, ' ', 0)
			for _, c := range weir.Connectors() {
				if len(args) == 1 && args[0] != c.Name {
					continue
				}
				found = true
				if len(args) == 0 {
					fmt.Fprintf(w, "%s\t%s\n", c.Name, c.Doc)
					continue
				}
				fmt.Fprintf(w, "%s: %s\n\noption\ttype\tdefault\t\n", c.Name, c.Doc)
				for _, o := range c.Options {
					def := o.Default
					if o.Required {
						def = "(required)"
					}
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", o.Key, o.Type, def, o.Doc)
				}
				for _, m := range c.Metadata {
					fmt.Fprintf(w, "metadata %s\t%s\t\t%s\n", m.Key, m.Type, m.Doc)
				}
			}
			if !found {
				return usageError(fmt.Sprintf("weir: there is no connector %s\n  hint: 'weir connectors' lists all", args[0]))
			}
			return w.Flush()
		},
	}
}
