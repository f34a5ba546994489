package kinesis

import (
	"errors"
	"maps"
	"math"
	"slices"
	"time"
	"unicode"

	"github.com/weirstream/weir/connectors/shardlog"
	"github.com/weirstream/weir/connectors/shardlog/kinesis/wire"
)

func settingActions() map[string]action {
	encryptionFields := byStream(text("EncryptionType").oneOf("NONE", "KMS").req(), text("KeyId").from(1, 2048).req())
	return map[string]action{
		"IncreaseStreamRetentionPeriod": {rate: 5, fields: byStream(retentionField()), run: func(c *call) error { return setRetention(c, true) }},
		"DecreaseStreamRetentionPeriod": {rate: 5, fields: byStream(retentionField()), run: func(c *call) error { return setRetention(c, false) }},
		"AddTagsToStream":               {rate: 5, run: addTags, fields: byStream(tagsField().req())},
		"RemoveTagsFromStream":          {rate: 5, run: removeTags, fields: byStream(tagKeysField())},
		"ListTagsForStream":             {rate: 5, run: listTags, fields: byStream(text("ExclusiveStartTagKey").from(1, 128), integer("Limit").from(1, 50))},
		"EnableEnhancedMonitoring":      {rate: 5, fields: byStream(metricsField()), run: func(c *call) error { return setMetrics(c, true) }},
		"DisableEnhancedMonitoring":     {rate: 5, fields: byStream(metricsField()), run: func(c *call) error { return setMetrics(c, false) }},
		"StartStreamEncryption":         {rate: 5, fields: encryptionFields, run: func(c *call) error { return setEncryption(c, "KMS", get(&c.in, "KeyId")) }},
		"StopStreamEncryption":          {rate: 5, fields: encryptionFields, run: func(c *call) error { return setEncryption(c, "", "") }},
		"UpdateStreamMode":              {rate: 5, run: updateMode, fields: []field{streamARNField().req(), modeField().req(), integer("WarmThroughputMiBps").atLeast(0)}},
		"UpdateMaxRecordSize":           {rate: 5, run: updateMaxRecord, fields: []field{streamARNField(), integer("MaxRecordSizeInKiB").from(1024, 10240).req()}},
		"UpdateStreamWarmThroughput":    {rate: 5, run: updateWarm, fields: byStream(integer("WarmThroughputMiBps").atLeast(0).req())},
		"UpdateStreamRecordDistributionStrategy": {rate: 5, run: updateStrategy, fields: []field{
			streamARNField().req(), strategyField().req(),
		}},
	}
}

func setRetention(c *call, increase bool) error {
	st, err := c.stream()
	if err != nil {
		return err
	}
	hours, current := c.in.Get("RetentionPeriodHours").Int(), int64(st.Info().Retention/time.Hour)
	switch {
	case hours < 24:
		return clientError(invalidArgument, "Minimum allowed retention period is 24 hours. Requested retention period (%d hours) is too short.", hours)
	case hours > 8760:
		return clientError(invalidArgument, "Maximum allowed retention period is 8760 hours. Requested retention period (%d hours) is too long.", hours)
	case increase && hours < current:
		return clientError(invalidArgument, "Requested retention period (%d hours) for stream %s can not be shorter than existing retention period (%d hours). Use DecreaseRetentionPeriod API.", hours, st.Name(), current)
	case !increase && hours > current:
		return clientError(invalidArgument, "Requested retention period (%d hours) for stream %s can not be longer than existing retention period (%d hours). Use IncreaseRetentionPeriod API.", hours, st.Name(), current)
	}
	return c.changed(st, st.SetRetention(time.Duration(hours)*time.Hour))
}

// tagText reports whether AWS takes a tag's key or value.
func tagText(s string) bool {
	for _, r := range s {
		switch r {
		case '_', '.', '/', '=', '+', '-', '@', ':', '%', ' ':
		default:
			if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsSpace(r) {
				return false
			}
		}
	}
	return true
}

func addTags(c *call) error {
	st, err := c.stream()
	if err != nil {
		return err
	}
	return c.tagStream(st)
}

func (c *call) tagStream(st *shardlog.Stream) error {
	tags, err := tagsOf(c.in.Get("Tags"))
	if err != nil {
		return err
	}
	err = st.Tag(tags)
	if errors.Is(err, shardlog.ErrLimit) {
		return clientError(invalidArgument, "Failed to add tags to stream %s under account %s because a given stream cannot have more than 50 tags associated with it.", st.Name(), c.account)
	}
	return c.changed(st, err)
}

func (c *call) tagKeys() []string {
	items := c.in.Get("TagKeys").Items
	keys := make([]string, len(items))
	for i := range items {
		keys[i] = string(items[i].Text)
	}
	return keys
}

func removeTags(c *call) error {
	st, err := c.stream()
	if err != nil {
		return err
	}
	return c.changed(st, st.Untag(c.tagKeys()))
}

