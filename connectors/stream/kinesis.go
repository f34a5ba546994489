package stream

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/sql/diag"
)

// Kinesis describes the connector 'kinesis'. It takes the options of Flink's connector since version 5
// and those of the versions before.
func Kinesis(formats format.List) connectors.Connector {
	k := &kinesisTables{formats: formats}
	return connectors.Connector{
		Name: "kinesis",
		Doc: "Reads and writes streams of Amazon Kinesis Data Streams, and of what speaks its protocol. Options are those of Flink's connector, " +
			"of version 5 (stream.arn, source.*) and before (stream, scan.*). Rows are written at least once.",
		Options: slices.Concat(kinesisOptions(), keyOptions(), kinesisSinkOptions(), []connectors.Option{
			{Key: "aws.endpoint", Type: connectors.StringOption, Doc: "An endpoint in place of AWS's own: 'http://127.0.0.1:4566' is where `weir streams serve` listens."},
		}, awsOptions(), ignoredOptions(), formats.Options("format")),
		Metadata:       metadata(),
		FormatMetadata: formats.Metadata("format"),
		Source:         k.source,
		Sink:           k.sink,
	}
}

type kinesisTables struct{ formats format.List }

func kinesisOptions() []connectors.Option {
	const str, integer, duration = connectors.StringOption, connectors.IntOption, connectors.DurationOption
	return []connectors.Option{
		{Key: "stream.arn", Type: str, Doc: "The stream's ARN. One of stream.arn and stream is required."},
		{Key: "stream", Type: str, Doc: "The stream's name."},
		{Key: "format", Type: str, Required: true, Doc: "How a row is written in a record."},
		{Key: "source.init.position", Type: str, Default: "LATEST", Doc: "Where reading begins: LATEST, TRIM_HORIZON (the oldest record) or AT_TIMESTAMP."},
		{Key: "source.init.timestamp", Type: str, Doc: "For AT_TIMESTAMP: a timestamp such as 2026-03-01T12:00:00.000+01:00, or seconds since 1970."},
		{Key: "source.init.timestamp.format", Type: str, Default: javaTimestamp, Doc: "Other forms are not supported yet."},
		{Key: "source.reader.type", Type: str, Default: "POLLING", Doc: "POLLING (GetRecords), or EFO: enhanced fan-out (SubscribeToShard)."},
		{Key: "source.shard.discovery.interval", Type: duration, Default: "10 s", Doc: "How often to look for the shards that splits and merges have made."},
		{Key: "source.shard.get-records.max-record-count", Type: integer, Default: "10000", Doc: "Records of one GetRecords call."},
		{Key: "source.efo.consumer.name", Type: str, Doc: "For EFO: the consumer's name."},
		{Key: "source.efo.lifecycle", Type: str, Default: "JOB_MANAGED", Doc: "For EFO: JOB_MANAGED registers the consumer and deregisters it at the job's end, SELF_MANAGED expects it."},
		{Key: "scan.stream.initpos", Type: str, Default: "LATEST", Doc: "Before version 5: source.init.position."},
		{Key: "scan.stream.initpos-timestamp", Type: str, Doc: "Before version 5: source.init.timestamp."},
		{Key: "scan.stream.initpos-timestamp-format", Type: str, Default: javaTimestamp, Doc: "Before version 5: source.init.timestamp.format."},
		{Key: "scan.stream.recordpublisher", Type: str, Default: "POLLING", Doc: "Before version 5: source.reader.type."},
		{Key: "scan.stream.efo.consumername", Type: str, Doc: "Before version 5: source.efo.consumer.name."},
		{Key: "scan.stream.efo.registration", Type: str, Default: "LAZY", Doc: "Before version 5: LAZY and EAGER are JOB_MANAGED, NONE is SELF_MANAGED."},
		{Key: "scan.stream.efo.consumerarn", Type: str, Doc: "Before version 5: the consumer's ARN, for NONE."},
		{Key: "scan.shard.discovery.intervalmillis", Type: integer, Default: "10000", Doc: "Before version 5: source.shard.discovery.interval."},
		{Key: "scan.shard.getrecords.maxrecordcount", Type: integer, Default: "10000", Doc: "Before version 5: source.shard.get-records.max-record-count."},
		{Key: "scan.shard.getrecords.intervalmillis", Type: integer, Default: "200", Doc: "Milliseconds between two GetRecords calls of a shard. AWS allows five calls a second."},
		boundedOption,
	}
}

func kinesisSinkOptions() []connectors.Option {
	const integer = connectors.IntOption
	return []connectors.Option{
		{Key: "sink.batch.max-size", Type: integer, Default: "500", Doc: "Records of one PutRecords call, 500 at most."},
		{Key: "sink.requests.max-inflight", Type: integer, Default: "16", Doc: "PutRecords calls under way at a time. No two of them have records of the same partition key."},
		{Key: "sink.requests.max-buffered", Type: integer, Default: "10000", Doc: "Records that wait to be sent, before the job waits."},
		{Key: "sink.flush-buffer.size", Type: integer, Default: "5242880", Doc: "Bytes of one PutRecords call, and enough to send it."},
		{Key: "sink.flush-buffer.timeout", Type: integer, Default: "5000", Doc: "Milliseconds that records wait for a full call."},
		{Key: "sink.fail-on-error", Type: connectors.BoolOption, Default: "false", Doc: "Fail the job when a record is refused because of throughput or a fault of the service, in place of sending it again. How many are, the job's metrics and progress show."},
	}
}

