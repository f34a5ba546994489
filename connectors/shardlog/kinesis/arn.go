package kinesis

import (
	"fmt"
	"strings"
)

// arn names a stream or one of its consumers. Region and account are what the
// caller's credentials say: one log serves them all with the same streams.
type arn struct {
	stream   string
	consumer string // "" for a stream
	created  string // unix seconds of the consumer's registration
}

// parseARN takes arn:aws…:kinesis:region:account:stream/name[/consumer/name:seconds] apart.
func parseARN(s string) (arn, bool) {
	parts := strings.SplitN(s, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || !strings.HasPrefix(parts[1], "aws") || parts[2] != "kinesis" || !isAccount(parts[4]) {
		return arn{}, false
	}
	_, path, ok := strings.Cut(parts[5], "stream/")
	if !ok {
		return arn{}, false
	}
	stream, rest, isConsumer := strings.Cut(path, "/consumer/")
	a := arn{stream: stream}
	if isConsumer {
		a.consumer, a.created, ok = strings.Cut(rest, ":")
	}
	return a, ok && isName(stream) && (!isConsumer || (isName(a.consumer) && a.created != ""))
}

// isChannelARN is the test behind channelPattern.
func isChannelARN(s string) bool {
	parts := strings.SplitN(s, ":", 6)
	return len(parts) == 6 && parts[0] == "arn" && strings.HasPrefix(parts[1], "aws") && parts[2] == "kinesis" && isAccount(parts[4]) &&
		strings.HasPrefix(parts[5], "channel/") && len(parts[5]) > len("channel/") && !strings.ContainsAny(parts[5], " \t\n")
}

func isAccount(s string) bool {
	return len(s) == 12 && strings.Trim(s, "0123456789") == ""
}

// isARN is the test behind the patterns; part must be in the text when it is set.
func isARN(s, part string) bool {
	_, ok := parseARN(s)
	return ok && strings.Contains(s, part)
}

func (c *call) streamARN(name string) string {
	return fmt.Sprintf("arn:aws:kinesis:%s:%s:stream/%s", c.region, c.account, name)
}

func (c *call) channelARN(id string) string {
	return fmt.Sprintf("arn:aws:kinesis:%s:%s:channel/%s", c.region, c.account, id)
}

func (c *call) consumerARN(stream, consumer string, createdSecs int64) string {
	return fmt.Sprintf("%s/consumer/%s:%d", c.streamARN(stream), consumer, createdSecs)
}
