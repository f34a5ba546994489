package kinesis

import (
	"errors"
	"time"

	"github.com/weirstream/weir/connectors/shardlog"
	"github.com/weirstream/weir/connectors/shardlog/kinesis/wire"
)

func readActions() map[string]action {
	return map[string]action{
		"GetShardIterator": {run: getShardIterator, fields: byStream(
			shardIDField("ShardId").req(),
			text("ShardIteratorType").oneOf("AFTER_SEQUENCE_NUMBER", "LATEST", "AT_TIMESTAMP", "AT_SEQUENCE_NUMBER", "TRIM_HORIZON").req(),
			text("StartingSequenceNumber").matching(sequencePattern), instant("Timestamp"), boolean("DryRun"))},
		"GetRecords": {run: getRecords, fields: []field{
			integer("Limit").from(1, maxGet), text("ShardIterator").from(1, 512).req(), streamARNField(), boolean("DryRun"),
		}},
	}
}

func getShardIterator(c *call) error {
	name, err := c.streamName()
	if err != nil {
		return err
	}
	id, err := shardlog.ParseShardID(get(&c.in, "ShardId"))
	if err != nil {
		return clientError(resourceNotFound, "Could not find shard %s in stream %s under account %s.", get(&c.in, "ShardId"), name, c.account)
	}
	st, err := c.srv.log.Stream(name)
	if err == nil {
		_, err = st.Shard(id)
	}
	if err != nil {
		return c.noShard(id, name)
	}
	p, err := c.position(st, id, &c.in, "ShardIteratorType", "StartingSequenceNumber", "GetShardIterator")
	if err != nil {
		return err
	}
	offset, err := st.Seek(id, p)
	if err != nil {
		return c.badPosition(err, st, id, get(&c.in, "StartingSequenceNumber"), "GetShardIterator")
	}
	if !c.srv.limits.take("iterators/"+name+"/"+id.String(), 1, shardIterators, shardIterators) {
		return throttled(id.String(), name, c.account)
	}
	if c.in.Get("DryRun").True() {
		return wouldSucceed()
	}
	token, err := c.iterator(st, id, offset)
	if err != nil {
		return err
	}
	e := c.out
	e.BeginMap()
	e.Key("ShardIterator")
	e.String(token)
	e.EndMap()
	return nil
}

func (c *call) noShard(id shardlog.ShardID, stream string) *APIError {
	return clientError(resourceNotFound, "Shard %v in stream %s under account %s does not exist", id, stream, c.account)
}

func (c *call) iterator(st *shardlog.Stream, id shardlog.ShardID, offset uint64) (string, error) {
	return c.srv.tokens.sealIterator(iterator{
		made: c.now().UnixMilli(), created: st.Info().Created.UnixMilli(), shard: int32(id), offset: offset, stream: st.Name(),
	})
}

// position reads where to begin from v, whose members have the names that the action gives them.
func (c *call) position(st *shardlog.Stream, id shardlog.ShardID, v *wire.Value, kindName, seqName, action string) (shardlog.Position, error) {
	kind, text := get(v, kindName), get(v, seqName)
	at := kind == "AT_SEQUENCE_NUMBER" || kind == "AFTER_SEQUENCE_NUMBER"
	if at != (text != "") && kind != "AT_TIMESTAMP" {
		given := "no"
		if text != "" {
			given = "also a"
		}
		return shardlog.Position{}, clientError(invalidArgument, "Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or (2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified %s and %s StartingSequenceNumber.", kind, given)
	}
	switch kind {
	case "TRIM_HORIZON":
		return shardlog.TrimHorizon(), nil
	case "LATEST":
		return shardlog.Latest(), nil
	case "AT_TIMESTAMP":
		if !has(v, "Timestamp") {
			return shardlog.Position{}, clientError(invalidArgument, "Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. Current request has no timestamp parameter.")
		}
		ms := v.Get("Timestamp").Int()
		if now := c.now().UnixMilli(); ms > now {
			return shardlog.Position{}, futureTimestamp(ms, now)
		}
		return shardlog.Since(time.UnixMilli(ms)), nil
	}
	seq, err := shardlog.ParseSequenceNumber(text)
	if err != nil {
		return shardlog.Position{}, c.badPosition(err, st, id, text, action)
	}
	if kind == "AFTER_SEQUENCE_NUMBER" {
		return shardlog.After(seq), nil
	}
	return shardlog.At(seq), nil
}

