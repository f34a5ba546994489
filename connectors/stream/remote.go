package stream

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/weirstream/weir/connectors"
)

// remoteOptions say how a stream behind an endpoint is read and written.
type remoteOptions struct {
	name, arn  *string // of the stream: one of them
	bounded    bool
	perRead    int32         // records of a GetRecords call
	pause      time.Duration // between two calls
	hurry      bool          // no pause while the reader is behind
	consumer   consumerOptions
	perPut     int // records of a PutRecords call
	bytesPut   int
	inFlight   int
	failAtOnce bool // do not retry records that were refused
}

// remote is a stream behind an endpoint of the Kinesis protocol.
type remote struct {
	remoteOptions
	newClient   func() *kinesis.Client
	closeIdle   func()
	client      *kinesis.Client
	clock       connectors.Clock
	consumerARN string // of enhanced fan-out; "" polls
	registered  bool   // by this job
}

// connectRemote opens a stream behind an endpoint. The consumer of enhanced fan-out is registered
// for readers only.
func connectRemote(ctx context.Context, e endpoint, o remoteOptions, reading bool) (*remote, error) {
	clients, closeIdle, err := e.clients(ctx)
	if err != nil {
		return nil, err
	}
	r := &remote{remoteOptions: o, newClient: clients, closeIdle: closeIdle, client: clients(), clock: systemClock{}}
	if reading && o.consumer.name != "" {
		if err := r.register(ctx); err != nil {
			return nil, errors.Join(fmt.Errorf("registering the consumer '%s': %w", o.consumer.name, err), r.close())
		}
	}
	return r, nil
}

// shards is backend's.
func (r *remote) shards(ctx context.Context) ([]shard, error) {
	var out []shard
	in := &kinesis.ListShardsInput{StreamName: r.name, StreamARN: r.arn}
	for {
		page, err := r.client.ListShards(ctx, in)
		if err != nil {
			return nil, fmt.Errorf("listing shards: %w", err)
		}
		for _, s := range page.Shards {
			sh := shard{id: aws.ToString(s.ShardId)}
			sh.closed = s.SequenceNumberRange != nil && s.SequenceNumberRange.EndingSequenceNumber != nil
			for _, p := range []*string{s.ParentShardId, s.AdjacentParentShardId} {
				if p != nil {
					sh.parents = append(sh.parents, *p)
				}
			}
			out = append(out, sh)
		}
		if page.NextToken == nil {
			return out, nil
		}
		in = &kinesis.ListShardsInput{NextToken: page.NextToken, StreamARN: r.arn}
	}
}

// follow is backend's.
func (r *remote) follow(ctx context.Context, id string, from position, wake func()) (cursor, error) {
	begun := from
	if from.where == newest {
		begun = position{where: since, since: r.clock.Now().UnixMilli()}
	}
	f := newFeed(ctx, begun, wake)
	var err error
	if r.consumerARN != "" {
		err = r.subscribe(f, id, from)
	} else {
		err = r.poll(f, id, from)
	}
	if err != nil {
		return nil, errors.Join(err, f.close())
	}
	return f, nil
}

// records turns what a call brought into records.
func (r *remote) records(list []types.Record) []record {
	out := make([]record, len(list))
	for i := range list {
		s := &list[i]
		out[i] = record{seq: sequence{text: aws.ToString(s.SequenceNumber)}, key: []byte(aws.ToString(s.PartitionKey)), data: s.Data}
		if s.ApproximateArrivalTimestamp != nil {
			out[i].arrived = s.ApproximateArrivalTimestamp.UnixMilli()
		}
	}
	return out
}

func (r *remote) close() error {
	defer r.closeIdle()
	if !r.registered {
		return nil
	}
	return r.deregister()
}

// startingAt gives a position as the API has it.
func startingAt(p position) (kind types.ShardIteratorType, seq *string, at *time.Time) {
	switch p.where {
	case newest:
		return types.ShardIteratorTypeLatest, nil, nil
	case since:
		return types.ShardIteratorTypeAtTimestamp, nil, aws.Time(time.UnixMilli(p.since))
	case after:
		return types.ShardIteratorTypeAfterSequenceNumber, aws.String(string(p.seq.append(nil))), nil
	case inside:
		return types.ShardIteratorTypeAtSequenceNumber, aws.String(string(p.seq.append(nil))), nil
	}
	return types.ShardIteratorTypeTrimHorizon, nil, nil
}

// throttled reports whether an error says to come again later.
func throttled(err error) bool {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return false
	}
	switch api.ErrorCode() {
	case "ProvisionedThroughputExceededException", "LimitExceededException", "KMSThrottlingException", "ThrottlingException":
		return true
	}
	return api.ErrorFault() == smithy.FaultServer
}

// passing reports whether an error is of a store that may take the same records later.
func passing(err error) bool {
	var answer *smithyhttp.ResponseError
	return throttled(err) || errors.As(err, &answer) && answer.HTTPStatusCode() >= http.StatusInternalServerError
}

// code is the name of an API's exception, or "".
func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

// backoff gives the pauses between attempts at something that is throttled.
type backoff struct{ next time.Duration }

const (
	firstPause = 100 * time.Millisecond
	lastPause  = 5 * time.Second
)

// wait pauses, longer each time.
func (b *backoff) wait(ctx context.Context, clock connectors.Clock) error {
	b.next = min(max(2*b.next, firstPause), lastPause)
	return pause(ctx, clock, b.next)
}

// done says that an attempt went well.
func (b *backoff) done() { b.next = 0 }

func pause(ctx context.Context, clock connectors.Clock, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	select {
	case <-clock.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// systemClock times calls to other machines, whose time no test turns.
type systemClock struct{}

func (systemClock) Now() time.Time                         { return time.Now() }
func (systemClock) After(d time.Duration) <-chan time.Time { return time.After(d) }
