package cli

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/weirstream/weir"
)

func newState(io stdio) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "state",
		Short: "Look into a state folder or a savepoint",
		Long:  "Reads what checkpoints a job has left; the job need not run, and nothing is changed.",
	}
	cmd.AddCommand(
		stateCommand(io, "ls", "List the checkpoints", listState),
		stateCommand(io, "show", "Show what the newest checkpoint is made of", showState),
		stateCommand(io, "verify", "Hold every file of the newest checkpoint against its checksum", verifyState),
	)
	return cmd
}

func stateCommand(io stdio, name, short string, f func(io stdio, dir string) error) *cobra.Command {
	return &cobra.Command{
		Use: name + " DIR", Short: short, Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := f(io, args[0]); err != nil {
				return failedError("weir: " + err.Error())
			}
			return nil
		},
	}
}

func listState(io stdio, dir string) error {
	all, err := weir.Checkpoints(dir)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(io.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "CHECKPOINT\tTAKEN\tSTATE BYTES\tJOB\t")
	for _, c := range all {
		note := ""
		if c.Ended {
			note = "ended"
		}
		fmt.Fprintf(w, "%d\t%s\t%d\t%s\t%s\n", c.ID, c.Time.Local().Format("2006-01-02 15:04:05"), c.Size(), c.Name, note)
	}
	return w.Flush()
}

func showState(io stdio, dir string) error {
	c, err := weir.FindCheckpoint(dir)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(io.out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "checkpoint\t%d of job %s, %s\n", c.ID, c.Job, c.Name)
	fmt.Fprintf(w, "taken\t%s\n", c.Time.Local().Format("2006-01-02 15:04:05"))
	fmt.Fprintf(w, "parallelism\t%d of %d key groups\n", c.Parallelism, c.MaxParallelism)
	fmt.Fprintf(w, "state\t%d bytes in %d files\n", c.Size(), len(c.Files))
	for _, s := range c.Sources {
		fmt.Fprintf(w, "table\t%s: %d splits begun, %d finished\n", s.Table, len(s.Splits), len(s.Finished))
		for _, p := range s.Splits {
			fmt.Fprintf(w, "\t  %s: %d rows read\n", p.ID, p.Rows)
		}
	}
	for _, o := range c.Operators {
		if len(o.Tables) == 0 {
			continue
		}
		fmt.Fprintf(w, "operator\t%s (%s)\n", o.Name, o.ID)
		for _, t := range o.Tables {
			var columns []string
			for i, col := range append(append(t.Key[:0:0], t.Key...), t.Value...) {
				mark := ""
				if i < len(t.Key) {
					mark = " KEY"
				}
				columns = append(columns, col.Name+" "+col.Type+mark)
			}
			fmt.Fprintf(w, "\t  %s (%s)\n", t.Name, strings.Join(columns, ", "))
		}
	}
	for _, s := range c.Sinks {
		fmt.Fprintf(w, "sink\t%s: %s\n", s.Table, s.Guarantee)
	}
	return w.Flush()
}

func verifyState(io stdio, dir string) error {
	c, err := weir.FindCheckpoint(dir)
	if err != nil {
		return err
	}
	if err := c.Verify(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(io.out, "checkpoint %d is whole: %d files, %d bytes of state\n", c.ID, len(c.Files), c.Size())
	return err
}
