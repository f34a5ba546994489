package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/weirstream/weir/tests/golden"
)

func newTest(io stdio) *cobra.Command {
	var update, quiet bool
	var filter string
	cmd := &cobra.Command{
		Use:   "test DIR…",
		Short: "Run golden files: SQL, input rows, and what must come out",
		Long: `Runs the *.test files below the given folders. A file holds cases: SQL, the rows of its input
tables, and the changelog, result, error or plan that must come out. Every case runs at several batch
sizes and parallelisms, jobs with state also stopped in the middle and restored, and all must agree. docs/golden-tests.md describes the format.

The exit code is 0 when all cases pass, 1 when one fails, and 2 when a file is no valid test file; the others are run all the same.`,
		Example: "  weir test tests/\n  weir test --update tests/alerts.test\n  weir test --run 'late rows' tests/",
		RunE: func(cmd *cobra.Command, paths []string) error {
			if len(paths) == 0 {
				return usageError("weir: nothing to test\n  hint: give a folder of *.test files, or a file")
			}
			runner := golden.Runner{Update: update}
			passed, failed, broken := 0, 0, 0
			start := time.Now()
			report := func(o golden.Outcome) {
				switch {
				case o.Err != nil:
					failed++
					fmt.Fprintf(io.out, "FAIL %s:%d: %s\n%v\n\n", o.File.Path, o.Case.Line, o.Case.Name, o.Err)
				default:
					passed++
					if !quiet {
						fmt.Fprintf(io.out, "ok   %s: %s (%s)\n", o.File.Path, o.Case.Name, o.Took.Round(time.Millisecond))
					}
				}
			}
			for _, path := range paths {
				files, err := golden.Files(path)
				if err != nil {
					return usageError("weir: looking for test files: " + err.Error())
				}
				for _, file := range files {
					if err := runner.RunFile(cmd.Context(), file, filter, report); err != nil {
						if cmd.Context().Err() != nil {
							return err
						}
						broken++
						fmt.Fprintf(io.err, "weir: %v\n", err)
					}
				}
			}
			fmt.Fprintf(io.out, "%d passed, %d failed in %s\n", passed, failed, time.Since(start).Round(time.Millisecond))
			switch {
			case broken > 0:
				return usageError("") // each has been told of
			case failed > 0:
				return failedError("")
			case passed == 0:
				return usageError("weir: no test was run\n  hint: test files end in .test; see docs/golden-tests.md")
			}
			return nil
		},
	}
	cmd.Flags().BoolVarP(&update, "update", "u", false, "rewrite what is expected with what comes out")
	cmd.Flags().BoolVarP(&quiet, "quiet", "q", false, "show only failures")
	cmd.Flags().StringVar(&filter, "run", "", "run only the cases whose name contains this text")
	return cmd
}
