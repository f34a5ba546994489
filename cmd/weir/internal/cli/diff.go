package cli

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/weirstream/weir"
)

func newDiff(io stdio) *cobra.Command {
	return &cobra.Command{
		Use:   "diff OLD.sql NEW.sql",
		Short: "Show what a changed script keeps of its state",
		Long: `Plans both scripts and shows what a checkpoint of the old one is worth to the new one: what goes on with what it
had, what would be lost, what begins anew. Operators are told apart by what they compute, so names, order, what else is
read and parallelism may change. Exit code 1 where something would be lost: 'weir run' then asks for --allow-dropped-state.`,
		Example: "  weir diff <(git show HEAD:job.sql) job.sql",
		Args:    cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			var envs [2]*weir.Env
			var texts [2]string
			for i, name := range args {
				text, err := os.ReadFile(name)
				if err != nil {
					return usageError("weir: " + err.Error())
				}
				var f sessionFlags
				if envs[i], err = f.env(io); err != nil {
					return err
				}
				texts[i] = string(text)
			}
			d, err := weir.Diff(envs[0], args[0], texts[0], envs[1], args[1], texts[1])
			if err != nil {
				return usageError(err.Error())
			}
			for _, part := range []struct {
				head  string
				items []string
			}{{"kept", d.Kept}, {"lost", d.Lost}, {"new", d.New}} {
				for _, item := range part.items {
					if _, err := fmt.Fprintf(io.out, "%s  %s\n", part.head, item); err != nil {
						return err
					}
				}
			}
			if len(d.Lost) > 0 {
				return failedError("weir: a checkpoint of the old script has what the new one has no place for\n  hint: 'weir run --allow-dropped-state' goes on without it")
			}
			return nil
		},
	}
}
