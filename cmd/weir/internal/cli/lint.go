package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/weirstream/weir"
)

func newLint(io stdio) *cobra.Command {
	var f sessionFlags
	var syntaxOnly bool
	cmd := &cobra.Command{
		Use:   "lint [FILE…]",
		Short: "Check SQL without running it",
		Long: `Parses and plans every statement and shows all errors, each with its place:

  file:line:column: message
  the line
  ^~~~ the place

Several files are one session, as they are for 'weir run': a file may use what those before it define.
With --syntax the SQL is only parsed: no table needs to exist. The exit code is 0 when there is
nothing to complain about, and 2 otherwise.`,
		Example: "  weir lint job.sql\n  weir lint --syntax queries/*.sql",
		RunE: func(cmd *cobra.Command, files []string) error {
			scripts, err := f.scripts(io, files)
			if err != nil {
				return err
			}
			check, failed := weir.CheckSyntax, false
			if !syntaxOnly {
				env, err := f.env(io)
				if err != nil {
					return err
				}
				check = env.Linter().Lint
			}
			for _, s := range scripts {
				for _, err := range check(s.name, s.sql) {
					failed = true
					if _, err := fmt.Fprintln(io.out, err); err != nil {
						return err
					}
				}
			}
			if failed {
				return usageError("")
			}
			return nil
		},
	}
	f.register(cmd)
	cmd.Flags().BoolVar(&syntaxOnly, "syntax", false, "only parse")
	return cmd
}
