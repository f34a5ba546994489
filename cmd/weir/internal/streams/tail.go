package streams

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/spf13/cobra"
)

func tailCommand(t *target) *cobra.Command {
	follow, lines, asJSON := false, 10, false
	cmd := &cobra.Command{
		Use: "tail NAME", Short: "Print the last records of each shard, and with -f those that follow", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if lines < 0 {
				return fmt.Errorf("--lines %d: want a number of records", lines)
			}
			if follow && t.endpoint == "" {
				cmd.PrintErrf("nobody can write to %s while this command has it: weir streams serve shares it, --endpoint follows it there\n", t.path)
			}
			p := &printer{out: cmd.OutOrStdout(), json: asJSON}
			return t.with(cmd.Context(), func(ctx context.Context, b backend) error {
				tl := &tailer{backend: b, stream: args[0], lines: lines, follow: follow, printer: p, seen: map[string]bool{}}
				return tl.run(ctx)
			})
		},
	}
	cmd.Flags().BoolVarP(&follow, "follow", "f", false, "go on until interrupted, into the children of shards that are split or merged")
	cmd.Flags().IntVarP(&lines, "lines", "n", lines, "how many records of each shard to begin with")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print records with key, sequence number and time as JSON")
	return cmd
}

// tailer follows the shards of a stream, one goroutine each.
type tailer struct {
	backend backend
	stream  string
	lines   int
	follow  bool
	printer *printer

	mu    sync.Mutex
	seen  map[string]bool // shards that are or were followed
	ended []string
	work  sync.WaitGroup
	err   error
}

func (t *tailer) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	d, err := t.backend.describe(ctx, t.stream)
	if err != nil {
		return err
	}
	for _, s := range d.shards {
		t.seen[s.id] = true // all of them, before the first goroutine looks
	}
	for _, s := range d.shards {
		if !s.closed {
			t.start(ctx, cancel, s.id, t.lines)
		}
	}
	t.work.Wait()
	return t.err
}

func (t *tailer) start(ctx context.Context, cancel func(), shard string, lines int) {
	t.work.Go(func() {
		err := t.shard(ctx, shard, lines)
		if err == nil && t.follow {
			err = t.children(ctx, cancel, shard)
		}
		if err != nil && !errors.Is(err, context.Canceled) {
			t.mu.Lock()
			t.err = errors.Join(t.err, err)
			t.mu.Unlock()
			cancel()
		}
	})
}

// shard prints the last records of a shard, then follows it until it ends.
func (t *tailer) shard(ctx context.Context, shard string, lines int) error {
	c, err := t.backend.open(ctx, t.stream, shard, start{})
	if err != nil {
		return err
	}
	var last []record
	err = toTip(ctx, c, func(records []record) (bool, error) {
		for _, r := range records {
			r.data = bytes.Clone(r.data)
			if last = append(last, r); lines >= 0 && len(last) > lines {
				last = last[1:]
			}
		}
		return true, nil
	})
	if err == nil {
		err = t.printer.print(last)
	}
	for err == nil && t.follow {
		records, ended, readErr := c.next(ctx)
		if readErr != nil {
			return readErr
		}
		if err = t.printer.print(unpack(records)); err != nil || ended {
			return err
		}
		if len(records) == 0 {
			err = c.wait(ctx)
		}
	}
	return err
}

// children starts the shards whose parents have all ended, from their beginning.
func (t *tailer) children(ctx context.Context, cancel func(), parent string) error {
	d, err := t.backend.describe(ctx, t.stream)
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = append(t.ended, parent)
	done := func(id string) bool {
		for _, e := range t.ended {
			if e == id {
				return true
			}
		}
		return id == ""
	}
	for _, s := range d.shards {
		isChild := s.parent == parent || s.adjacent == parent
		if isChild && !t.seen[s.id] && done(s.parent) && done(s.adjacent) {
			t.seen[s.id] = true
			t.start(ctx, cancel, s.id, -1)
		}
	}
	return nil
}
