package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/weirstream/weir"
	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/vec"
)

// stateRun is a run of a job over the table keyed, in a process of its own: what it takes of memory and CPU time is its own.
type stateRun struct {
	Query       string // a name in stateQueries
	Keys, Rows  int
	Random      bool
	New         int // from this row on every other is of a key that has not come; 0: none
	Windows     int
	Parallelism int
	Memory      string        // as --memory; "": without a bound
	Dir         string        // as --state; "": without state
	Every       time.Duration // between checkpoints; 0: none by themselves
	// Stops are numbers of rows after each of which the source waits for a checkpoint. After the last the job is stopped, and can
	// go on later.
	Stops []int
	Early bool // a checkpoint is asked for when the first row has come out
}

// stateQueries are the jobs. What they write is added up.
var stateQueries = map[string]string{
	"filter": "CREATE TABLE sums (k BIGINT, v BIGINT) WITH ('connector' = 'checksum');\n" +
		"INSERT INTO sums SELECT k, v FROM keyed WHERE v < 900",
	"tumble": "CREATE TABLE sums (k BIGINT, c BIGINT, w TIMESTAMP(3)) WITH ('connector' = 'checksum');\n" +
		"INSERT INTO sums SELECT k, COUNT(*), window_start FROM TUMBLE(TABLE keyed, DESCRIPTOR(t), INTERVAL '10' SECOND) GROUP BY k, window_start, window_end",
	"group": "CREATE TABLE sums (k BIGINT, c BIGINT) WITH ('connector' = 'checksum');\n" +
		"INSERT INTO sums SELECT k, COUNT(*) FROM keyed GROUP BY k",
	"most of changes": "CREATE TABLE sums (k BIGINT, m BIGINT) WITH ('connector' = 'checksum');\n" +
		"INSERT INTO sums SELECT k, MAX(s) FROM (SELECT k, v % 2 AS p, SUM(v) AS s FROM keyed GROUP BY k, v % 2) GROUP BY k",
	"list": "CREATE TABLE sums (k BIGINT, n INT) WITH ('connector' = 'checksum');\n" +
		"INSERT INTO sums SELECT k, CHAR_LENGTH(LISTAGG(CAST(v AS STRING))) FROM keyed GROUP BY k",
	"median": "CREATE TABLE sums (k BIGINT, m BIGINT) WITH ('connector' = 'checksum');\n" +
		"INSERT INTO sums SELECT k, CAST(2 * PERCENTILE(v, 0.5) AS BIGINT) FROM keyed GROUP BY k",
	"first row": rowPerKey("ASC"),
	"last row":  rowPerKey("DESC"),
	"top": "CREATE TABLE sums (k BIGINT, v BIGINT, t TIMESTAMP(3)) WITH ('connector' = 'checksum');\n" +
		"INSERT INTO sums SELECT k, v, t FROM (SELECT k, v, t, ROW_NUMBER() OVER (PARTITION BY k ORDER BY v DESC, t) AS n FROM keyed) WHERE n <= 3",
	"window top": "CREATE TABLE sums (k BIGINT, v BIGINT, w TIMESTAMP(3)) WITH ('connector' = 'checksum');\n" +
		"INSERT INTO sums SELECT k, v, window_end FROM (SELECT k, v, window_end, ROW_NUMBER() OVER (PARTITION BY window_start, window_end, k ORDER BY v DESC) AS n " +
		"FROM TUMBLE(TABLE keyed, DESCRIPTOR(t), INTERVAL '10' SECOND)) WHERE n <= 3",
	"over": "CREATE TABLE sums (k BIGINT, v BIGINT, s BIGINT) WITH ('connector' = 'checksum');\n" +
		"INSERT INTO sums SELECT k, v, SUM(v) OVER (PARTITION BY k ORDER BY t ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) FROM keyed",
	"session": "CREATE TABLE sums (k BIGINT, c BIGINT, w TIMESTAMP(3)) WITH ('connector' = 'checksum');\n" +
		"INSERT INTO sums SELECT k, COUNT(*), window_start FROM SESSION(TABLE keyed PARTITION BY k, DESCRIPTOR(t), INTERVAL '4' SECOND) GROUP BY k, window_start, window_end",
	"wide group": "CREATE TABLE sums (k BIGINT, c BIGINT, s BIGINT, l BIGINT, h BIGINT) WITH ('connector' = 'checksum');\n" +
		"INSERT INTO sums SELECT k, COUNT(*), SUM(v), MIN(v), MAX(v) FROM keyed GROUP BY k",
}

// rowPerKey is a job that deduplicates by time.
func rowPerKey(order string) string {
	return "CREATE TABLE sums (k BIGINT, t TIMESTAMP(3)) WITH ('connector' = 'checksum');\n" +
		"INSERT INTO sums SELECT k, t FROM (SELECT k, t, ROW_NUMBER() OVER (PARTITION BY k ORDER BY t " + order + ") AS n FROM keyed) WHERE n = 1"
}

// stateOutcome is what a stateRun says.
type stateOutcome struct {
	Rows        int64
	Sum         uint64
	Wall, CPU   time.Duration
	First       time.Duration // from the start of the process to the first row that came out
	Asked       time.Duration // a checkpoint that is asked for at the first row, from then until it is complete, with Early
	Peak        int64         // bytes resident
	Checkpoints []stateCheckpoint
}

type stateCheckpoint struct {
	Held, Took   time.Duration
	Bytes, Wrote int64
}