// ignoredOptions tune what Weir does not have. A job that sets them runs as it would without.
func ignoredOptions() []connectors.Option {
	var out []connectors.Option
	for key, doc := range map[string]string{
		"scan.stream.describe.*":                 "Retries are the AWS SDK's.",
		"scan.list.shards.*":                     "Retries are the AWS SDK's.",
		"scan.stream.describestreamconsumer.*":   "Retries are the AWS SDK's.",
		"scan.stream.registerstreamconsumer.*":   "Retries are the AWS SDK's.",
		"scan.stream.deregisterstreamconsumer.*": "Retries are the AWS SDK's.",
		"scan.shard.subscribetoshard.*":          "Throttled calls are tried again without end.",
		"scan.shard.getrecords.maxretries":       "Throttled calls are tried again without end.",
		"scan.shard.getrecords.backoff.*":        "Throttled calls are tried again without end.",
		"scan.shard.getiterator.*":               "Throttled calls are tried again without end.",
		"scan.shard-assigner":                    "Shards go to the subtask that has the fewest.",
		"scan.shard.adaptivereads":               "Calls are bounded by their bytes.",
		"scan.shard.idle.interval":               "Set 'scan.watermark.idle-timeout' in its place.",
		"scan.watermark.sync.*":                  "Shards are read in the order of event time as it is.",
		"scan.watermark.lookahead.millis":        "Shards are read in the order of event time as it is.",
		"scan.stream.efo.http-client.*":          "HTTP is the AWS SDK's.",
		"source.efo.subscription.timeout":        "Retries are the AWS SDK's.",
		"source.efo.deregister.timeout":          "10 seconds.",
		"source.efo.describe.*":                  "Retries are the AWS SDK's.",
		"sink.http-client.*":                     "HTTP is the AWS SDK's.",
		"sink.producer.*":                        "Of the Kinesis Producer Library, which is not used.",
	} {
		out = append(out, connectors.Option{Key: key, Type: connectors.StringOption, Doc: "Accepted, without effect. " + doc})
	}
	slices.SortFunc(out, func(a, b connectors.Option) int { return strings.Compare(a.Key, b.Key) })
	return out
}

// either gives the one of two keys that is set, the first where none is. Both are an error.
func either(o *connectors.Options, key, old string) (string, error) {
	if !o.Has(old) {
		return key, nil
	}
	if o.Has(key) {
		return "", o.Errorf(old, "is the older name of '%s', which is set too", key)
	}
	return old, nil
}

// stream reads which stream a table is, and where.
func (k *kinesisTables) stream(t *connectors.Table) (e endpoint, r remoteOptions, name string, err error) {
	o := t.Options
	if e, err = readEndpoint(o, "aws.endpoint"); err != nil {
		return e, r, "", err
	}
	key, err := either(o, "stream.arn", "stream")
	switch name = o.Get(key); {
	case err != nil:
		return e, r, "", err
	case name == "":
		return e, r, "", o.Errorf(key, "is required")
	case key == "stream":
		r.name = &name
	default:
		parts := strings.SplitN(name, ":", 6)
		if len(parts) != 6 || parts[2] != "kinesis" || !strings.HasPrefix(parts[5], "stream/") {
			return e, r, "", o.Errorf(key, "'%s' is not the ARN of a stream", name).WithHint("for example 'arn:aws:kinesis:eu-west-1:123456789012:stream/orders'")
		}
		arn := name
		r.arn, name = &arn, strings.TrimPrefix(parts[5], "stream/")
		if e.region == "" {
			e.region = parts[3]
		}
	}
	if e.region == "" && e.url != "" {
		e.region = "us-east-1"
	}
	return e, r, name, nil
}

func (k *kinesisTables) source(t *connectors.Table) (connectors.Source, error) {
	e, r, name, err := k.stream(t)
	if err != nil {
		return nil, err
	}
	in, err := k.initial(t.Options)
	if err != nil {
		return nil, err
	}
	r.bounded = in.bounded
	if err := k.reading(t.Options, &r); err != nil {
		return nil, err
	}
	s, err := newSource(t, k.formats, in, func(ctx context.Context) (backend, error) { return asBackend(connectRemote(ctx, e, r, true)) })
	if err != nil {
		return nil, err
	}
	s.name = name
	return s, nil
}

// asBackend keeps a nil pointer from becoming a backend.
func asBackend(r *remote, err error) (backend, error) {
	if err != nil {
		return nil, err
	}
	return r, nil
}

