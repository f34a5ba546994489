package streams

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

const (
	batchRecords = 500
	batchBytes   = 4 << 20
	maxLine      = 10 << 20
)

// keying says where a record's partition key comes from.
type keying struct{ fixed, field string }

// of finds the partition key of a line.
func (k keying) of(line []byte) (string, error) {
	switch {
	case k.field != "":
		var object map[string]json.RawMessage
		if err := json.Unmarshal(line, &object); err != nil {
			return "", fmt.Errorf("not a JSON object: %w", err)
		}
		raw := find(object, k.field)
		if string(raw) == "null" {
			return "", fmt.Errorf("field %q, which is to be the partition key, is null", k.field)
		}
		if raw == nil {
			return "", fmt.Errorf("no field %q for the partition key; the line has %s", k.field, strings.Join(slices.Sorted(maps.Keys(object)), ", "))
		}
		var text string
		if err := json.Unmarshal(raw, &text); err == nil {
			return text, nil
		}
		return string(raw), nil
	case k.fixed != "":
		return k.fixed, nil
	}
	return strconv.FormatUint(rand.Uint64(), 36), nil
}

// find gives the field of an object, or with a path of names and dots that of an object in it; nil when there is none.
func find(object map[string]json.RawMessage, path string) json.RawMessage {
	if raw, ok := object[path]; ok {
		return raw
	}
	first, rest, ok := strings.Cut(path, ".")
	var inner map[string]json.RawMessage
	if !ok || json.Unmarshal(object[first], &inner) != nil { // not there, or no object
		return nil
	}
	return find(inner, rest)
}

func putCommand(t *target) *cobra.Command {
	var k keying
	cmd := &cobra.Command{
		Use: "put NAME", Short: "Append the lines of standard input as records", Args: cobra.ExactArgs(1),
		Example: "  weir streams put orders --key-field user < orders.ndjson\n" +
			"  weir run -o json changes.sql | weir streams put orders --key-field row.user",
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.with(cmd.Context(), func(ctx context.Context, b backend) error {
				n, err := put(ctx, b, args[0], cmd.InOrStdin(), k)
				if err != nil {
					return fmt.Errorf("%w (%d records are stored)", err, n)
				}
				cmd.PrintErrf("%d records\n", n)
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&k.field, "key-field", "", "lines are JSON objects, and this field is the partition key; row.user is the field user of the object row")
	cmd.Flags().StringVar(&k.fixed, "key", "", "one partition key for all records; random keys when neither is given")
	cmd.MarkFlagsMutuallyExclusive("key", "key-field")
	return cmd
}

// put stores every line and returns how many. Batches fill up while input is at hand; a
// line that is typed goes out at once.
func put(ctx context.Context, b backend, stream string, in io.Reader, k keying) (int, error) {
	r := bufio.NewReaderSize(in, 1<<20)
	var batch []record
	stored, size := 0, 0
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		if err := b.put(ctx, stream, batch); err != nil {
			return err
		}
		stored += len(batch)
		batch, size = batch[:0], 0
		return nil
	}
	for n := 1; ; n++ {
		line, err := readLine(r)
		if errors.Is(err, io.EOF) {
			err := flush()
			return stored, err
		}
		if err != nil {
			return stored, fmt.Errorf("line %d: %w", n, err)
		}
		if len(line) > 0 {
			key, err := k.of(line)
			if err != nil {
				flushed := flush() // before stored is read
				return stored, errors.Join(fmt.Errorf("line %d: %w", n, err), flushed)
			}
			batch = append(batch, record{key: key, data: line})
			size += len(line) + len(key)
		}
		if len(batch) == batchRecords || size > batchBytes || r.Buffered() == 0 {
			if err := flush(); err != nil {
				return stored, fmt.Errorf("up to line %d: %w", n, err)
			}
		}
	}
}

// readLine reads a line of its own memory, without its end; io.EOF after the last one.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > maxLine {
			return nil, fmt.Errorf("longer than %d bytes", maxLine)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && (!errors.Is(err, io.EOF) || len(line) == 0) {
			return nil, err
		}
		return bytes.TrimRight(line, "\r\n"), nil
	}
}