// run runs it in a child process.
func (r stateRun) run(ctx context.Context) (out stateOutcome, err error) {
	self, err := os.Executable()
	if err != nil {
		return out, err
	}
	spec, err := json.Marshal(r)
	if err != nil {
		return out, err
	}
	cmd := exec.CommandContext(ctx, self, "-child", string(spec))
	cmd.Stderr = os.Stderr
	text, err := cmd.Output()
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	if err != nil {
		return out, fmt.Errorf("running %s: %w", spec, err)
	}
	return out, nil
}

// child is the child's program.
func child(ctx context.Context, spec string, begun time.Time, w io.Writer) error {
	var r stateRun
	if err := json.Unmarshal([]byte(spec), &r); err != nil {
		return err
	}
	out, err := r.measure(ctx, begun)
	if err != nil {
		return err
	}
	return json.NewEncoder(w).Encode(out)
}

func (r stateRun) measure(ctx context.Context, begun time.Time) (out stateOutcome, err error) {
	in := &keyed{keys: r.Keys, rows: r.Rows, random: r.Random, new: r.New, windows: max(r.Windows, 1), open: len(r.Stops) > 0}
	sum := &firstRow{begun: begun}
	job, err := r.start(ctx, in, sum, func(n weir.Note) {
		if n.Kind == weir.CheckpointDone {
			out.Checkpoints = append(out.Checkpoints, stateCheckpoint{n.Held, n.Took, n.Bytes, n.Wrote})
		}
	})
	if err != nil {
		return out, err
	}
	job.BoundMemory()
	if len(r.Stops) == 0 {
		in.release(r.Rows)
		err = job.Wait(ctx)
	} else {
		if r.Early {
			in.release(r.Stops[0])
			out.Asked, err = sum.checkpoint(ctx, job)
		}
		err = errors.Join(err, r.pause(ctx, in, job))
	}
	var ended *weir.EndedError
	if err != nil && !errors.As(err, &ended) {
		return out, err
	}
	out.Rows, out.Sum = sum.total.rows, sum.total.sum
	out.Wall, out.CPU, out.First = time.Since(begun), cpuTime(), time.Duration(sum.first.Load())
	out.Peak, err = residentPeak()
	return out, err
}

func (r stateRun) start(ctx context.Context, in *keyed, sum *firstRow, note func(weir.Note)) (*weir.Job, error) {
	every := "1 h"
	if r.Every > 0 {
		every = fmt.Sprintf("%d ms", r.Every.Milliseconds())
	}
	opts := []weir.Option{
		weir.WithParallelism(r.Parallelism), weir.WithConnector(sum.connector()), weir.WithConnector(in.connector()), weir.WithNotes(note),
		weir.WithSetting("execution.checkpointing.interval", every),
	}
	if r.Dir != "" {
		opts = append(opts, weir.WithStateDir(r.Dir))
	}
	if r.Memory != "" {
		opts = append(opts, weir.WithSetting("weir.memory", r.Memory))
	}
	env, err := weir.NewEnv(opts...)
	if err != nil {
		return nil, err
	}
	res, err := env.ExecuteSQL(ctx, keyedTable+stateQueries[r.Query])
	if err != nil {
		return nil, err
	}
	return res.Job(), nil
}

// pause takes a checkpoint at each stop.
func (r stateRun) pause(ctx context.Context, in *keyed, job *weir.Job) error {
	for _, rows := range r.Stops {
		in.release(rows)
		for !in.read(rows) {
			select {
			case <-job.Done():
				return job.Wait(ctx)
			case <-time.After(5 * time.Millisecond):
			}
		}
		if _, err := job.Checkpoint(ctx); err != nil {
			return err
		}
	}
	return job.Stop()
}

// firstRow is a checksum that notes when the first row came.
type firstRow struct {
	checksum
	begun time.Time
	first atomic.Int64
}

// checkpoint takes a checkpoint as soon as a row has come, and gives the time that it takes.
func (s *firstRow) checkpoint(ctx context.Context, job *weir.Job) (time.Duration, error) {
	for s.first.Load() == 0 {
		select {
		case <-job.Done():
			return 0, errors.New("the job has ended before its first row")
		case <-time.After(time.Millisecond):
		}
	}
	asked := time.Now()
	_, err := job.Checkpoint(ctx)
	return time.Since(asked), err
}

func (s *firstRow) connector() *connectors.Connector {
	return &connectors.Connector{Name: "checksum", Sink: func(*connectors.Table) (connectors.Sink, error) { return s, nil }}
}

func (s *firstRow) Open(ctx context.Context, w connectors.WriteRequest) (connectors.Writer, error) {
	inner, err := s.checksum.Open(ctx, w)
	return &firstRowWriter{inner, s}, err
}

type firstRowWriter struct {
	connectors.Writer
	sink *firstRow
}

func (w *firstRowWriter) Write(b *vec.Batch) error {
	w.sink.first.CompareAndSwap(0, int64(time.Since(w.sink.begun)))
	return w.Writer.Write(b)
}

// residentPeak gives the most memory that the process had; what the system does not say is an error.
func residentPeak() (int64, error) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, err
	}
	if text, err := os.ReadFile("/proc/self/status"); err == nil { // the other figure is inherited from the parent at first
		if _, after, ok := strings.Cut(string(text), "VmHWM:"); ok {
			var kb int64
			_, err := fmt.Sscan(after, &kb)
			return kb << 10, err
		}
	}
	return u.Maxrss << 10, nil
}