func (k *kinesisTables) initial(o *connectors.Options) (in initialOptions, err error) {
	posKey, timeKey, formatKey := "source.init.position", "source.init.timestamp", "source.init.timestamp.format"
	if o.Has("scan.stream.initpos") || o.Has("scan.stream.initpos-timestamp") {
		for _, key := range []string{posKey, timeKey} {
			if err := refuse(o, key, "is set beside 'scan.stream.initpos', its older name"); err != nil {
				return in, err
			}
		}
		posKey, timeKey, formatKey = "scan.stream.initpos", "scan.stream.initpos-timestamp", "scan.stream.initpos-timestamp-format"
	}
	if in.position, err = readInitial(o, posKey, timeKey, formatKey, "LATEST"); err != nil {
		return in, err
	}
	if in.bounded, err = readBounded(o); err != nil {
		return in, err
	}
	key, err := either(o, "source.shard.discovery.interval", "scan.shard.discovery.intervalmillis")
	if err != nil {
		return in, err
	}
	in.discover, err = o.Duration(key, 10*time.Second) // a bare number is milliseconds
	return in, err
}

// reading reads how shards are read.
func (k *kinesisTables) reading(o *connectors.Options, r *remoteOptions) error {
	key, err := either(o, "source.shard.get-records.max-record-count", "scan.shard.getrecords.maxrecordcount")
	if err != nil {
		return err
	}
	n, err := positive(o, key, 10_000, 10_000)
	if err != nil {
		return err
	}
	r.perRead = int32(n)
	millis, err := o.Int("scan.shard.getrecords.intervalmillis", 200)
	if err != nil {
		return err
	}
	if millis < 0 || millis > 60_000 {
		return o.Errorf("scan.shard.getrecords.intervalmillis", "must be from 0 to 60000")
	}
	r.pause = time.Duration(millis) * time.Millisecond
	return readConsumer(o, r)
}

// readConsumer reads the options of enhanced fan-out.
func readConsumer(o *connectors.Options, r *remoteOptions) error {
	key, err := either(o, "source.reader.type", "scan.stream.recordpublisher")
	if err != nil {
		return err
	}
	nameKey, err := either(o, "source.efo.consumer.name", "scan.stream.efo.consumername")
	if err != nil {
		return err
	}
	switch strings.ToUpper(o.String(key, "POLLING")) {
	case "POLLING":
		return nil
	case "EFO":
	default:
		return o.Errorf(key, "'%s' is neither POLLING nor EFO", o.Get(key))
	}
	if r.consumer.name = o.Get(nameKey); r.consumer.name == "" && o.Get("scan.stream.efo.consumerarn") == "" {
		return o.Errorf(nameKey, "is required for enhanced fan-out")
	}
	r.consumer.arn = o.Get("scan.stream.efo.consumerarn")
	if r.consumer.arn != "" && r.consumer.name == "" {
		r.consumer.name = r.consumer.arn
	}
	key, err = either(o, "source.efo.lifecycle", "scan.stream.efo.registration")
	if err != nil {
		return err
	}
	switch how := strings.ToUpper(o.String(key, "JOB_MANAGED")); how {
	case "JOB_MANAGED", "LAZY", "EAGER":
		r.consumer.managed = true
	case "SELF_MANAGED", "NONE":
	default:
		return o.Errorf(key, "there is no lifecycle '%s'", how).WithHint("use 'JOB_MANAGED' or 'SELF_MANAGED'")
	}
	return nil
}

func (k *kinesisTables) sink(t *connectors.Table) (connectors.Sink, error) {
	e, r, name, err := k.stream(t)
	if err != nil {
		return nil, err
	}
	limits, err := readWriting(t.Options, &r)
	if err != nil {
		return nil, err
	}
	s, err := newSink(t, k.formats, name, limits, func(ctx context.Context) (backend, error) { return asBackend(connectRemote(ctx, e, r, false)) })
	if err != nil {
		return nil, err
	}
	return s, nil
}

// readWriting reads how records are put.
func readWriting(o *connectors.Options, r *remoteOptions) (limits outboxLimits, err error) {
	values := map[string]int64{}
	for _, x := range []struct {
		key       string
		def, most int64
	}{
		{"sink.batch.max-size", 500, 500},
		{"sink.requests.max-inflight", 16, 1000},
		{"sink.requests.max-buffered", 10_000, 10_000_000},
		{"sink.flush-buffer.size", 5 << 20, 10 << 20},
		{"sink.flush-buffer.timeout", 5000, 3_600_000},
	} {
		if values[x.key], err = positive(o, x.key, x.def, x.most); err != nil {
			return limits, err
		}
	}
	r.perPut, r.inFlight = int(values["sink.batch.max-size"]), int(values["sink.requests.max-inflight"])
	r.bytesPut = int(values["sink.flush-buffer.size"])
	if r.failAtOnce, err = o.Bool("sink.fail-on-error", false); err != nil {
		return limits, err
	}
	limits = outboxLimits{
		records: r.perPut, bytes: r.bytesPut, most: int(values["sink.requests.max-buffered"]),
		delay: time.Duration(values["sink.flush-buffer.timeout"]) * time.Millisecond,
	}
	if limits.most < limits.records {
		return limits, diag.Errorf(o.Span("sink.requests.max-buffered"), "option 'sink.requests.max-buffered': must be at least 'sink.batch.max-size'")
	}
	return limits, nil
}
