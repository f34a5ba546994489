package kinesis

import (
	"errors"
	"slices"
	"strings"

	"github.com/weirstream/weir/connectors/shardlog"
	"github.com/weirstream/weir/connectors/shardlog/kinesis/wire"
)

// A channel delivers a stream to S3. The server keeps channels, with all that AWS tells of them, and delivers
// nothing: what a channel comes to is FAILED, and its reason says what does the work in Weir. Everything else
// behaves as if it were delivered.

const (
	channelsCap      = 100
	defaultFreshness = 300 // seconds
	notDelivered     = "This server keeps channels and delivers nothing: a SQL job that reads the stream and writes to files or objects does."
)

func channelActions() map[string]action {
	return map[string]action{
		"CreateChannel": {rate: 5, run: createChannel, fields: append(channelConfig(),
			text("ChannelName").from(1, maxName).matching(namePattern).req(), tagsField())},
		"DescribeChannel": {rate: 5, run: describeChannel, fields: []field{channelARNField()}},
		"ListChannels": {rate: 5, run: listChannels, fields: []field{
			integer("MaxResults").from(1, 10000), nextTokenField(),
			list("StreamFilter", structure("", streamARNField().req(), instant("StreamCreationTimestamp"))).from(1, 100),
		}},
		"UpdateChannel": {rate: 5, run: updateChannel, fields: []field{
			channelARNField(), loggingField("LoggingConfiguration"),
			structure("S3DestinationConfiguration", freshnessField().req()), structure("S3TablesDestinationConfiguration", freshnessField().req()),
		}},
		"DeleteChannel": {rate: 5, run: deleteChannel, fields: []field{channelARNField()}},
	}
}

// channelConfig are the members of CreateChannel that a channel keeps, as DescribeChannel gives them back.
func channelConfig() []field {
	return []field{
		text("ServiceExecutionRoleARN").from(1, maxARN).req(),
		list("StreamConfigurationList", structure("", streamARNField().req(), instant("StreamCreationTimestamp"),
			structure("RecordConfiguration", text("RecordFormatType").oneOf("GSR_JSON", "JSON", "STRING", "BYTE_ARRAY").req(), text("GSRSchemaARN").from(1, maxARN)).req())).from(1, 1).req(),
		structure("EncryptionConfiguration", text("EncryptionType").oneOf("KMS").req(), text("KeyId").from(1, 2048).req()),
		loggingField("LoggingConfiguration"),
		structure("S3DestinationConfiguration", freshnessField(), deadLetters(),
			structure("StorageConfiguration", text("BucketARN").from(1, maxARN).req(), text("CompressionType").oneOf("NONE", "GZIP", "ZSTD").req(),
				text("ExpectedBucketOwner").req(), text("OutputKeyTemplate"), text("StorageClass").oneOf("STANDARD", "INTELLIGENT_TIERING", "GLACIER_IR")).req()),
		structure("S3TablesDestinationConfiguration", freshnessField(), deadLetters().req(),
			list("S3TablesConfigurationList", structure("", text("Namespace").req(), text("TableBucketARN").from(1, maxARN).req(), text("TableName").req(),
				text("CompressionType").oneOf("NONE", "ZSTD", "SNAPPY").req(),
				structure("PartitionSpec", list("PartitionFields", structure("", text("SourceName").req(), text("Transform").oneOf("TIME_HOUR").req())).req()))).from(1, 1).req()),
	}
}

func freshnessField() field { return integer("DataFreshnessInSeconds").from(300, 900) }

func loggingField(name string) field {
	return structure(name, structure("CloudWatchLogs", boolean("Enabled").req(), text("LogGroupName"), text("LogStreamName")).req())
}

func deadLetters() field {
	return structure("DeadLetterQueueS3Configuration", text("BucketARN").from(1, maxARN).req(), text("ExpectedBucketOwner").req(), text("ErrorOutputPrefix"))
}

func createChannel(c *call) error {
	source := &c.in.Get("StreamConfigurationList").Items[0]
	a, ok := parseARN(get(source, "StreamARN"))
	if !ok || a.consumer != "" {
		return clientError(invalidArgument, "StreamARN %s is not valid.", get(source, "StreamARN"))
	}
	st, err := c.find(a.stream)
	if err != nil {
		return err
	}
	if err := checkDestination(&c.in, get(source.Get("RecordConfiguration"), "RecordFormatType")); err != nil {
		return err
	}
	tags, err := tagsOf(c.in.Get("Tags"))
	if err != nil {
		return err
	}
	completeChannel(&c.in, st.Info())
	name := get(&c.in, "ChannelName")
	ch, err := st.AddChannel(name, tags, encodeChannel(&c.in))
	if errors.Is(err, shardlog.ErrExists) {
		return clientError(resourceInUse, "Channel %s under account %s already exists.", name, c.account)
	}
	if err != nil {
		return c.changed(st, err)
	}
	return c.writeDescription(ch)
}

