package kinesis

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/weirstream/weir/connectors/shardlog"
)

const (
	// takeoverAfter is how long a subscription is safe from another one of the same consumer and shard.
	takeoverAfter = 5 * time.Second
	// pushBytes bounds one event, as AWS does with 2 MiB a second.
	pushBytes = 1 << 20
)

// fanout knows the subscriptions that are open.
type fanout struct {
	idle    time.Duration // the pause after which a subscription says that it lives
	mu      sync.Mutex
	streams map[string]*subscription // by consumer ARN and shard
}

// subscription is one open SubscribeToShard.
type subscription struct {
	since  time.Time
	cancel context.CancelCauseFunc
}

var errTakenOver = errors.New("another subscription has taken over")

// enter registers a subscription. One that is younger than takeoverAfter stays; an
// older one is ended.
func (f *fanout) enter(key string, now time.Time, cancel context.CancelCauseFunc) (*subscription, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if old := f.streams[key]; old != nil {
		if now.Sub(old.since) < takeoverAfter {
			return nil, false
		}
		old.cancel(errTakenOver)
	}
	s := &subscription{since: now, cancel: cancel}
	f.streams[key] = s
	return s, true
}

func (f *fanout) leave(key string, s *subscription) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.streams[key] == s {
		delete(f.streams, key)
	}
}

func subscribe(c *call) error {
	st, k, err := c.consumer()
	if err != nil {
		return err
	}
	id, err := shardlog.ParseShardID(get(&c.in, "ShardId"))
	if err == nil {
		_, err = st.Shard(id)
	}
	if err != nil {
		return clientError(resourceNotFound, "Shard %s in stream %s under account %s does not exist", get(&c.in, "ShardId"), st.Name(), c.account)
	}
	if k.Status != shardlog.Active {
		return clientError(resourceInUse, "Consumer %s of stream %s under account %s is not ACTIVE, instead in state %s.", k.Name, st.Name(), c.account, k.Status)
	}
	position := c.in.Get("StartingPosition")
	p, err := c.position(st, id, position, "Type", "SequenceNumber", "SubscribeToShard")
	if err != nil {
		return err
	}
	offset, err := st.Seek(id, p)
	if err != nil {
		return c.badPosition(err, st, id, get(position, "SequenceNumber"), "SubscribeToShard")
	}
	if c.in.Get("DryRun").True() {
		return wouldSucceed()
	}
	key := c.consumerARN(st.Name(), k.Name, k.Created.Unix()) + "/" + id.String()
	if !c.srv.limits.take("subscribe/"+key, 1, 1, 1) {
		return clientError(limitExceeded, "Rate exceeded for consumer %s and shard %v.", k.Name, id)
	}
	ctx, cancel := context.WithCancelCause(c.r.Context())
	defer cancel(nil)
	stop := context.AfterFunc(c.srv.stopping, func() { cancel(nil) })
	defer stop()
	sub, ok := c.srv.fanout.enter(key, c.now(), cancel)
	if !ok {
		return clientError(resourceInUse, "Another active subscription exists for this consumer: %s:%s:%v", c.account, k.Name, id)
	}
	defer c.srv.fanout.leave(key, sub)
	c.srv.metrics.subscriptions.Add(1)
	defer c.srv.metrics.subscriptions.Add(-1)
	return (&push{call: c, stream: st, id: id, next: offset, consumer: k.Name}).run(ctx)
}

// push writes the events of one subscription.
type push struct {
	*call
	stream   *shardlog.Stream
	id       shardlog.ShardID
	next     uint64
	consumer string
	frame    []byte
}

// run pushes until the shard or the subscription's life ends. The response has begun: errors go into the stream.
func (p *push) run(ctx context.Context) error {
	rc := http.NewResponseController(p.w)
	// The limit on reading a request must not end a response of minutes.
	if err := rc.SetReadDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	p.begun = true
	p.w.Header().Set("Content-Type", "application/vnd.amazon.eventstream")
	p.w.WriteHeader(http.StatusOK)
	p.out.BeginMap()
	p.out.EndMap()
	if err := p.event(rc, "event", "initial-response"); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, p.srv.config.SubscriptionLife)
	defer cancel()
	reader, err := p.stream.Reader(p.id, p.next, shardlog.Limits{Bytes: pushBytes})
	if err != nil {
		return p.exception(rc, p.changed(p.stream, err))
	}
	for ended := false; !ended; {
		wait, done := context.WithTimeout(ctx, p.srv.fanout.idle)
		err := reader.Next(wait, p.batch)
		done()
		if ctx.Err() != nil {
			break
		}
		ended = p.batch.Ended
		if err != nil && !ended && !errors.Is(err, context.DeadlineExceeded) {
			return p.exception(rc, p.changed(p.stream, err))
		}
		bytes, err := p.records(rc, reader.Offset(), ended)
		if err != nil {
			return err
		}
		p.srv.limits.push(ctx, bytes)
	}
	if errors.Is(context.Cause(ctx), errTakenOver) {
		return p.exception(rc, clientError(resourceInUse, "Consumer %s has been subscribed to shard %v again; this subscription has ended.", p.consumer, p.id))
	}
	return nil
}

// records writes one SubscribeToShardEvent, without records when the shard is quiet. It returns the bytes of keys and data.
func (p *push) records(rc *http.ResponseController, next uint64, ended bool) (int, error) {
	e := p.out
	e.Reset(p.cbor)
	e.BeginMap()
	bytes := writeRecords(e, p.batch.Records, p.stream.Info())
	if ended {
		writeChildren(e, p.stream.Children(p.id))
	} else {
		e.Key("ContinuationSequenceNumber")
		e.String(p.continuation(next))
	}
	e.Key("MillisBehindLatest")
	e.Int(p.batch.MillisBehind)
	e.EndMap()
	return bytes, p.event(rc, "event", "SubscribeToShardEvent")
}

// continuation is the number after which a new subscription goes on.
func (p *push) continuation(next uint64) string {
	if n := len(p.batch.Records); n > 0 {
		return p.batch.Records[n-1].Seq.String()
	}
	info, err := p.stream.Shard(p.id)
	if err != nil {
		return "0"
	}
	seq := info.First()
	seq.Index = next - 1
	return seq.String()
}

func (p *push) exception(rc *http.ResponseController, err error) error {
	p.tell(err)
	api := asAPIError(err)
	kind := api.Type
	if kind == internalFailure {
		kind = "InternalFailureException"
	}
	p.out.Reset(p.cbor)
	p.out.BeginMap()
	p.out.Key("message")
	p.out.String(api.Message)
	p.out.EndMap()
	return errors.Join(api, p.event(rc, "exception", kind))
}

// event sends p.out as one frame.
func (p *push) event(rc *http.ResponseController, message, kind string) error {
	name := ":event-type"
	if message == "exception" {
		name = ":exception-type"
	}
	p.frame = appendEvent(p.frame[:0], []header{{":message-type", message}, {name, kind}, {":content-type", p.contentType()}}, p.out.Buf)
	p.out.Reset(p.cbor)
	if err := rc.SetWriteDeadline(time.Now().Add(writeDeadline)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if _, err := p.w.Write(p.frame); err != nil {
		return err
	}
	return rc.Flush()
}
