package kinesis

import (
	"errors"

	"github.com/weirstream/weir/connectors/shardlog"
)

// streamName is the stream that the caller means, by name or ARN.
func (c *call) streamName() (string, error) {
	name, resource := get(&c.in, "StreamName"), get(&c.in, "StreamARN")
	if resource == "" {
		if name == "" {
			return "", clientError(invalidArgument, "Either StreamName or StreamARN should be provided.")
		}
		return name, nil
	}
	a, ok := parseARN(resource)
	if !ok || a.consumer != "" {
		return "", clientError(invalidArgument, "StreamARN %s is not valid.", resource)
	}
	if name != "" && name != a.stream {
		return "", clientError(invalidArgument, "StreamName %s does not match the stream in StreamARN %s.", name, resource)
	}
	return a.stream, nil
}

func (c *call) noStream(name string) *APIError {
	return clientError(resourceNotFound, "Stream %s under account %s not found.", name, c.account)
}

// stream finds the stream that the caller means.
func (c *call) stream() (*shardlog.Stream, error) {
	name, err := c.streamName()
	if err != nil {
		return nil, err
	}
	return c.find(name)
}

func (c *call) find(name string) (*shardlog.Stream, error) {
	st, err := c.srv.log.Stream(name)
	if errors.Is(err, shardlog.ErrNotFound) {
		return nil, c.noStream(name)
	}
	return st, err
}

// usable finds a stream that is neither being created nor deleted.
func (c *call) usable() (*shardlog.Stream, error) {
	st, err := c.stream()
	if err != nil {
		return nil, err
	}
	if s := st.Info().Status; s == shardlog.Creating || s == shardlog.Deleting {
		return nil, c.noStream(st.Name())
	}
	return st, nil
}

func (c *call) notOnDemand(stream string) *APIError {
	return clientError(validation, "Request is invalid. Stream %s under account %s is not in On-Demand mode.", stream, c.account)
}

// changed words the errors of changes to a stream.
func (c *call) changed(st *shardlog.Stream, err error) error {
	info := st.Info()
	switch {
	case err == nil:
		return nil
	case errors.Is(err, shardlog.ErrNotFound):
		return c.noStream(st.Name())
	case errors.Is(err, shardlog.ErrNotActive):
		return clientError(resourceInUse, "Stream %s under account %s not ACTIVE, instead in state %s", st.Name(), c.account, info.Status)
	case errors.Is(err, shardlog.ErrOnDemand):
		return clientError(validation, "Request is invalid. Stream %s under account %s is in On-Demand mode.", st.Name(), c.account)
	case errors.Is(err, shardlog.ErrProvisioned):
		return c.notOnDemand(st.Name())
	}
	return err
}
