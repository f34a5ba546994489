// Package streams is the command `weir streams`: the shard log's server, and commands on streams in
// a local folder or behind an endpoint. Command builds the whole tree; each file holds
// what its name says, and both kinds of target are a backend.
package streams

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// backend is where the streams are: a folder or an endpoint.
type backend interface {
	// create returns when the stream takes records.
	create(ctx context.Context, name string, shards int, onDemand bool) error
	list(ctx context.Context) ([]string, error)
	describe(ctx context.Context, name string) (description, error)
	// remove, split, merge and scale return when the change has taken effect.
	remove(ctx context.Context, name string, force bool) error
	put(ctx context.Context, name string, records []record) error
	split(ctx context.Context, name, shard, hashKey string) error
	merge(ctx context.Context, name, shard, adjacent string) error
	scale(ctx context.Context, name string, shards int) error
	retention(ctx context.Context, name string, hours int) error
	// open starts to read a shard.
	open(ctx context.Context, name, shard string, from start) (cursor, error)
	close() error
}

// cursor reads one shard in order.
type cursor interface {
	// next returns what there is, without waiting; ended when the shard is closed and drained.
	next(ctx context.Context) (records []record, ended bool, err error)
	// wait returns when there may be more.
	wait(ctx context.Context) error
	// behind reports whether more is known to be there.
	behind() bool
}

// record is one record as the commands show and take it.
type record struct {
	shard   string
	seq     string
	sub     int // place in an aggregated record
	arrived time.Time
	key     string
	data    []byte
}

// description is what `describe` shows.
type description struct {
	name, status, mode string
	retention          int // hours
	created            time.Time
	shards             []shardInfo
}

type shardInfo struct {
	id, parent, adjacent string
	firstHash, lastHash  string
	closed               bool
}

// startKind says where reading begins.
type startKind int

const (
	oldest startKind = iota
	newest
	atTime
	afterSequence
)

type start struct {
	kind startKind
	time time.Time
	seq  string
}

// parseStart reads oldest, newest, an RFC 3339 time, or a sequence number to go on after.
func parseStart(s string) (start, error) {
	switch s {
	case "oldest":
		return start{}, nil
	case "newest":
		return start{kind: newest}, nil
	}
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		if t.After(time.Now()) {
			return start{}, fmt.Errorf("--from %s is in the future: newest begins behind the last record", s)
		}
		if t.Before(time.Unix(0, 0)) {
			return start{}, nil // some SDKs' times do not reach so far back
		}
		return start{kind: atTime, time: t}, nil
	}
	if s != "" && strings.Trim(s, "0123456789") == "" {
		return start{kind: afterSequence, seq: s}, nil
	}
	return start{}, fmt.Errorf("--from %q: want oldest, newest, a time like 2026-11-23T10:00:00Z or a sequence number", s)
}

// target are the flags that say where the streams are.
type target struct {
	path, endpoint, region string
}

// Command is `weir streams` with all its subcommands.
func Command() *cobra.Command {
	t := &target{}
	cmd := &cobra.Command{
		Use:   "streams",
		Short: "Work with the built-in shard log, or any Kinesis endpoint",
		Long: "Streams live in a folder (--path), which one process has at a time, or behind an\n" +
			"endpoint (--endpoint) that speaks the Kinesis protocol, such as weir streams serve.\n" +
			"An endpoint wants AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
	}
	flags := cmd.PersistentFlags()
	flags.StringVar(&t.path, "path", "weir-streams", "folder of the shard log")
	flags.StringVar(&t.endpoint, "endpoint", "", "URL of a Kinesis endpoint, in place of a folder")
	flags.StringVar(&t.region, "region", "us-east-1", "region for an endpoint")
	cmd.AddCommand(serveCommand(t), createCommand(t), listCommand(t), describeCommand(t), deleteCommand(t), putCommand(t), getCommand(t),
		tailCommand(t), splitCommand(t), mergeCommand(t), scaleCommand(t), retentionCommand(t))
	for _, sub := range cmd.Commands() {
		sub.MarkFlagsMutuallyExclusive("path", "endpoint")
	}
	return cmd
}

