package kinesalite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/weirstream/weir/tests/peers/process"
)

// comparison is the command under way.
type comparison struct {
	*options
	weir, peer *server
}

// side is a server under a workload, and what it did.
type side struct {
	*server
	client    *sdk.Client
	iterator  *string
	rates     []float64 // records a second, of each round
	records   int64
	clientCPU time.Duration
	serverCPU time.Duration
}

// rates measures the workloads and prints a table.
func (c *comparison) rates(ctx context.Context, out io.Writer) error {
	if _, err := fmt.Fprint(out, "| call | server | records/s | times kinesalite | bar | CPU µs a record: client | server |\n|---|---|---|---|---|---|---|\n"); err != nil {
		return err
	}
	for _, w := range workloads {
		if c.clients > 0 {
			w.clients = c.clients
		}
		if c.only != "" && c.only != w.call {
			continue
		}
		sides, err := c.compare(ctx, &w)
		if err != nil {
			return fmt.Errorf("%s: %w", w.call, err)
		}
		for _, s := range sides {
			bar := ""
			if s.server == c.weir {
				bar = fmt.Sprint(w.bar)
			}
			if _, err := fmt.Fprintf(out, "| %s, %d clients | %s | %.0f | %.1f | %s | %s | %s |\n", w.call, w.clients, s.name, s.rate(), s.rate()/sides[0].rate(), bar, s.each(s.clientCPU), s.each(s.serverCPU)); err != nil {
				return err
			}
		}
	}
	return nil
}

// rate is the middle one of the rounds.
func (s *side) rate() float64 {
	slices.Sort(s.rates)
	return s.rates[len(s.rates)/2]
}

// each gives the microseconds of a record.
func (s *side) each(cpu time.Duration) string {
	return fmt.Sprintf("%.1f", float64(cpu.Nanoseconds())/1000/float64(s.records))
}

// compare measures a workload on kinesalite, Weir, and the server that does nothing, in turns.
func (c *comparison) compare(ctx context.Context, w *workload) (sides []*side, err error) {
	for _, s := range []*server{c.peer, c.weir} {
		one := &side{server: s, client: newClient(s.addr, nil)}
		if one.iterator, err = w.newStream(ctx, one.client); err != nil {
			return nil, fmt.Errorf("making a stream in %s: %w", s.name, err)
		}
		defer func() { err = errors.Join(err, deleteStream(context.WithoutCancel(ctx), one.client)) }()
		sides = append(sides, one)
	}
	answer, err := w.answer(ctx, sides[1])
	if err != nil {
		return nil, err
	}
	null, err := startNull(ctx, answer)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, null.stop()) }()
	sides = append(sides, &side{server: null, client: newClient(null.addr, nil), iterator: sides[1].iterator})
	for range c.rounds {
		for _, s := range sides {
			if err := s.measure(ctx, w, c.each); err != nil {
				return nil, fmt.Errorf("%s: %w", s.name, err)
			}
		}
	}
	return sides, nil
}

// answer gives the body of a server's answer to one call.
func (w *workload) answer(ctx context.Context, s *side) ([]byte, error) {
	var body *tee
	client := newClient(s.addr, func(next http.RoundTripper) http.RoundTripper {
		body = &tee{RoundTripper: next}
		return body
	})
	_, err := w.do(ctx, client, s.iterator)
	return body.body, err
}

// measure runs a round.
func (s *side) measure(ctx context.Context, w *workload, each time.Duration) error {
	self := process.ID(os.Getpid())
	clientBefore, err := self.CPU()
	if err != nil {
		return err
	}
	serverBefore, err := s.cpu()
	if err != nil {
		return err
	}
	records, took, err := w.run(ctx, s.client, s.iterator, each)
	if err != nil {
		return err
	}
	clientAfter, err := self.CPU()
	if err != nil {
		return err
	}
	serverAfter, err := s.cpu()
	if err != nil {
		return err
	}
	s.rates = append(s.rates, float64(records)/took.Seconds())
	s.records += records
	s.clientCPU += clientAfter - clientBefore
	s.serverCPU += serverAfter - serverBefore
	return nil
}
