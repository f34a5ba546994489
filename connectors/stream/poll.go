package stream

import (
	"context"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
)

// poll feeds a reader by GetRecords. The first iterator is made here, so that LATEST is now.
func (r *remote) poll(f *feed, id string, from position) error {
	it, err := r.iterator(f.ctx, id, from)
	if err != nil {
		return err
	}
	f.run(func() error { return r.getRecords(f, id, it) })
	return nil
}

// iterator makes an iterator, again and again while that is throttled.
func (r *remote) iterator(ctx context.Context, id string, from position) (*string, error) {
	in := &kinesis.GetShardIteratorInput{StreamName: r.name, StreamARN: r.arn, ShardId: &id}
	in.ShardIteratorType, in.StartingSequenceNumber, in.Timestamp = startingAt(from)
	var again backoff
	for {
		out, err := r.client.GetShardIterator(ctx, in)
		switch {
		case err == nil:
			return out.ShardIterator, nil
		case !throttled(err):
			return nil, fmt.Errorf("positioning at '%s': %w", from, err)
		}
		if err := again.wait(ctx, r.clock); err != nil {
			return nil, err
		}
	}
}

// getRecords reads until the shard's end: io.EOF.
func (r *remote) getRecords(f *feed, id string, it *string) error {
	var again backoff
	at := f.begun // where to go on when the iterator has expired
	for {
		called := r.clock.Now()
		out, err := r.client.GetRecords(f.ctx, &kinesis.GetRecordsInput{ShardIterator: it, Limit: &r.perRead, StreamARN: r.arn})
		switch {
		case code(err) == "ExpiredIteratorException":
			if it, err = r.iterator(f.ctx, id, at); err != nil {
				return err
			}
			continue
		case throttled(err):
			if err := again.wait(f.ctx, r.clock); err != nil {
				return err
			}
			continue
		case err != nil:
			return err
		}
		again.done()
		if n := len(out.Records); n > 0 {
			if err := f.push(fetched{records: r.records(out.Records)}); err != nil {
				return err
			}
			at = position{where: after, seq: sequence{text: aws.ToString(out.Records[n-1].SequenceNumber)}}
		}
		behind := aws.ToInt64(out.MillisBehindLatest) > 0
		if out.NextShardIterator == nil || r.bounded && !behind {
			return io.EOF
		}
		it = out.NextShardIterator
		if behind && r.hurry {
			continue
		}
		if err := pause(f.ctx, r.clock, r.pause-r.clock.Now().Sub(called)); err != nil {
			return context.Cause(f.ctx)
		}
	}
}