// with runs f on the target's backend.
func (t *target) with(ctx context.Context, f func(ctx context.Context, b backend) error) error {
	b, err := t.connect()
	if err != nil {
		return err
	}
	return errors.Join(t.explain(f(ctx, b)), b.close())
}

func (t *target) connect() (backend, error) {
	if t.endpoint != "" {
		return connectRemote(t.endpoint, t.region)
	}
	if _, err := os.Stat(t.path); errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("no shard log in %s: weir streams create makes one with its first stream", t.path)
	}
	return openLocal(t.path)
}

// number reads an argument from lo to hi.
func number(what, text string, lo, hi int) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < lo || n > hi {
		return 0, fmt.Errorf("%s %q: want a number from %d to %d", what, text, lo, hi)
	}
	return n, nil
}

const maxShards = 100_000 // of a stream

// simple makes a command that does one thing with its arguments.
func simple(t *target, use, short string, args int, f func(ctx context.Context, b backend, args []string) error) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: cobra.ExactArgs(args),
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.with(cmd.Context(), func(ctx context.Context, b backend) error { return f(ctx, b, args) })
		},
	}
}

func createCommand(t *target) *cobra.Command {
	shards, onDemand := 1, false
	cmd := simple(t, "create NAME", "Create a stream", 1, nil)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if _, err := number("--shards", strconv.Itoa(shards), 1, maxShards); err != nil {
			return err
		}
		if t.endpoint == "" {
			if err := os.MkdirAll(t.path, 0o755); err != nil {
				return fmt.Errorf("making the folder of the shard log: %w", err)
			}
		}
		return t.with(cmd.Context(), func(ctx context.Context, b backend) error { return b.create(ctx, args[0], shards, onDemand) })
	}
	cmd.Flags().IntVar(&shards, "shards", 1, "number of shards")
	cmd.Flags().BoolVar(&onDemand, "on-demand", false, "let the log split hot shards; begins with 4")
	cmd.MarkFlagsMutuallyExclusive("shards", "on-demand")
	return cmd
}

func listCommand(t *target) *cobra.Command {
	cmd := simple(t, "list", "List the streams", 0, nil)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return t.with(cmd.Context(), func(ctx context.Context, b backend) error {
			names, err := b.list(ctx)
			for _, name := range names {
				if _, printErr := fmt.Fprintln(cmd.OutOrStdout(), name); printErr != nil {
					return printErr
				}
			}
			return err
		})
	}
	return cmd
}

func deleteCommand(t *target) *cobra.Command {
	force := false
	cmd := simple(t, "delete NAME", "Delete a stream and its records", 1, func(ctx context.Context, b backend, args []string) error {
		return b.remove(ctx, args[0], force)
	})
	cmd.Flags().BoolVar(&force, "force", false, "delete a stream that has registered consumers")
	return cmd
}

func splitCommand(t *target) *cobra.Command {
	at := ""
	cmd := simple(t, "split NAME SHARD", "Split a shard in two", 2, func(ctx context.Context, b backend, args []string) error {
		return b.split(ctx, args[0], args[1], at)
	})
	cmd.Flags().StringVar(&at, "at", "", "first hash key of the second shard; the middle when empty")
	return cmd
}

func mergeCommand(t *target) *cobra.Command {
	return simple(t, "merge NAME SHARD ADJACENT", "Merge two adjacent shards", 3, func(ctx context.Context, b backend, args []string) error {
		return b.merge(ctx, args[0], args[1], args[2])
	})
}

func scaleCommand(t *target) *cobra.Command {
	return simple(t, "scale NAME SHARDS", "Change the number of shards, by at most double or half", 2, func(ctx context.Context, b backend, args []string) error {
		n, err := number("number of shards", args[1], 1, maxShards)
		if err != nil {
			return err
		}
		return b.scale(ctx, args[0], n)
	})
}

func retentionCommand(t *target) *cobra.Command {
	return simple(t, "retention NAME HOURS", "Change how long records are kept, 24 to 8760 hours", 2, func(ctx context.Context, b backend, args []string) error {
		n, err := number("hours of retention", args[1], 24, 8760)
		if err != nil {
			return err
		}
		return b.retention(ctx, args[0], n)
	})
}
