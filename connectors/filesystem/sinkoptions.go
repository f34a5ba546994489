package filesystem

import (
	"strings"
	"time"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/sql/diag"
)

func sinkOptions() []connectors.Option {
	const str, boolean, duration, size = connectors.StringOption, connectors.BoolOption, connectors.DurationOption, connectors.SizeOption
	return []connectors.Option{
		{Key: "sink.rolling-policy.file-size", Type: size, Default: "128MB", Doc: "A part file that has grown past this is finished and a new one begun."},
		{Key: "sink.rolling-policy.rollover-interval", Type: duration, Default: "30 min", Doc: "How long a part file stays open at most."},
		{Key: "sink.rolling-policy.check-interval", Type: duration, Default: "1 min", Doc: "How often open part files are checked against the rollover interval."},
		{Key: "sink.compression", Type: connectors.EnumOption, Values: []string{"none", "gzip", "zstd"}, Default: "none", Doc: "How part files of line formats are compressed. An option of Weir, not of Flink."},
		{Key: "auto-compaction", Type: boolean, Default: "false", Doc: "Merging of small files: not supported yet."},
		{Key: "compaction.file-size", Type: size, Doc: "Size of merged files: not supported yet."},
		{Key: "sink.partition-commit.trigger", Type: connectors.EnumOption, Values: []string{"process-time", "partition-time"}, Default: "process-time", Doc: "When a partition counts as complete: as soon as it has files. 'partition-time' is not supported yet."},
		{Key: "sink.partition-commit.delay", Type: duration, Default: "0 s", Doc: "How long after that: more than zero is not supported yet."},
		{Key: "sink.partition-commit.watermark-time-zone", Type: str, Default: "UTC", Doc: "For the trigger 'partition-time'."},
		{Key: "partition.time-extractor.kind", Type: str, Default: "default", Doc: "For the trigger 'partition-time'."},
		{Key: "partition.time-extractor.class", Type: str, Doc: "For the trigger 'partition-time'."},
		{Key: "partition.time-extractor.timestamp-pattern", Type: str, Doc: "For the trigger 'partition-time'."},
		{Key: "partition.time-extractor.timestamp-formatter", Type: str, Default: "yyyy-MM-dd HH:mm:ss", Doc: "For the trigger 'partition-time'."},
		{Key: "sink.partition-commit.policy.kind", Type: str, Doc: "What marks a complete partition: 'success-file'. 'metastore' and 'custom' are not supported."},
		{Key: "sink.partition-commit.policy.class", Type: str, Doc: "For the policy 'custom'."},
		{Key: "sink.partition-commit.policy.class.parameters", Type: str, Doc: "For the policy 'custom'."},
		{Key: "sink.partition-commit.success-file.name", Type: str, Default: "_SUCCESS", Doc: "Name of the empty file that marks a complete partition."},
	}
}

// rolling says when a part file is finished.
type rolling struct {
	size     int64
	interval time.Duration
	check    time.Duration
}

func readRolling(o *connectors.Options) (r rolling, err error) {
	if r.size, err = o.Size("sink.rolling-policy.file-size", 128<<20); err != nil {
		return r, err
	}
	if r.size <= 0 {
		return r, o.Errorf("sink.rolling-policy.file-size", "must be more than zero")
	}
	if r.interval, err = o.Duration("sink.rolling-policy.rollover-interval", 30*time.Minute); err != nil {
		return r, err
	}
	r.check, err = o.Duration("sink.rolling-policy.check-interval", time.Minute)
	return r, err
}

func readCompression(o *connectors.Options, bulk bool) (string, error) {
	const key = "sink.compression"
	how := strings.ToLower(o.String(key, "none"))
	switch {
	case how == "none":
		return "", nil
	case how != "gzip" && how != "zstd":
		return "", o.Errorf(key, "there is no compression '%s'", o.Get(key)).WithHint("use 'none', 'gzip' or 'zstd'")
	case bulk:
		return "", o.Errorf(key, "the table's format compresses by itself").WithHint("see the format's options")
	}
	return how, nil
}

// readSuccessFile gives the name of the file that marks a partition, "" for none.
func readSuccessFile(t *connectors.Table) (string, error) {
	o := t.Options
	name := ""
	for _, kind := range strings.Split(o.Get("sink.partition-commit.policy.kind"), ",") {
		switch strings.TrimSpace(kind) {
		case "":
		case "success-file":
			name = o.String("sink.partition-commit.success-file.name", "_SUCCESS")
			if name == "" || strings.ContainsAny(name, "/\\") {
				return "", o.Errorf("sink.partition-commit.success-file.name", "'%s' is no file name", name)
			}
		default:
			return "", diag.Unsupported(o.Span("sink.partition-commit.policy.kind"), "the partition commit policy '%s'", strings.TrimSpace(kind))
		}
	}
	return name, nil
}

// refuseUnsupported finds options that ask for what the sink does not do.
func refuseUnsupported(o *connectors.Options) error {
	if merge, err := o.Bool("auto-compaction", false); err != nil {
		return err
	} else if merge {
		return diag.Unsupported(o.Span("auto-compaction"), "'auto-compaction' = 'true'")
	}
	if x := o.String("sink.partition-commit.trigger", "process-time"); x != "process-time" {
		return diag.Unsupported(o.Span("sink.partition-commit.trigger"), "'sink.partition-commit.trigger' = '%s'", x)
	}
	if d, err := o.Duration("sink.partition-commit.delay", 0); err != nil {
		return err
	} else if d > 0 {
		return diag.Unsupported(o.Span("sink.partition-commit.delay"), "a 'sink.partition-commit.delay' of more than zero")
	}
	return nil
}
