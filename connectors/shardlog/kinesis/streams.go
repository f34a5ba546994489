package kinesis

import (
	"errors"
	"math"
	"time"

	"github.com/weirstream/weir/connectors/shardlog"
	"github.com/weirstream/weir/connectors/shardlog/kinesis/wire"
)

const (
	describeCap = 100
	streamsCap  = 100
	shardLimit  = 20_000 // what DescribeLimits reports; the log has no limit per account
)

func streamActions() map[string]action {
	return map[string]action{
		"CreateStream": {rate: 5, run: createStream, fields: []field{
			integer("ShardCount").atLeast(1), text("StreamName").from(1, maxName).matching(namePattern).req(), modeField(), tagsField(),
			integer("WarmThroughputMiBps").atLeast(0), integer("MaxRecordSizeInKiB").from(1024, 10240), strategyField(),
		}},
		"DeleteStream":   {rate: 5, run: deleteStream, fields: byStream(boolean("EnforceConsumerDeletion"))},
		"DescribeStream": {rate: 10, run: describeStream, fields: byStream(integer("Limit").from(1, 10000), shardIDField("ExclusiveStartShardId"))},
		"DescribeStreamSummary": {
			rate: 20, run: describeSummary, fields: byStream(),
		},
		"ListStreams": {rate: 5, run: listStreams, fields: []field{
			integer("Limit").from(1, 10000), text("ExclusiveStartStreamName").from(1, maxName).matching(namePattern), nextTokenField(),
		}},
		"DescribeLimits": {rate: 1, run: describeLimits},
	}
}

// tagsOf reads a map of tags and checks their characters.
func tagsOf(v *wire.Value) (map[string]string, error) {
	tags := map[string]string{}
	for i := range v.Items {
		k, val := string(v.Items[i].Key), string(v.Items[i].Text)
		if !tagText(k) || !tagText(val) {
			return nil, clientError(invalidArgument, "%s", "Some tags contain invalid characters. Valid characters: Unicode letters, digits, white space, _ . / = + - % @ :.")
		}
		tags[k] = val
	}
	return tags, nil
}

func createStream(c *call) error {
	name := get(&c.in, "StreamName")
	mode := shardlog.Mode(get(c.in.Get("StreamModeDetails"), "StreamMode"))
	if mode == "" {
		mode = shardlog.Provisioned
	}
	if mode == shardlog.Provisioned && !has(&c.in, "ShardCount") {
		return clientError(validation, "ShardCount must be provided for a stream in PROVISIONED mode.")
	}
	if mode == shardlog.OnDemand && has(&c.in, "ShardCount") {
		return clientError(validation, "ShardCount must not be provided for a stream in ON_DEMAND mode.")
	}
	if mode == shardlog.Provisioned && get(&c.in, "RecordDistributionStrategy") == "AUTO" {
		return clientError(invalidArgument, "RecordDistributionStrategy AUTO can only be set for a stream in ON_DEMAND mode.")
	}
	if mode == shardlog.Provisioned && has(&c.in, "WarmThroughputMiBps") {
		return clientError(invalidArgument, "WarmThroughputMiBps can only be set for a stream in ON_DEMAND mode.")
	}
	tags, err := tagsOf(c.in.Get("Tags"))
	if err != nil {
		return err
	}
	if len(tags) > 50 {
		return clientError(invalidArgument, "Failed to add tags to stream %s under account %s because a given stream cannot have more than 50 tags associated with it.", name, c.account)
	}
	if c.srv.config.EmulateLimits && c.creating() >= maxCreating {
		return clientError(limitExceeded, "The number of streams in CREATING state exceeds the limit of %d for the account %s.", maxCreating, c.account)
	}
	if _, onDemand := c.shardsAndStreams(); c.srv.config.EmulateLimits && mode == shardlog.OnDemand && onDemand >= maxOnDemand {
		return clientError(limitExceeded, "The number of on-demand streams exceeds the limit of %d for the account %s.", maxOnDemand, c.account)
	}
	_, err = c.srv.log.Create(shardlog.Spec{
		Name: name, Mode: mode, Tags: tags,
		Shards:       int(min(c.in.Get("ShardCount").Int(), math.MaxInt32)),
		MaxRecordKiB: int(c.in.Get("MaxRecordSizeInKiB").Int()),
		WarmMiBps:    warmOf(&c.in),
		Distribution: get(&c.in, "RecordDistributionStrategy"),
	})
	if errors.Is(err, shardlog.ErrExists) {
		return clientError(resourceInUse, "Stream %s under account %s already exists.", name, c.account)
	}
	if errors.Is(err, shardlog.ErrArgument) {
		return clientError(limitExceeded, "This request would exceed the shard limit for the account %s in %s. %v", c.account, c.region, err)
	}
	return err
}

