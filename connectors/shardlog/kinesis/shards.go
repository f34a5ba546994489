package kinesis

import (
	"errors"
	"strings"
	"time"

	"github.com/weirstream/weir/connectors/shardlog"
	"github.com/weirstream/weir/connectors/shardlog/kinesis/wire"
)

const shardsCap = 1000

func shardActions() map[string]action {
	return map[string]action{
		"ListShards": {rate: 1000, run: listShards, fields: byStream(
			nextTokenField(), shardIDField("ExclusiveStartShardId"), integer("MaxResults").from(1, 10000), instant("StreamCreationTimestamp"), shardFilterField())},
		"SplitShard":       {rate: 5, run: splitShard, fields: byStream(text("NewStartingHashKey").matching(hashKeyPattern).req(), shardIDField("ShardToSplit").req())},
		"MergeShards":      {rate: 5, run: mergeShards, fields: byStream(shardIDField("ShardToMerge").req(), shardIDField("AdjacentShardToMerge").req())},
		"UpdateShardCount": {rate: 5, run: updateShardCount, fields: byStream(integer("TargetShardCount").atLeast(1).req(), text("ScalingType").oneOf("UNIFORM_SCALING").req())},
	}
}

// writeShard writes a shard as ListShards and DescribeStream show it.
func writeShard(e *wire.Encoder, s shardlog.ShardInfo) {
	e.BeginMap()
	e.Key("ShardId")
	e.String(s.ID.String())
	if s.Parent != shardlog.NoShard {
		e.Key("ParentShardId")
		e.String(s.Parent.String())
	}
	if s.AdjacentParent != shardlog.NoShard {
		e.Key("AdjacentParentShardId")
		e.String(s.AdjacentParent.String())
	}
	writeHashRange(e, s.Hash)
	e.Key("SequenceNumberRange")
	e.BeginMap()
	e.Key("StartingSequenceNumber")
	e.String(s.First().String())
	if s.Closed() {
		e.Key("EndingSequenceNumber")
		e.String(s.Last().String())
	}
	e.EndMap()
	e.EndMap()
}

func writeHashRange(e *wire.Encoder, r shardlog.HashRange) {
	e.Key("HashKeyRange")
	e.BeginMap()
	e.Key("StartingHashKey")
	e.String(r.Start.String())
	e.Key("EndingHashKey")
	e.String(r.End.String())
	e.EndMap()
}

// writeChildren writes the ChildShards of a drained shard.
func writeChildren(e *wire.Encoder, children []shardlog.ShardInfo) {
	e.Key("ChildShards")
	e.BeginList()
	for _, s := range children {
		e.BeginMap()
		e.Key("ShardId")
		e.String(s.ID.String())
		e.Key("ParentShards")
		e.BeginList()
		for _, p := range []shardlog.ShardID{s.Parent, s.AdjacentParent} {
			if p != shardlog.NoShard {
				e.String(p.String())
			}
		}
		e.EndList()
		writeHashRange(e, s.Hash)
		e.EndMap()
	}
	e.EndList()
}

func listShards(c *call) error {
	p, err := c.shardPage()
	if err != nil {
		return err
	}
	var shards []shardlog.ShardInfo
	if p.stream.Info().Status != shardlog.Creating {
		shards = after(p.filter.apply(p.stream.Shards()), p.start)
	}
	limit := pageSize(&c.in, "MaxResults", shardsCap)
	e := c.out
	e.BeginMap()
	e.Key("Shards")
	e.BeginList()
	for _, s := range shards[:min(limit, len(shards))] {
		writeShard(e, s)
	}
	e.EndList()
	if len(shards) > limit {
		p.start = shards[limit-1].ID
		if err := c.writeNext(shardsToken, p.token()); err != nil {
			return err
		}
	}
	e.EndMap()
	return nil
}

// shardPage is a page of ListShards: what behind a shard a filter lets through.
type shardPage struct {
	stream *shardlog.Stream
	start  shardlog.ShardID
	filter shardFilter
}

// token keeps the page in the form of an iterator; the filter's moment stands for an offset, and its type
// behind the stream's name.
func (p *shardPage) token() iterator {
	return iterator{
		created: p.stream.Info().Created.UnixMilli(), shard: int32(p.start), offset: uint64(p.filter.at),
		stream: p.stream.Name() + "/" + p.filter.kind,
	}
}

