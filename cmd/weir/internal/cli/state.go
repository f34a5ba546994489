package cli

import (
	"context"
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
		Long:  "Reads what checkpoints a job has left, in a folder or in S3; the job need not run, and nothing is changed.",
	}
	cmd.AddCommand(
		stateCommand(std, "ls", "List the checkpoints", listState),
		newShow(std),
		stateCommand(std, "verify", "Hold every file of the newest checkpoint against its checksum", verifyState),
	)
	return cmd
}

// statePlace is a state folder or a savepoint, on a file system or in S3.
type statePlace struct {
	dir  string
	opts []weir.Option // how S3 is reached
}

func (p statePlace) find(ctx context.Context) (*weir.Checkpoint, error) {
	return weir.FindCheckpoint(ctx, p.dir, p.opts...)
}

func stateCommand(std stdio, name, short string, f func(ctx context.Context, std stdio, p statePlace) error) *cobra.Command {
	var set settingFlags
	cmd := &cobra.Command{
		Use: name + " DIR", Short: short, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			opts, err := set.options()
			if err != nil {
				return err
			}
			if err := f(cmd.Context(), std, statePlace{args[0], opts}); err != nil {
				return failedError("weir: " + err.Error())
			}
			return nil
		},
	}
	set.register(cmd)
	return cmd
}

func listState(ctx context.Context, std stdio, p statePlace) error {
	all, err := weir.Checkpoints(ctx, p.dir, p.opts...)
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
	cmd := stateCommand(std, "show", "Show what the newest checkpoint is made of", func(ctx context.Context, std stdio, p statePlace) error { return showState(ctx, std, p, rows) })
	cmd.Example = "  weir state show state/\n  weir state show -n 5 state/\n  weir state show -s s3.endpoint=http://127.0.0.1:9000 s3://bucket/job"
	cmd.Flags().IntVarP(&rows, "rows", "n", 0, "show so many rows of each table of the state, as JSON")
	return cmd
}

func showState(ctx context.Context, std stdio, p statePlace, rows int) error {
	c, err := p.find(ctx)
	if err != nil {
		return err
	}
	contents, err := contentsOf(ctx, c, rows)
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
func contentsOf(ctx context.Context, c *weir.Checkpoint, rows int) (map[string]weir.StateTable, error) {
	out := map[string]weir.StateTable{}
	all, err := weir.StateTables(ctx, c, rows)
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

func verifyState(ctx context.Context, std stdio, p statePlace) error {
	c, err := p.find(ctx)
	if err != nil {
		return err
	}
	if err := c.Verify(ctx); err != nil {
		return err
	}
	_, err = fmt.Fprintf(std.out, "checkpoint %d is whole: %d files, %d bytes of state\n", c.ID, len(c.Files), c.Size())
	return err
}
