package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/weirstream/weir/tests/peers/flink"
)

// session is a Flink that is started anew now and then: the classes that it generates for queries fill its memory in
// the end, and a job that does not stop takes its task manager with it. It runs one script at a time.
type session struct {
	in      flink.Installation
	limit   int // scripts to a cluster
	cluster *flink.Cluster
	left    int // scripts until the next start
}

// Run runs a script; where the cluster itself has failed, in a new one.
func (s *session) Run(ctx context.Context, settings map[string]string, script []string) (*flink.Result, error) {
	for try := 0; ; try++ {
		if err := s.ready(ctx); err != nil {
			return nil, err
		}
		res, err := s.cluster.Run(ctx, settings, script)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err == nil {
			if !broken(res.Error) {
				return res, nil
			}
			err = errors.New(res.Error)
		}
		if try == 2 {
			return nil, fmt.Errorf("a new Flink fails too: %w", err)
		}
		s.left = 0
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
	s.cluster, err = flink.Start(ctx, s.in, flink.Options{Brief: true})
	s.left = s.limit - 1
	return err
}

// Close stops the cluster; how it ends does not matter.
func (s *session) Close() {
	if s.cluster != nil {
		s.cluster.Close() //nolint:errcheck // its answers are in
		s.cluster = nil
	}
}
