package streams

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
)

func describeCommand(t *target) *cobra.Command {
	cmd := simple(t, "describe NAME", "Show a stream and its shards", 1, nil)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return t.with(cmd.Context(), func(ctx context.Context, b backend) error {
			d, err := b.describe(ctx, args[0])
			if err != nil {
				return err
			}
			return d.write(cmd.OutOrStdout())
		})
	}
	return cmd
}

func (d description) write(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	open := 0
	for _, s := range d.shards {
		if !s.closed {
			open++
		}
	}
	var text strings.Builder
	fmt.Fprintf(&text, "stream\t%s\nstatus\t%s\nmode\t%s\nretention\t%d h\ncreated\t%s\nopen shards\t%d\n\n",
		d.name, d.status, d.mode, d.retention, d.created.UTC().Format(time.RFC3339), open)
	text.WriteString("SHARD\tSTATE\tPARENTS\tFIRST HASH KEY\tLAST HASH KEY\n")
	for _, s := range d.shards {
		state := "open"
		if s.closed {
			state = "closed"
		}
		parents := strings.Trim(s.parent+" "+s.adjacent, " ")
		if parents == "" {
			parents = "-"
		}
		fmt.Fprintf(&text, "%s\t%s\t%s\t%s\t%s\n", s.id, state, parents, s.firstHash, s.lastHash)
	}
	if _, err := io.WriteString(w, text.String()); err != nil {
		return err
	}
	return w.Flush()
}
