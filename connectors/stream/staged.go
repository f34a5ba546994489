package stream

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/weirstream/weir/connectors/shardlog"
)

// staged keeps what a writer has encoded in a stage of the log, where no reader sees it before the
// checkpoint that it belongs to is committed.
type staged struct {
	stage  *shardlog.Stage
	limits outboxLimits
	chunk  chunk
}

// add is box's.
func (s *staged) add(f func(*chunk) error) error {
	if err := f(&s.chunk); err != nil {
		return err
	}
	if len(s.chunk.ends) < s.limits.records && s.chunk.size() < s.limits.bytes {
		return nil
	}
	return s.write()
}

func (s *staged) write() error {
	err := s.stage.Append(s.chunk.puts())
	s.chunk.reset()
	return err
}

// prepare is box's: the committable names what is in the stage.
func (s *staged) prepare() ([][]byte, error) {
	if err := s.write(); err != nil {
		return nil, err
	}
	p, ok, err := s.stage.Prepare()
	if !ok || err != nil {
		return nil, err
	}
	b, err := json.Marshal(p)
	return [][]byte{b}, err
}

// close is box's.
func (s *staged) close() error { return s.stage.Close() }

// parsePrepared reads committables.
func parsePrepared(committables [][]byte) ([]shardlog.Prepared, error) {
	out := make([]shardlog.Prepared, len(committables))
	for i, c := range committables {
		if err := json.Unmarshal(c, &out[i]); err != nil {
			return nil, fmt.Errorf("reading what a checkpoint says of staged records: %w", err)
		}
	}
	return out, nil
}

var errNoStages = errors.New("the checkpoint has rows that are staged in a log's folder, and the table is behind an endpoint now")