// checkDestination checks what depends on where a channel delivers to.
func checkDestination(in *wire.Value, format string) error {
	toTables := has(in, "S3TablesDestinationConfiguration")
	schema := has(in.Get("StreamConfigurationList").Items[0].Get("RecordConfiguration"), "GSRSchemaARN")
	switch {
	case toTables == has(in, "S3DestinationConfiguration"):
		return clientError(invalidArgument, "Exactly one of S3DestinationConfiguration and S3TablesDestinationConfiguration must be specified.")
	case toTables && (format == "STRING" || format == "BYTE_ARRAY"), !toTables && format == "GSR_JSON":
		return clientError(invalidArgument, "RecordFormatType %s is not supported for the channel's destination.", format)
	case toTables && !schema:
		return clientError(invalidArgument, "GSRSchemaARN must be specified for a channel to S3 Tables.")
	}
	return nil
}

// completeChannel fills in what a channel is described with though it need not be given.
func completeChannel(in *wire.Value, source shardlog.Info) {
	// AWS gives whole seconds.
	in.Get("StreamConfigurationList").Items[0].Set("StreamCreationTimestamp", wire.Value{Kind: wire.Time, Num: float64(source.Created.Unix() * 1000)})
	off := wire.Value{Kind: wire.Map, Items: []wire.Value{{Key: []byte("Enabled"), Kind: wire.Bool}}}
	in.Default("LoggingConfiguration", wire.Value{Kind: wire.Map}).Default("CloudWatchLogs", off)
	for _, name := range []string{"S3DestinationConfiguration", "S3TablesDestinationConfiguration"} {
		if !has(in, name) {
			continue
		}
		to := in.Get(name)
		to.Default("DataFreshnessInSeconds", wire.Value{Kind: wire.Number, Num: defaultFreshness})
		if storage := *to.Get("StorageConfiguration"); storage.Kind == wire.Map {
			to.Default("DeadLetterQueueS3Configuration", storage) // its bucket and owner
		}
	}
}

// encodeChannel writes what a channel keeps of a CreateChannel, or of what it kept before.
func encodeChannel(in *wire.Value) []byte {
	e := &wire.Encoder{}
	e.BeginMap()
	writeMembers(e, in, channelConfig())
	e.EndMap()
	return e.Buf
}

// writeMembers writes the members of v that fields names.
func writeMembers(e *wire.Encoder, v *wire.Value, fields []field) {
	for i := range fields {
		if has(v, fields[i].name) {
			e.Key(fields[i].name)
			writeField(e, v.Get(fields[i].name), &fields[i])
		}
	}
}

func writeField(e *wire.Encoder, v *wire.Value, f *field) {
	switch f.kind {
	case structKind:
		e.BeginMap()
		writeMembers(e, v, f.fields)
		e.EndMap()
	case listKind:
		e.BeginList()
		for i := range v.Items {
			writeField(e, &v.Items[i], f.elem)
		}
		e.EndList()
	case integerKind:
		e.Int(v.Int())
	case booleanKind:
		e.Bool(v.True())
	case timeKind:
		e.Time(v.Int())
	default:
		e.Text(v.Text)
	}
}

// config reads what a channel kept.
func config(ch shardlog.Channel) (wire.Value, error) {
	v, err := wire.ParseJSON(ch.Config)
	if err != nil {
		return v, err
	}
	d := decoder{}
	return v, d.structure(&v, channelConfig())
}

func (c *call) writeDescription(ch shardlog.Channel) error {
	kept, err := config(ch)
	if err != nil {
		return err
	}
	e := c.out
	e.BeginMap()
	e.Key("ChannelDescription")
	e.BeginMap()
	c.writeChannel(ch)
	writeMembers(e, &kept, channelConfig())
	e.EndMap()
	e.EndMap()
	return nil
}

// writeChannel writes what every description of a channel begins with.
func (c *call) writeChannel(ch shardlog.Channel) {
	e := c.out
	e.Key("ChannelName")
	e.String(ch.Name)
	e.Key("ChannelId")
	e.String(ch.ID)
	e.Key("ChannelARN")
	e.String(c.channelARN(ch.ID))
	e.Key("ChannelCreationTimestamp")
	e.Time(ch.Created.Unix() * 1000)
	e.Key("ChannelStatus")
	if ch.Status != shardlog.Active {
		e.String(string(ch.Status))
		return
	}
	e.String("FAILED")
	e.Key("ChannelStatusReason")
	e.String(notDelivered)
}

// channel finds the channel that the caller means.
func (c *call) channel() (*shardlog.Stream, shardlog.Channel, error) {
	return c.findChannel(get(&c.in, "ChannelARN"))
}