// badPosition words the refusal of a sequence number.
func (c *call) badPosition(err error, st *shardlog.Stream, id shardlog.ShardID, text, action string) error {
	switch {
	case errors.Is(err, shardlog.ErrOtherShard):
		seq, parseErr := shardlog.ParseSequenceNumber(text)
		if parseErr != nil {
			return err
		}
		return clientError(invalidArgument, "Invalid StartingSequenceNumber. It encodes %v, while it was used in a call to a shard with %v", shardlog.ShardID(seq.Shard), id)
	case errors.Is(err, shardlog.ErrForeignSequence):
		return clientError(invalidArgument, "StartingSequenceNumber %s used in %s on shard %v in stream %s under account %s is invalid because it did not come from this stream.", text, action, id, st.Name(), c.account)
	case errors.Is(err, shardlog.ErrSequenceNumber):
		return clientError(invalidArgument, "StartingSequenceNumber %s used in %s on shard %v in stream %s under account %s is invalid.", text, action, id, st.Name(), c.account)
	case errors.Is(err, shardlog.ErrNotFound), errors.Is(err, shardlog.ErrNoShard):
		return c.noShard(id, st.Name())
	}
	return err
}

func getRecords(c *call) error {
	st, it, err := c.openIterator()
	if err != nil {
		return err
	}
	id := shardlog.ShardID(it.shard)
	if !c.srv.limits.read(st.Name(), id.String()) {
		return throttled(id.String(), st.Name(), c.account)
	}
	if c.in.Get("DryRun").True() {
		return wouldSucceed()
	}
	limit := shardlog.Limits{Records: pageSize(&c.in, "Limit", maxGet), Bytes: maxGetBytes}
	if err := st.Read(id, it.offset, limit, c.batch); err != nil {
		if errors.Is(err, shardlog.ErrNotFound) || errors.Is(err, shardlog.ErrNoShard) {
			return c.noShard(id, it.stream)
		}
		return err
	}
	e := c.out
	e.BeginMap()
	bytes := writeRecords(e, c.batch.Records, st.Info())
	c.srv.limits.delivered(st.Name(), id.String(), bytes)
	if c.batch.Ended {
		writeChildren(e, st.Children(id))
	} else {
		token, err := c.iterator(st, id, c.batch.Next)
		if err != nil {
			return err
		}
		e.Key("NextShardIterator")
		e.String(token)
	}
	e.Key("MillisBehindLatest")
	e.Int(c.batch.MillisBehind)
	e.EndMap()
	return nil
}

// openIterator checks a ShardIterator and finds its stream.
func (c *call) openIterator() (*shardlog.Stream, iterator, error) {
	it, err := c.srv.tokens.openPlace(iteratorToken, get(&c.in, "ShardIterator"))
	if err != nil {
		return nil, it, clientError(invalidArgument, "Invalid ShardIterator.")
	}
	now, made := c.now(), time.UnixMilli(it.made)
	if now.Sub(made) > tokenLife {
		return nil, it, clientError(expiredIterator, "Iterator expired. The iterator was created at time %s while right now it is %s which is further in the future than the tolerated delay of 300000 milliseconds.", amzTime(made), amzTime(now))
	}
	if resource := get(&c.in, "StreamARN"); resource != "" {
		if a, ok := parseARN(resource); !ok || a.stream != it.stream {
			return nil, it, clientError(invalidArgument, "StreamARN %s does not match the stream of the ShardIterator.", resource)
		}
	}
	st, err := c.srv.log.Stream(it.stream)
	if err != nil || st.Info().Created.UnixMilli() != it.created {
		return nil, it, c.noShard(shardlog.ShardID(it.shard), it.stream)
	}
	return st, it, nil
}