// creating counts the streams in CREATING.
func (c *call) creating() int {
	n := 0
	for _, name := range c.srv.log.Streams() {
		if st, err := c.srv.log.Stream(name); err == nil && st.Info().Status == shardlog.Creating {
			n++
		}
	}
	return n
}

func deleteStream(c *call) error {
	st, err := c.stream()
	if err != nil {
		return err
	}
	if st.Info().Status == shardlog.Deleting {
		return c.noStream(st.Name())
	}
	err = st.Delete(c.in.Get("EnforceConsumerDeletion").True())
	if errors.Is(err, shardlog.ErrHasConsumers) {
		return clientError(resourceInUse, "Stream %s under account %s can't be deleted because it has registered consumers. Set EnforceConsumerDeletion to delete them with it.", st.Name(), c.account)
	}
	if errors.Is(err, shardlog.ErrHasChannels) {
		return clientError(resourceInUse, "Stream %s under account %s can't be deleted because it has channels. Delete them with DeleteChannel first.", st.Name(), c.account)
	}
	if errors.Is(err, shardlog.ErrNotActive) {
		return clientError(resourceInUse, "Attempt to change a resource which is still in use: Stream is being created: %s", st.Name())
	}
	return err
}

func describeStream(c *call) error {
	st, err := c.stream()
	if err != nil {
		return err
	}
	info, shards := st.Info(), st.Shards()
	if start := get(&c.in, "ExclusiveStartShardId"); start != "" {
		id, err := shardlog.ParseShardID(start)
		if err != nil {
			return clientError(invalidArgument, "ExclusiveStartShardId %s is not a shard id.", start)
		}
		shards = after(shards, id)
	}
	limit := pageSize(&c.in, "Limit", describeCap)
	more := len(shards) > limit
	shards = shards[:min(limit, len(shards))]
	if info.Status == shardlog.Creating {
		shards, more = nil, false
	}
	e := c.out
	e.BeginMap()
	e.Key("StreamDescription")
	e.BeginMap()
	c.writeStream(info)
	e.Key("Shards")
	e.BeginList()
	for _, s := range shards {
		writeShard(e, s)
	}
	e.EndList()
	e.Key("HasMoreShards")
	e.Bool(more)
	c.writeSettings(info)
	e.EndMap()
	e.EndMap()
	return nil
}

// pageSize is the number of entries on a page: what the caller asks for, up to a cap.
func pageSize(v *wire.Value, name string, limit int) int {
	if has(v, name) {
		return int(min(v.Get(name).Int(), int64(limit)))
	}
	return limit
}

// after drops the shards up to and with id.
func after(shards []shardlog.ShardInfo, id shardlog.ShardID) []shardlog.ShardInfo {
	for i, s := range shards {
		if s.ID > id {
			return shards[i:]
		}
	}
	return nil
}

// writeStream writes what every description of a stream begins with.
func (c *call) writeStream(info shardlog.Info) {
	e := c.out
	e.Key("StreamName")
	e.String(info.Name)
	e.Key("StreamARN")
	e.String(c.streamARN(info.Name))
	e.Key("StreamStatus")
	e.String(string(info.Status))
	e.Key("StreamModeDetails")
	e.BeginMap()
	e.Key("StreamMode")
	e.String(string(info.Mode))
	e.EndMap()
	e.Key("StreamCreationTimestamp")
	e.Time(info.Created.Unix() * 1000) // AWS gives whole seconds
}

// writeSettings writes retention, monitoring and encryption.
func (c *call) writeSettings(info shardlog.Info) {
	e := c.out
	e.Key("RetentionPeriodHours")
	e.Int(int64(info.Retention / time.Hour))
	e.Key("EnhancedMonitoring")
	e.BeginList()
	e.BeginMap()
	e.Key("ShardLevelMetrics")
	writeStrings(e, info.Metrics)
	e.EndMap()
	e.EndList()
	e.Key("EncryptionType")
	e.String(encryption(info))
	if info.KeyID != "" {
		e.Key("KeyId")
		e.String(info.KeyID)
	}
}

func encryption(info shardlog.Info) string {
	if info.Encryption == "" {
		return "NONE"
	}
	return info.Encryption
}