func (c *call) findChannel(resource string) (*shardlog.Stream, shardlog.Channel, error) {
	for _, found := range c.allChannels() {
		if strings.HasSuffix(resource, ":channel/"+found.ID) {
			return found.stream, found.Channel, nil
		}
	}
	return nil, shardlog.Channel{}, clientError(resourceNotFound, "Channel %s under account %s not found.", resource, c.account)
}

// foundChannel is a channel and the stream that it reads.
type foundChannel struct {
	shardlog.Channel
	stream *shardlog.Stream
}

// allChannels lists the channels of all streams in the order of their names.
func (c *call) allChannels() []foundChannel {
	var all []foundChannel
	for _, name := range c.srv.log.Streams() {
		st, err := c.srv.log.Stream(name)
		if err != nil {
			continue // deleted meanwhile
		}
		for _, ch := range st.Channels() {
			all = append(all, foundChannel{ch, st})
		}
	}
	slices.SortFunc(all, func(a, b foundChannel) int { return strings.Compare(a.Name, b.Name) })
	return all
}

func describeChannel(c *call) error {
	_, ch, err := c.channel()
	if err != nil {
		return err
	}
	return c.writeDescription(ch)
}

func listChannels(c *call) error {
	start := ""
	if token := get(&c.in, "NextToken"); token != "" {
		it, err := c.pageToken(channelsToken, token)
		if err != nil {
			return err
		}
		start = it.stream // the token's text is the last channel's name
	}
	all := slices.DeleteFunc(c.allChannels(), func(f foundChannel) bool { return f.Name <= start || !c.filtered(f.stream.Info()) })
	limit := pageSize(&c.in, "MaxResults", channelsCap)
	e := c.out
	e.BeginMap()
	e.Key("ChannelSummaries")
	e.BeginList()
	for _, f := range all[:min(limit, len(all))] {
		if err := c.writeSummary(f); err != nil {
			return err
		}
	}
	e.EndList()
	if len(all) > limit {
		if err := c.writeNext(channelsToken, iterator{stream: all[limit-1].Name}); err != nil {
			return err
		}
	}
	e.EndMap()
	return nil
}

// filtered reports whether a StreamFilter lets a stream through; none lets all.
func (c *call) filtered(info shardlog.Info) bool {
	if !has(&c.in, "StreamFilter") {
		return true
	}
	return slices.ContainsFunc(c.in.Get("StreamFilter").Items, func(f wire.Value) bool {
		a, ok := parseARN(get(&f, "StreamARN"))
		return ok && a.stream == info.Name && (!has(&f, "StreamCreationTimestamp") || f.Get("StreamCreationTimestamp").Int()/1000 == info.Created.Unix())
	})
}

func (c *call) writeSummary(f foundChannel) error {
	kept, err := config(f.Channel)
	if err != nil {
		return err
	}
	e := c.out
	e.BeginMap()
	c.writeChannel(f.Channel)
	e.Key("ChannelDestinationType")
	if has(&kept, "S3DestinationConfiguration") {
		e.String("S3")
	} else {
		e.String("S3_TABLES")
	}
	e.Key("Streams")
	e.BeginList()
	e.BeginMap()
	e.Key("StreamARN")
	e.String(c.streamARN(f.stream.Name()))
	e.Key("StreamCreationTimestamp")
	e.Time(f.stream.Info().Created.Unix() * 1000)
	e.EndMap()
	e.EndList()
	e.EndMap()
	return nil
}

func updateChannel(c *call) error {
	st, ch, err := c.channel()
	if err != nil {
		return err
	}
	kept, err := config(ch)
	if err != nil {
		return err
	}
	for _, name := range []string{"S3DestinationConfiguration", "S3TablesDestinationConfiguration"} {
		if !has(&c.in, name) {
			continue
		}
		if !has(&kept, name) {
			return clientError(invalidArgument, "Channel %s has no %s: the destination of a channel cannot be changed.", ch.Name, name)
		}
		kept.Get(name).Set("DataFreshnessInSeconds", *c.in.Get(name).Get("DataFreshnessInSeconds"))
	}
	if has(&c.in, "LoggingConfiguration") {
		kept.Set("LoggingConfiguration", *c.in.Get("LoggingConfiguration"))
	}
	ch, err = st.SetChannel(ch.ID, encodeChannel(&kept))
	if err != nil {
		return c.channelChanged(ch.Name, err)
	}
	return c.writeDescription(ch)
}

func deleteChannel(c *call) error {
	st, ch, err := c.channel()
	if err != nil {
		return err
	}
	return c.channelChanged(ch.Name, st.RemoveChannel(ch.ID))
}

// channelChanged words the errors of changes to a channel.
func (c *call) channelChanged(name string, err error) error {
	if errors.Is(err, shardlog.ErrNotActive) {
		return clientError(resourceInUse, "Channel %s under account %s is being created, updated or deleted.", name, c.account)
	}
	return err
}
