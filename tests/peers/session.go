package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/weirstream/weir/tests/peers/flink"
)

// errNoCluster marks what no further script changes.
var errNoCluster = errors.New("starting Flink")

// session is a Flink that is started anew now and then: the classes that it generates for queries fill its memory in
// the end, and a job that does not stop takes its task manager with it. It runs one script at a time.
type session struct {
	in      flink.Installation
	cluster *flink.Cluster
	left    int // scripts until the next start
}

// scriptsPerCluster is how many scripts a Flink of a session runs.
const scriptsPerCluster = 150

// newSession gives a session whose first script starts Flink.
func newSession(in flink.Installation) *session { return &session{in: in} }

// Run runs a script.
func (s *session) Run(ctx context.Context, settings map[string]string, script []string) (*flink.Result, error) {
	return s.try(ctx, func(c *flink.Cluster) (*flink.Result, error) { return c.Run(ctx, settings, script) })
}

// Explain explains a script's last statement.
func (s *session) Explain(ctx context.Context, settings map[string]string, script []string) (*flink.Result, error) {
	return s.try(ctx, func(c *flink.Cluster) (*flink.Result, error) { return c.Explain(ctx, settings, script) })
}

// try asks the cluster; where the cluster itself has failed, once more a new one.
func (s *session) try(ctx context.Context, ask func(*flink.Cluster) (*flink.Result, error)) (*flink.Result, error) {
	for try := 0; ; try++ {
		if err := s.ready(ctx); err != nil {
			return nil, err
		}
		res, err := ask(s.cluster)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err == nil {
			if !broken(res.Error) {
				return res, nil
			}
			err = errors.New(res.Error)
		}
		s.left = 0
		if try == 1 {
			return nil, fmt.Errorf("a new Flink fails too: %w", err)
		}
	}
}

// broken tells a failure of the cluster from one of the script.
func broken(failure string) bool {
	return strings.Contains(failure, "NoResourceAvailableException") || strings.Contains(failure, "OutOfMemoryError") || strings.Contains(failure, "TimeoutException")
}

// ready sees to a cluster that has scripts left.
func (s *session) ready(ctx context.Context) error {
	if s.left > 0 {
		s.left--
		return nil
	}
	s.Close()
	var err error
	if s.cluster, err = flink.Start(ctx, s.in, flink.Options{Brief: true}); err != nil {
		return fmt.Errorf("%w: %w", errNoCluster, err)
	}
	s.left = scriptsPerCluster - 1
	return nil
}

// Close stops the cluster; how it ends does not matter.
func (s *session) Close() {
	if s.cluster != nil {
		s.cluster.Close() //nolint:errcheck // its answers are in
		s.cluster = nil
	}
}
