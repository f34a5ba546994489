package kinesis

import (
	"errors"
	"strconv"

	"github.com/weirstream/weir/connectors/shardlog"
)

const consumersCap = 100

func consumerActions() map[string]action {
	byConsumer := func() []field { return []field{streamARNField(), consumerNameField(), consumerARNField()} }
	return map[string]action{
		"RegisterStreamConsumer":   {rate: 5, run: registerConsumer, fields: []field{streamARNField().req(), consumerNameField().req(), tagsField()}},
		"DeregisterStreamConsumer": {rate: 5, run: deregisterConsumer, fields: byConsumer()},
		"DescribeStreamConsumer":   {rate: 20, run: describeConsumer, fields: byConsumer()},
		"ListStreamConsumers": {rate: 5, run: listConsumers, fields: []field{
			streamARNField().req(), nextTokenField(), integer("MaxResults").from(1, 10000), instant("StreamCreationTimestamp"),
		}},
		"SubscribeToShard": {run: subscribe, fields: []field{
			consumerARNField().req(), shardIDField("ShardId").req(), startingPosition(), boolean("DryRun"),
		}},
	}
}

func (c *call) noConsumer(consumer, stream string) *APIError {
	return clientError(resourceNotFound, "Consumer %s, Stream %s under account %s not found.", consumer, stream, c.account)
}

// writeConsumer writes a consumer as the actions show it.
func (c *call) writeConsumer(stream string, k shardlog.Consumer, withStream bool) {
	e := c.out
	e.BeginMap()
	e.Key("ConsumerName")
	e.String(k.Name)
	e.Key("ConsumerARN")
	e.String(c.consumerARN(stream, k.Name, k.Created.Unix()))
	e.Key("ConsumerStatus")
	e.String(string(k.Status))
	e.Key("ConsumerCreationTimestamp")
	e.Time(k.Created.Unix() * 1000)
	if withStream {
		e.Key("StreamARN")
		e.String(c.streamARN(stream))
	}
	e.EndMap()
}

func registerConsumer(c *call) error {
	st, err := c.usable()
	if err != nil {
		return err
	}
	tags, err := tagsOf(c.in.Get("Tags"))
	if err != nil {
		return err
	}
	if c.srv.config.EmulateLimits && creatingConsumers(st) >= maxCreating {
		return clientError(limitExceeded, "Stream %s under account %s has %d consumers in CREATING state, the most that it can have.", st.Name(), c.account, maxCreating)
	}
	name := get(&c.in, "ConsumerName")
	k, err := st.Register(name, tags)
	switch {
	case errors.Is(err, shardlog.ErrExists):
		return clientError(resourceInUse, "Consumer %s of stream %s under account %s already exists.", name, st.Name(), c.account)
	case errors.Is(err, shardlog.ErrLimit):
		return clientError(limitExceeded, "Stream %s under account %s has reached its limit of 20 registered consumers.", st.Name(), c.account)
	case err != nil:
		return c.changed(st, err)
	}
	c.out.BeginMap()
	c.out.Key("Consumer")
	c.writeConsumer(st.Name(), k, false)
	c.out.EndMap()
	return nil
}

func creatingConsumers(st *shardlog.Stream) int {
	n := 0
	for _, k := range st.Consumers() {
		if k.Status == shardlog.Creating {
			n++
		}
	}
	return n
}

// consumer finds the consumer that the caller means: by its ARN, or its name and its stream's ARN.
func (c *call) consumer() (*shardlog.Stream, shardlog.Consumer, error) {
	name := get(&c.in, "ConsumerName")
	resource := get(&c.in, "ConsumerARN")
	if resource == "" && (name == "" || !has(&c.in, "StreamARN")) {
		return nil, shardlog.Consumer{}, clientError(invalidArgument, "Either ConsumerARN or both StreamARN and ConsumerName should be provided.")
	}
	if resource == "" {
		resource = get(&c.in, "StreamARN")
	}
	a, ok := parseARN(resource)
	if !ok {
		return nil, shardlog.Consumer{}, clientError(invalidArgument, "ARN %s is not valid.", resource)
	}
	if a.consumer == "" {
		a.consumer = name
	}
	if name != "" && name != a.consumer {
		return nil, shardlog.Consumer{}, clientError(invalidArgument, "ConsumerName %s does not match the consumer in ConsumerARN %s.", name, resource)
	}
	st, err := c.find(a.stream)
	if err != nil {
		return nil, shardlog.Consumer{}, err
	}
	k, err := st.Consumer(a.consumer)
	if err != nil || (a.created != "" && a.created != strconv.FormatInt(k.Created.Unix(), 10)) {
		return nil, shardlog.Consumer{}, c.noConsumer(a.consumer, a.stream)
	}
	return st, k, nil
}

func deregisterConsumer(c *call) error {
	st, k, err := c.consumer()
	if err != nil {
		return err
	}
	return c.changed(st, st.Deregister(k.Name))
}

func describeConsumer(c *call) error {
	st, k, err := c.consumer()
	if err != nil {
		return err
	}
	c.out.BeginMap()
	c.out.Key("ConsumerDescription")
	c.writeConsumer(st.Name(), k, true)
	c.out.EndMap()
	return nil
}

func listConsumers(c *call) error {
	st, err := c.stream()
	if err != nil {
		return err
	}
	if has(&c.in, "StreamCreationTimestamp") && c.in.Get("StreamCreationTimestamp").Int()/1000 != st.Info().Created.Unix() {
		return c.noStream(st.Name())
	}
	consumers, start := st.Consumers(), ""
	if token := get(&c.in, "NextToken"); token != "" {
		it, err := c.pageToken(consumersToken, token)
		if err != nil {
			return err
		}
		if it.created != st.Info().Created.UnixMilli() {
			return clientError(invalidArgument, "Invalid NextToken.") // of another stream
		}
		start = it.stream // the token's text is the last consumer's name
	}
	for len(consumers) > 0 && start != "" && consumers[0].Name <= start {
		consumers = consumers[1:]
	}
	limit := pageSize(&c.in, "MaxResults", consumersCap)
	e := c.out
	e.BeginMap()
	e.Key("Consumers")
	e.BeginList()
	for _, k := range consumers[:min(limit, len(consumers))] {
		c.writeConsumer(st.Name(), k, false)
	}
	e.EndList()
	if len(consumers) > limit {
		if err := c.writeNext(consumersToken, iterator{created: st.Info().Created.UnixMilli(), stream: consumers[limit-1].Name}); err != nil {
			return err
		}
	}
	e.EndMap()
	return nil
}
