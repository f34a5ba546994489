package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

func newExplain(io stdio) *cobra.Command {
	var f sessionFlags
	var verbose bool
	cmd := &cobra.Command{
		Use:   "explain [FILE…]",
		Short: "Show the plan of a script's jobs",
		Long: `Runs a script's definitions, but not its jobs, and shows the plans of its queries and of the
job that its INSERTs make together: a tree of operators with their keys, the kinds of changes that they
give, event time and parallelism. --verbose adds schemas and the rules that shaped the plan.`,
		Example: "  weir explain job.sql\n  weir explain --verbose -e 'SELECT 1'",
		RunE: func(cmd *cobra.Command, files []string) error {
			scripts, err := f.scripts(io, files)
			if err != nil {
				return err
			}
			env, err := f.env(io)
			if err != nil {
				return err
			}
			for _, s := range scripts {
				text, err := env.Explain(s.name, s.sql, verbose)
				if err != nil {
					return usageError(err.Error())
				}
				if _, err := fmt.Fprint(io.out, text); err != nil {
					return err
				}
			}
			return nil
		},
	}
	f.register(cmd)
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "show schemas and rules")
	return cmd
}
