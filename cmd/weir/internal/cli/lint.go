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

With --syntax the SQL is only parsed: no table needs to exist. The exit code is 0 when there is
nothing to complain about, and 2 otherwise.`,
		Example: "  weir lint job.sql\n  weir lint --syntax queries/*.sql",
		RunE: func(cmd *cobra.Command, files []string) error {
			scripts, err := f.scripts(io, files)
			if err != nil {
				return err
			}
			failed := false
			for _, s := range scripts {
				errs, err := f.check(io, s, syntaxOnly)
				if err != nil {
					return err
				}
				for _, err := range errs {
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

// check gives what is wrong with a script, which is a session of its own.
func (f *sessionFlags) check(io stdio, s script, syntaxOnly bool) ([]error, error) {
	if syntaxOnly {
		return weir.CheckSyntax(s.name, s.sql), nil
	}
	env, err := f.env(io)
	if err != nil {
		return nil, err
	}
	return env.Lint(s.name, s.sql), nil
}
