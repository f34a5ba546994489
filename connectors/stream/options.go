package stream

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/sql/diag"
)

// initialOptions say where a source begins and ends.
type initialOptions struct {
	position position
	bounded  bool
	discover time.Duration
}

// javaTimestamp is the form of timestamps in options, in Java's letters and in Go's.
const (
	javaTimestamp = "yyyy-MM-dd'T'HH:mm:ss.SSSXXX"
	goTimestamp   = "2006-01-02T15:04:05.999999999Z07:00"
)

// readInitial reads the initial position under the three keys that a connector has for it.
func readInitial(o *connectors.Options, posKey, timeKey, formatKey, def string) (position, error) {
	switch strings.ToUpper(o.String(posKey, def)) {
	case "LATEST":
		return position{where: newest}, refuse(o, timeKey, "is for '"+posKey+"' = 'AT_TIMESTAMP'")
	case "TRIM_HORIZON":
		return position{where: oldest}, refuse(o, timeKey, "is for '"+posKey+"' = 'AT_TIMESTAMP'")
	case "AT_TIMESTAMP":
		millis, err := readInstant(o, timeKey, formatKey)
		return position{where: since, since: millis}, err
	}
	return position{}, o.Errorf(posKey, "'%s' is no position", o.Get(posKey)).WithHint("use 'LATEST', 'TRIM_HORIZON' or 'AT_TIMESTAMP'")
}

// refuse is the error of an option that is set where it has no meaning.
func refuse(o *connectors.Options, key, why string) error {
	if o.Has(key) {
		return o.Errorf(key, "%s", why)
	}
	return nil
}

// readInstant reads a timestamp, or seconds since the epoch, in milliseconds.
func readInstant(o *connectors.Options, key, formatKey string) (int64, error) {
	if f := o.String(formatKey, javaTimestamp); f != javaTimestamp {
		return 0, diag.Unsupported(o.Span(formatKey), "timestamps in the form '%s'", f).WithHint("write '%s' in the form %s", key, javaTimestamp)
	}
	text := strings.TrimSpace(o.Get(key))
	if text == "" {
		return 0, o.Errorf(key, "is required where the initial position is AT_TIMESTAMP")
	}
	if secs, err := strconv.ParseFloat(text, 64); err == nil {
		if secs < 0 || secs > 1e11 {
			return 0, o.Errorf(key, "'%s' is not a number of seconds since 1970", text)
		}
		return int64(math.Round(secs * 1000)), nil
	}
	t, err := time.Parse(goTimestamp, text)
	if err != nil {
		return 0, o.Errorf(key, "'%s' is not a timestamp", text).WithHint("for example '2026-03-01T12:00:00.000+01:00', or seconds since 1970")
	}
	return t.UnixMilli(), nil
}

// boundedOption ends a source, which Flink's connectors cannot.
var boundedOption = connectors.Option{
	Key: "scan.bounded.mode", Type: connectors.EnumOption, Values: []string{"unbounded", "latest"}, Default: "unbounded",
	Doc: "'latest' reads what is in the stream when the job starts, and ends. An option of Weir, not of Flink's Kinesis connector.",
}

func readBounded(o *connectors.Options) (bool, error) {
	switch strings.ToLower(o.String(boundedOption.Key, "unbounded")) {
	case "unbounded":
		return false, nil
	case "latest":
		return true, nil
	}
	return false, o.Errorf(boundedOption.Key, "there is no mode '%s'", o.Get(boundedOption.Key)).WithHint("use 'unbounded' or 'latest'")
}

// positive reads a whole number from 1 to most.
func positive(o *connectors.Options, key string, def, most int64) (int64, error) {
	n, err := o.Int(key, def)
	if err == nil && (n < 1 || n > most) {
		return 0, o.Errorf(key, "must be from 1 to %d", most)
	}
	return n, err
}
