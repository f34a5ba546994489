package streams

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/weirstream/weir/connectors/shardlog"
	"github.com/weirstream/weir/connectors/shardlog/kpl"
)

// printer writes records, one line each.
type printer struct {
	mu   sync.Mutex
	out  io.Writer
	json bool
}

// line is a record with --json. Data that is not text goes out as base64.
type line struct {
	Shard          string `json:"shard"`
	SequenceNumber string `json:"sequenceNumber"`
	SubSequence    int    `json:"subSequence,omitempty"`
	Arrived        string `json:"arrived"`
	PartitionKey   string `json:"partitionKey"`
	Data           string `json:"data,omitempty"`
	Bytes          []byte `json:"bytes,omitempty"`
}

func (p *printer) print(records []record) error {
	if len(records) == 0 {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var b []byte
	for _, r := range records {
		if !p.json {
			b = append(append(b, r.data...), '\n')
			continue
		}
		l := line{Shard: r.shard, SequenceNumber: r.seq, SubSequence: r.sub, Arrived: r.arrived.UTC().Format(time.RFC3339Nano), PartitionKey: r.key}
		if utf8.Valid(r.data) {
			l.Data = string(r.data)
		} else {
			l.Bytes = r.data
		}
		text, err := json.Marshal(l)
		if err != nil {
			return err
		}
		b = append(append(b, text...), '\n')
	}
	_, err := p.out.Write(b)
	return err
}

// unpack replaces aggregated records by the user records in them.
func unpack(records []record) []record {
	out := make([]record, 0, len(records))
	var parts []kpl.Record
	for _, r := range records {
		var ok bool
		if parts, ok = kpl.Deaggregate(parts[:0], r.data); !ok {
			out = append(out, r)
			continue
		}
		for i, p := range parts {
			r.key, r.data, r.sub = p.Key, p.Data, i
			out = append(out, r)
		}
	}
	return out
}

func getCommand(t *target) *cobra.Command {
	from, shard, limit, asJSON := "oldest", "", 0, false
	cmd := &cobra.Command{
		Use: "get NAME", Short: "Print a stream's records", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			begin, err := parseStart(from)
			if err != nil {
				return err
			}
			if limit < 0 {
				return fmt.Errorf("--limit %d: want 0 for all, or a number of records", limit)
			}
			p := &printer{out: cmd.OutOrStdout(), json: asJSON}
			return t.with(cmd.Context(), func(ctx context.Context, b backend) error {
				return get(ctx, b, args[0], shard, begin, limit, p)
			})
		},
	}
	cmd.Flags().StringVar(&from, "from", from, "oldest, newest, a time, or a sequence number to go on after in its shard")
	cmd.Flags().StringVar(&shard, "shard", "", "only this shard")
	cmd.Flags().IntVar(&limit, "limit", 0, "print at most so many records; 0 is all")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print records with key, sequence number and time as JSON")
	return cmd
}

// get prints shard after shard, parents before their children.
func get(ctx context.Context, b backend, name, shard string, from start, limit int, p *printer) error {
	d, err := b.describe(ctx, name)
	if err != nil {
		return err
	}
	if shard == "" && from.kind == afterSequence {
		seq, err := shardlog.ParseSequenceNumber(from.seq)
		if err != nil {
			return fmt.Errorf("--from: %w", err)
		}
		shard = shardlog.ShardID(seq.Shard).String() // the number says which
	}
	if shard != "" {
		id, err := shardlog.ParseShardID(shard)
		if err != nil {
			return err
		}
		shard = id.String()
	}
	left, found := limit, false
	for _, s := range d.shards { // ids grow from parents to children
		if shard != "" && s.id != shard {
			continue
		}
		found = true
		c, err := b.open(ctx, name, s.id, from)
		if err != nil {
			return err
		}
		err = toTip(ctx, c, func(records []record) (bool, error) {
			if limit > 0 && len(records) >= left {
				records = records[:left]
			}
			left -= len(records)
			return limit == 0 || left > 0, p.print(records)
		})
		if err != nil || (limit > 0 && left <= 0) {
			return err
		}
	}
	if shard != "" && !found {
		return fmt.Errorf("stream %s: %w: %s", name, shardlog.ErrNoShard, shard)
	}
	return nil
}

// toTip gives f what a shard holds now, until f says enough.
func toTip(ctx context.Context, c cursor, f func([]record) (more bool, err error)) error {
	for {
		records, ended, err := c.next(ctx)
		if err != nil {
			return err
		}
		if len(records) > 0 {
			more, err := f(unpack(records))
			if err != nil || !more {
				return err
			}
		}
		if ended || (len(records) == 0 && !c.behind()) {
			return nil
		}
	}
}