// shardPage finds the page that the caller asks for.
func (c *call) shardPage() (shardPage, error) {
	token := get(&c.in, "NextToken")
	named := has(&c.in, "StreamName") || has(&c.in, "StreamARN")
	switch {
	case token == "" && !named:
		return shardPage{}, clientError(invalidArgument, "Either NextToken or StreamName should be provided.")
	case token != "" && named:
		return shardPage{}, clientError(invalidArgument, "NextToken and StreamName cannot be provided together.")
	case token != "" && has(&c.in, "ExclusiveStartShardId"):
		return shardPage{}, clientError(invalidArgument, "NextToken and ExclusiveStartShardId cannot be provided together.")
	case token != "":
		return c.nextShardPage(token)
	}
	st, err := c.stream()
	if err != nil {
		return shardPage{}, err
	}
	if has(&c.in, "StreamCreationTimestamp") && c.in.Get("StreamCreationTimestamp").Int()/1000 != st.Info().Created.Unix() {
		return shardPage{}, c.noStream(st.Name())
	}
	p := shardPage{stream: st, start: shardlog.NoShard}
	if id := get(&c.in, "ExclusiveStartShardId"); id != "" {
		if p.start, err = shardlog.ParseShardID(id); err != nil {
			return shardPage{}, clientError(invalidArgument, "ExclusiveStartShardId %s is not a shard id.", id)
		}
	}
	if has(&c.in, "ShardFilter") {
		p.filter, err = c.shardFilter(st, c.in.Get("ShardFilter"))
		p.start = max(p.start, p.filter.after)
	}
	return p, err
}

func (c *call) nextShardPage(token string) (shardPage, error) {
	it, err := c.pageToken(shardsToken, token)
	if err != nil {
		return shardPage{}, err
	}
	name, kind, _ := strings.Cut(it.stream, "/")
	st, err := c.find(name)
	if err != nil {
		return shardPage{}, err
	}
	if st.Info().Created.UnixMilli() != it.created {
		return shardPage{}, c.noStream(name) // another stream of that name
	}
	return shardPage{stream: st, start: shardlog.ShardID(it.shard), filter: shardFilter{kind: kind, at: int64(it.offset)}}, nil
}

// shardFilter is a ShardFilter once its moment is known.
type shardFilter struct {
	kind  string // "" lets all through
	at    int64  // unix ms
	after shardlog.ShardID
}

// shardFilter reads a ShardFilter.
func (c *call) shardFilter(st *shardlog.Stream, v *wire.Value) (shardFilter, error) {
	info := st.Info()
	now := c.srv.config.Now().UnixMilli()
	f := shardFilter{kind: get(v, "Type"), at: max(now-info.Retention.Milliseconds(), info.Created.UnixMilli()), after: shardlog.NoShard}
	switch f.kind {
	case "AFTER_SHARD_ID":
		id, err := shardlog.ParseShardID(get(v, "ShardId"))
		if err != nil {
			return f, clientError(invalidArgument, "ShardId must be specified in the ShardFilter of type AFTER_SHARD_ID.")
		}
		f.after = id
	case "AT_TIMESTAMP", "FROM_TIMESTAMP":
		if !has(v, "Timestamp") {
			return f, clientError(invalidArgument, "Timestamp must be specified in the ShardFilter of type %s.", f.kind)
		}
		f.at = max(v.Get("Timestamp").Int(), f.at)
		if f.at > now {
			return f, futureTimestamp(f.at, now)
		}
	}
	return f, nil
}

// apply lists the shards that the filter lets through.
func (f shardFilter) apply(all []shardlog.ShardInfo) []shardlog.ShardInfo {
	var keep func(s shardlog.ShardInfo) bool
	switch f.kind {
	case "", "AFTER_SHARD_ID":
		return all
	case "AT_LATEST":
		keep = func(s shardlog.ShardInfo) bool { return !s.Closed() }
	case "AT_TRIM_HORIZON", "AT_TIMESTAMP":
		keep = func(s shardlog.ShardInfo) bool { return opened(s, all) <= f.at && (!s.Closed() || s.ClosedAt > f.at) }
	default: // FROM_TRIM_HORIZON, FROM_TIMESTAMP
		keep = func(s shardlog.ShardInfo) bool { return !s.Closed() || s.ClosedAt >= f.at }
	}
	var kept []shardlog.ShardInfo
	for _, s := range all {
		if keep(s) {
			kept = append(kept, s)
		}
	}
	return kept
}