func listTags(c *call) error {
	st, err := c.stream()
	if err != nil {
		return err
	}
	tags := st.Tags()
	keys := slices.Sorted(maps.Keys(tags))
	if start := get(&c.in, "ExclusiveStartTagKey"); start != "" {
		keys = slices.DeleteFunc(keys, func(k string) bool { return k <= start })
	}
	limit := pageSize(&c.in, "Limit", 50)
	e := c.out
	e.BeginMap()
	writeTags(e, tags, keys[:min(limit, len(keys))])
	e.Key("HasMoreTags")
	e.Bool(len(keys) > limit)
	e.EndMap()
	return nil
}

func writeTags(e *wire.Encoder, tags map[string]string, keys []string) {
	e.Key("Tags")
	e.BeginList()
	for _, k := range keys {
		e.BeginMap()
		e.Key("Key")
		e.String(k)
		e.Key("Value")
		e.String(tags[k])
		e.EndMap()
	}
	e.EndList()
}

func setMetrics(c *call, on bool) error {
	st, err := c.stream()
	if err != nil {
		return err
	}
	known := metricsField().elem.enum
	known = known[:len(known)-1] // without ALL
	before := st.Info().Metrics
	asked := func(name string) bool {
		return slices.ContainsFunc(c.in.Get("ShardLevelMetrics").Items, func(v wire.Value) bool {
			return string(v.Text) == name || string(v.Text) == "ALL"
		})
	}
	var after []string
	for _, name := range known {
		if asked(name) && on || !asked(name) && slices.Contains(before, name) {
			after = append(after, name)
		}
	}
	if err := st.SetMetrics(after); err != nil {
		return c.changed(st, err)
	}
	e := c.out
	e.BeginMap()
	e.Key("StreamName")
	e.String(st.Name())
	e.Key("StreamARN")
	e.String(c.streamARN(st.Name()))
	e.Key("CurrentShardLevelMetrics")
	writeStrings(e, before)
	e.Key("DesiredShardLevelMetrics")
	writeStrings(e, after)
	e.EndMap()
	return nil
}

// setEncryption keeps the key's id and gives it back; nothing is encrypted, which the guide says.
func setEncryption(c *call, kind, key string) error {
	st, err := c.stream()
	if err != nil {
		return err
	}
	return c.changed(st, st.SetEncryption(kind, key))
}

func updateMode(c *call) error {
	st, err := c.stream()
	if err != nil {
		return err
	}
	mode := shardlog.Mode(get(c.in.Get("StreamModeDetails"), "StreamMode"))
	if mode == st.Info().Mode {
		return clientError(invalidArgument, "Stream %s under account %s is already in %s mode.", st.Name(), c.account, mode)
	}
	if c.srv.config.EmulateLimits && st.ModeChangesToday() >= modesPerDay {
		return clientError(limitExceeded, "Stream mode of stream %s under account %s cannot be changed more than %d times in 24 hours.", st.Name(), c.account, modesPerDay)
	}
	if has(&c.in, "WarmThroughputMiBps") && mode != shardlog.OnDemand {
		return clientError(invalidArgument, "WarmThroughputMiBps can only be set for a stream in ON_DEMAND mode.")
	}
	if has(&c.in, "WarmThroughputMiBps") {
		if err := st.SetWarmThroughput(warmOf(&c.in)); err != nil {
			return c.changed(st, err)
		}
	}
	return c.changed(st, st.SetMode(mode))
}

func updateMaxRecord(c *call) error {
	st, err := c.stream()
	if err != nil {
		return err
	}
	return c.changed(st, st.SetMaxRecord(int(c.in.Get("MaxRecordSizeInKiB").Int())))
}

func warmOf(in *wire.Value) int { return int(min(in.Get("WarmThroughputMiBps").Int(), math.MaxInt32)) }

func writeWarm(e *wire.Encoder, mibps int) {
	e.Key("WarmThroughput")
	e.BeginMap()
	e.Key("TargetMiBps")
	e.Int(int64(mibps))
	e.Key("CurrentMiBps")
	e.Int(int64(mibps))
	e.EndMap()
}

func updateWarm(c *call) error {
	st, err := c.stream()
	if err != nil {
		return err
	}
	if st.Info().Mode != shardlog.OnDemand {
		return c.notOnDemand(st.Name())
	}
	mibps := warmOf(&c.in)
	if err := st.SetWarmThroughput(mibps); err != nil {
		return c.changed(st, err)
	}
	e := c.out
	e.BeginMap()
	e.Key("StreamARN")
	e.String(c.streamARN(st.Name()))
	e.Key("StreamName")
	e.String(st.Name())
	writeWarm(e, mibps)
	e.EndMap()
	return nil
}

func updateStrategy(c *call) error {
	st, err := c.stream()
	if err != nil {
		return err
	}
	strategy := get(&c.in, "RecordDistributionStrategy")
	if strategy == "AUTO" && st.Info().Mode != shardlog.OnDemand {
		return clientError(invalidArgument, "RecordDistributionStrategy AUTO can only be set for a stream in ON_DEMAND mode.")
	}
	return c.changed(st, st.SetDistribution(strategy))
}