func writeStrings(e *wire.Encoder, list []string) {
	e.BeginList()
	for _, s := range list {
		e.String(s)
	}
	e.EndList()
}

func describeSummary(c *call) error {
	st, err := c.stream()
	if err != nil {
		return err
	}
	info := st.Info()
	open := info.OpenShards
	if info.Status == shardlog.Creating {
		open = 0
	}
	e := c.out
	e.BeginMap()
	e.Key("StreamDescriptionSummary")
	e.BeginMap()
	c.writeStream(info)
	c.writeSettings(info)
	e.Key("OpenShardCount")
	e.Int(int64(open))
	e.Key("ConsumerCount")
	e.Int(int64(len(st.Consumers())))
	e.Key("ChannelCount")
	e.Int(int64(len(st.Channels())))
	e.Key("MaxRecordSizeInKiB")
	e.Int(int64(info.MaxRecordKiB))
	if info.WarmMiBps > 0 {
		writeWarm(e, info.WarmMiBps)
	}
	if info.Distribution != "" {
		e.Key("RecordDistributionStrategy")
		e.String(info.Distribution)
	}
	e.EndMap()
	e.EndMap()
	return nil
}

func listStreams(c *call) error {
	names := c.srv.log.Streams()
	start := get(&c.in, "ExclusiveStartStreamName")
	if token := get(&c.in, "NextToken"); token != "" {
		it, err := c.pageToken(streamsToken, token)
		if err != nil {
			return err
		}
		start = it.stream
	}
	for len(names) > 0 && start != "" && names[0] <= start {
		names = names[1:]
	}
	limit := pageSize(&c.in, "Limit", streamsCap)
	more := len(names) > limit
	names = names[:min(limit, len(names))]
	e := c.out
	e.BeginMap()
	e.Key("StreamNames")
	writeStrings(e, names)
	e.Key("HasMoreStreams")
	e.Bool(more)
	if more {
		if err := c.writeNext(streamsToken, iterator{stream: names[len(names)-1]}); err != nil {
			return err
		}
	}
	e.Key("StreamSummaries")
	e.BeginList()
	for _, name := range names {
		if st, err := c.srv.log.Stream(name); err == nil { // else deleted meanwhile
			e.BeginMap()
			c.writeStream(st.Info())
			e.EndMap()
		}
	}
	e.EndList()
	e.EndMap()
	return nil
}

// pageToken opens a NextToken and checks its age.
func (c *call) pageToken(kind byte, token string) (iterator, error) {
	it, err := c.srv.tokens.openPlace(kind, token)
	if err != nil {
		return iterator{}, clientError(invalidArgument, "Invalid NextToken.")
	}
	now := c.srv.config.Now()
	if made := time.UnixMilli(it.made); now.Sub(made) > tokenLife {
		return iterator{}, clientError(expiredNextToken, "NextToken expired. The token was created at time %s while right now it is %s which is further in the future than the tolerated delay of 300000 milliseconds.", amzTime(made), amzTime(now))
	}
	return it, nil
}

// writeNext writes the token of the page that begins at it.
func (c *call) writeNext(kind byte, it iterator) error {
	it.made = c.srv.config.Now().UnixMilli()
	token, err := c.srv.tokens.sealPlace(kind, it)
	if err != nil {
		return err
	}
	c.out.Key("NextToken")
	c.out.String(token)
	return nil
}

// amzTime writes Thu Jan 22 01:22:02 UTC 2015.
func amzTime(t time.Time) string { return t.UTC().Format("Mon Jan 02 15:04:05 UTC 2006") }

// shardsAndStreams counts the open shards and the on-demand streams.
func (c *call) shardsAndStreams() (open, onDemand int) {
	for _, name := range c.srv.log.Streams() {
		st, err := c.srv.log.Stream(name)
		if err != nil {
			continue // deleted meanwhile
		}
		info := st.Info()
		open += info.OpenShards
		if info.Mode == shardlog.OnDemand {
			onDemand++
		}
	}
	return open, onDemand
}

func describeLimits(c *call) error {
	open, onDemand := c.shardsAndStreams()
	e := c.out
	e.BeginMap()
	for _, f := range []struct {
		name string
		n    int
	}{{"ShardLimit", shardLimit}, {"OpenShardCount", open}, {"OnDemandStreamCount", onDemand}, {"OnDemandStreamCountLimit", maxOnDemand}} {
		e.Key(f.name)
		e.Int(int64(f.n))
	}
	e.EndMap()
	return nil
}