// opened is when a shard began to take records, in unix ms: the moment at which its parent was
// closed, which is finer than its own creation time.
func opened(s shardlog.ShardInfo, all []shardlog.ShardInfo) int64 {
	for _, p := range all {
		if p.ID == s.Parent {
			return p.ClosedAt
		}
	}
	return s.Created * 1000
}

func futureTimestamp(at, now int64) *APIError {
	return clientError(invalidArgument, "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. timestampInMillis: %d, currentTimestampInMillis: %d", at, now)
}

// shardOf finds a shard that the caller named.
func (c *call) shardOf(st *shardlog.Stream, name string) (shardlog.ShardInfo, error) {
	id, err := shardlog.ParseShardID(get(&c.in, name))
	if err != nil {
		return shardlog.ShardInfo{}, clientError(resourceNotFound, "Could not find shard %s in stream %s under account %s.", get(&c.in, name), st.Name(), c.account)
	}
	info, err := st.Shard(id)
	if err != nil {
		return shardlog.ShardInfo{}, clientError(resourceNotFound, "Could not find shard %v in stream %s under account %s.", id, st.Name(), c.account)
	}
	return info, nil
}

func splitShard(c *call) error {
	st, err := c.stream()
	if err != nil {
		return err
	}
	s, err := c.shardOf(st, "ShardToSplit")
	if err != nil {
		return err
	}
	text := get(&c.in, "NewStartingHashKey")
	at, err := shardlog.ParseHashKey(text)
	if err == nil {
		err = st.Split(s.ID, at)
	}
	if errors.Is(err, shardlog.ErrHashKey) || (errors.Is(err, shardlog.ErrArgument) && !s.Closed()) {
		return clientError(invalidArgument, "NewStartingHashKey %s used in SplitShard() on shard %v in stream %s under account %s is not both greater than one plus the shard's StartingHashKey %v and less than the shard's EndingHashKey %v.",
			text, s.ID, st.Name(), c.account, s.Hash.Start, s.Hash.End)
	}
	if errors.Is(err, shardlog.ErrArgument) {
		return clientError(invalidArgument, "Shard %v in stream %s under account %s is not eligible for splitting: it is closed.", s.ID, st.Name(), c.account)
	}
	return c.changed(st, err)
}

func mergeShards(c *call) error {
	st, err := c.stream()
	if err != nil {
		return err
	}
	a, err := c.shardOf(st, "ShardToMerge")
	if err != nil {
		return err
	}
	b, err := c.shardOf(st, "AdjacentShardToMerge")
	if err != nil {
		return err
	}
	err = st.Merge(a.ID, b.ID)
	if errors.Is(err, shardlog.ErrArgument) {
		return clientError(invalidArgument, "Shards %v and %v in stream %s under account %s are not an adjacent pair of shards eligible for merging", a.ID, b.ID, st.Name(), c.account)
	}
	return c.changed(st, err)
}

func updateShardCount(c *call) error {
	st, err := c.stream()
	if err != nil {
		return err
	}
	open, target := st.Info().OpenShards, c.in.Get("TargetShardCount").Int()
	if target > shardLimit {
		return clientError(limitExceeded, "Target shard count or number of open shards cannot be greater than %d. Current open shard count: %d, Target shard count: %d", shardLimit, open, target)
	}
	if c.srv.config.EmulateLimits && st.ScaledToday() >= scalesPerDay {
		return clientError(limitExceeded, "UpdateShardCount cannot be called more than %d times in %v for stream %s under account %s.", scalesPerDay, 24*time.Hour, st.Name(), c.account)
	}
	err = st.Scale(int(target))
	if errors.Is(err, shardlog.ErrLimit) {
		direction := "up over double"
		if target < int64(open) {
			direction = "down below half"
		}
		return clientError(limitExceeded, "UpdateShardCount cannot scale %s your current open shard count. Current open shard count: %d, Target shard count: %d", direction, open, target)
	}
	if err != nil {
		return c.changed(st, err)
	}
	e := c.out
	e.BeginMap()
	e.Key("StreamName")
	e.String(st.Name())
	e.Key("CurrentShardCount")
	e.Int(int64(open))
	e.Key("TargetShardCount")
	e.Int(target)
	e.Key("StreamARN")
	e.String(c.streamARN(st.Name()))
	e.EndMap()
	return nil
}
