package stream

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// put is backend's. A chunk of more than one request is divided by key, and the parts are sent side by
// side, each in its order: no two requests under way have records of the same key.
func (r *remote) put(ctx context.Context, c *chunk, retrying func(int, error)) error {
	entries := r.entries(c)
	lanes := min(r.inFlight, (len(entries)+r.perPut-1)/r.perPut)
	if lanes <= 1 {
		return r.putInOrder(ctx, entries, retrying)
	}
	parts := make([][]types.PutRecordsRequestEntry, lanes)
	seed := maphash.MakeSeed()
	for i := range entries {
		k := maphash.String(seed, *entries[i].PartitionKey) % uint64(lanes)
		parts[k] = append(parts[k], entries[i])
	}
	errs := make([]error, lanes)
	var all sync.WaitGroup
	for k, part := range parts {
		all.Go(func() { errs[k] = r.putInOrder(ctx, part, retrying) })
	}
	all.Wait()
	return errors.Join(errs...)
}

func (r *remote) entries(c *chunk) []types.PutRecordsRequestEntry {
	out := make([]types.PutRecordsRequestEntry, len(c.ends))
	keys := string(c.keys)
	from := mark{}
	for i, to := range c.ends {
		out[i] = types.PutRecordsRequestEntry{PartitionKey: aws.String(keys[from.key:to.key]), Data: c.data[from.data:to.data:to.data]}
		from = to
	}
	return out
}

// putInOrder sends one request after the other.
func (r *remote) putInOrder(ctx context.Context, entries []types.PutRecordsRequestEntry, retrying func(int, error)) error {
	for len(entries) > 0 {
		n, size := 0, 0
		for n < len(entries) && n < r.perPut {
			size += len(entries[n].Data) + len(*entries[n].PartitionKey)
			if n > 0 && size > r.bytesPut {
				break
			}
			n++
		}
		if err := r.putAll(ctx, entries[:n], retrying); err != nil {
			return err
		}
		entries = entries[n:]
	}
	return nil
}

// putAll sends a request, and the records that were refused again, alone and in their order, until
// all are stored. What comes behind them waits, so that a key's records of different requests keep
// their order. (Within one request Kinesis promises none.)
func (r *remote) putAll(ctx context.Context, entries []types.PutRecordsRequestEntry, retrying func(int, error)) error {
	var again backoff
	for {
		out, err := r.client.PutRecords(ctx, &kinesis.PutRecordsInput{StreamName: r.name, StreamARN: r.arn, Records: entries})
		switch {
		case err != nil && (r.failAtOnce || !passing(err)):
			return err
		case err == nil && aws.ToInt32(out.FailedRecordCount) == 0:
			return nil
		case err == nil:
			failed, first := refused(entries, out.Records)
			if r.failAtOnce {
				return fmt.Errorf("%d of %d records were refused: %s", len(failed), len(entries), first)
			}
			if len(failed) < len(entries) {
				again.done()
			}
			entries = failed
			err = errors.New(first)
		}
		retrying(len(entries), err)
		if err := again.wait(ctx, r.clock); err != nil {
			return err
		}
	}
}

// refused gives the entries that were not stored, in their order, and what was said of the first.
func refused(entries []types.PutRecordsRequestEntry, results []types.PutRecordsResultEntry) (failed []types.PutRecordsRequestEntry, first string) {
	for i := range entries {
		if i < len(results) && results[i].ErrorCode == nil {
			continue
		}
		if first == "" && i < len(results) {
			first = aws.ToString(results[i].ErrorCode) + ": " + aws.ToString(results[i].ErrorMessage)
		}
		failed = append(failed, entries[i])
	}
	return failed, first
}
