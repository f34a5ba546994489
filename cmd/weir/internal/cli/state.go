package cli

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/weirstream/weir"
)

func newState(std stdio) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "state",
		Short: "Look into a state folder or a savepoint",
		Long:  "Reads what checkpoints a job has left; the job need not run, and nothing is changed.",
	}
	cmd.AddCommand(
		stateCommand(std, "ls", "List the checkpoints", listState),
		newShow(std),
		stateCommand(std, "verify", "Hold every file of the newest checkpoint against its checksum", verifyState),
	)
	return cmd
}

func stateCommand(std stdio, name, short string, f func(std stdio, dir string) error) *cobra.Command {
	return &cobra.Command{
		Use: name + " DIR", Short: short, Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := f(std, args[0]); err != nil {
				return failedError("weir: " + err.Error())
			}
			return nil
		},
	}
}

func listState(std stdio, dir string) error {
	all, err := weir.Checkpoints(dir)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
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

func newShow(std stdio) *cobra.Command {
	var rows int
	cmd := stateCommand(std, "show", "Show what the newest checkpoint is made of", func(std stdio, dir string) error { return showState(std, dir, rows) })
	cmd.Example = "  weir state show state/\n  weir state show -n 5 state/"
	cmd.Flags().IntVarP(&rows, "rows", "n", 0, "show so many rows of each table of the state, as JSON")
	return cmd
}

func showState(std stdio, dir string, rows int) error {
	c, err := weir.FindCheckpoint(dir)
	if err != nil {
		return err
	}
	contents, err := contentsOf(c, rows)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
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
			content := contents[o.ID+"/"+t.Name]
			fmt.Fprintf(w, "\t  %s (%s): %d rows, %d bytes\n", t.Name, strings.Join(columns, ", "), content.Rows, content.Bytes)
			if err := sample(w, content); err != nil {
				return err
			}
		}
	}
	for _, s := range c.Sinks {
		fmt.Fprintf(w, "sink\t%s: %s\n", s.Table, s.Guarantee)
	}
	return w.Flush()
}

// contentsOf reads what the tables of a checkpoint's state hold, by operator and name.
func contentsOf(c *weir.Checkpoint, rows int) (map[string]weir.StateTable, error) {
	out := map[string]weir.StateTable{}
	all, err := weir.StateTables(c, rows)
	for _, t := range all {
		out[t.Operator+"/"+t.Name] = t
	}
	return out, err
}

// sample prints the first rows of a table of the state.
func sample(w io.Writer, c weir.StateTable) error {
	if c.Sample == nil {
		return nil
	}
	var names []string
	for _, f := range append(append(c.Key[:0:0], c.Key...), c.Value...) {
		names = append(names, f.Name)
	}
	f := weir.NewFormatter(time.UTC)
	for i := range c.Sample.Len() {
		row, err := f.AppendObject(nil, names, c.Sample, i)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "\t    %s\n", row); err != nil {
			return err
		}
	}
	return nil
}

func verifyState(std stdio, dir string) error {
	c, err := weir.FindCheckpoint(dir)
	if err != nil {
		return err
	}
	if err := c.Verify(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(std.out, "checkpoint %d is whole: %d files, %d bytes of state\n", c.ID, len(c.Files), c.Size())
	return err
}
