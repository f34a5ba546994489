package stream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// consumerOptions are those of enhanced fan-out.
type consumerOptions struct {
	name    string // "" polls
	arn     string // of a consumer that is known to be there
	managed bool   // the job registers the consumer, and deregisters it at its end
}

// deregisterTimeout bounds the call at the job's end.
const deregisterTimeout = 10 * time.Second

// register makes sure that the consumer is there and active.
func (r *remote) register(ctx context.Context) error {
	if r.consumer.arn != "" {
		r.consumerARN = r.consumer.arn
		return nil
	}
	arn := r.arn
	if arn == nil {
		s, err := r.client.DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{StreamName: r.name})
		if err != nil {
			return err
		}
		arn = s.StreamDescriptionSummary.StreamARN
	}
	if r.consumer.managed {
		_, err := r.client.RegisterStreamConsumer(ctx, &kinesis.RegisterStreamConsumerInput{StreamARN: arn, ConsumerName: &r.consumer.name})
		if err != nil && code(err) != "ResourceInUseException" { // it is there already
			return err
		}
	}
	var again backoff
	for {
		out, err := r.client.DescribeStreamConsumer(ctx, &kinesis.DescribeStreamConsumerInput{StreamARN: arn, ConsumerName: &r.consumer.name})
		if err != nil && !throttled(err) {
			return err
		}
		if err == nil && out.ConsumerDescription.ConsumerStatus == types.ConsumerStatusActive {
			r.consumerARN, r.registered = aws.ToString(out.ConsumerDescription.ConsumerARN), r.consumer.managed
			return nil
		}
		if err := again.wait(ctx, r.clock); err != nil {
			return err
		}
	}
}

// deregister removes the consumer at the job's end.
func (r *remote) deregister() error {
	ctx, cancel := context.WithTimeout(context.Background(), deregisterTimeout)
	defer cancel()
	_, err := r.client.DeregisterStreamConsumer(ctx, &kinesis.DeregisterStreamConsumerInput{ConsumerARN: &r.consumerARN})
	if err != nil && code(err) != "ResourceNotFoundException" {
		return fmt.Errorf("deregistering the consumer '%s': %w", r.consumer.name, err)
	}
	return nil
}

// subscribe feeds a reader by SubscribeToShard. The first subscription is made here, so that LATEST
// is now.
func (r *remote) subscribe(f *feed, id string, from position) error {
	s := &subscriber{remote: r, feed: f, id: id, at: from, client: r.newClient()}
	first, err := s.open()
	if err != nil {
		return err
	}
	if s.at.where == newest {
		s.at = f.begun
	}
	f.run(func() error { return s.run(first) })
	return nil
}

// subscriber reads one shard through one subscription after the other.
type subscriber struct {
	*remote
	feed   *feed
	id     string
	at     position // behind what was pushed
	client *kinesis.Client
}

// open subscribes at the position, again and again while another subscription is in the way or the
// call is throttled.
func (s *subscriber) open() (*kinesis.SubscribeToShardEventStream, error) {
	from := types.StartingPosition{}
	from.Type, from.SequenceNumber, from.Timestamp = startingAt(s.at)
	var again backoff
	for {
		out, err := s.client.SubscribeToShard(s.feed.ctx, &kinesis.SubscribeToShardInput{ConsumerARN: &s.consumerARN, ShardId: &s.id, StartingPosition: &from})
		switch {
		case err == nil:
			return out.GetStream(), nil
		case code(err) != "ResourceInUseException" && !throttled(err):
			return nil, fmt.Errorf("subscribing at '%s': %w", s.at, err)
		}
		if err := again.wait(s.feed.ctx, s.clock); err != nil {
			return nil, err
		}
	}
}

// run reads until the shard's end: io.EOF. A subscription ends after five minutes, and may break.
func (s *subscriber) run(stream *kinesis.SubscribeToShardEventStream) error {
	for {
		err := s.drain(stream)
		if closing := stream.Close(); err == nil && closing != nil && s.feed.ctx.Err() == nil {
			err = closing
		}
		if errors.Is(err, io.EOF) || s.feed.ctx.Err() != nil {
			return err
		}
		if err != nil && code(err) != "" && code(err) != "ResourceInUseException" && !throttled(err) {
			return err
		}
		if err := pause(s.feed.ctx, s.clock, firstPause); err != nil {
			return err
		}
		if stream, err = s.open(); err != nil {
			return err
		}
	}
}

// drain passes on the events of one subscription.
func (s *subscriber) drain(stream *kinesis.SubscribeToShardEventStream) error {
	for e := range stream.Events() {
		m, ok := e.(*types.SubscribeToShardEventStreamMemberSubscribeToShardEvent)
		if !ok {
			continue
		}
		if len(m.Value.Records) > 0 {
			if err := s.feed.push(fetched{records: s.records(m.Value.Records)}); err != nil {
				return err
			}
		}
		if m.Value.ContinuationSequenceNumber == nil {
			return io.EOF
		}
		s.at = position{where: after, seq: sequence{text: *m.Value.ContinuationSequenceNumber}}
		if s.bounded && aws.ToInt64(m.Value.MillisBehindLatest) == 0 {
			return io.EOF
		}
	}
	return stream.Err()
}
