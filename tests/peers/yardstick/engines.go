package yardstick

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/weirstream/weir/tests/peers/flink"
	"github.com/weirstream/weir/tests/peers/process"
)

// weir is the built program.
type weir struct{ path, dir string }

// buildWeir builds the program of this tree into a folder, where scripts go too.
func buildWeir(ctx context.Context, dir string) (*weir, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	w := &weir{path: filepath.Join(dir, "weir"), dir: dir}
	cmd := exec.CommandContext(ctx, "go", "build", "-o", w.path, "github.com/weirstream/weir/cmd/weir")
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building weir: %w\n%s", err, out)
	}
	return w, nil
}

// state is the folder of a job's checkpoints.
func (w *weir) state() string { return filepath.Join(w.dir, "state") }

// millis writes a time for both engines.
func millis(d time.Duration) string { return fmt.Sprintf("%d ms", d.Milliseconds()) }

// command makes the process of a job that ends with a statement.
func (w *weir) command(ctx context.Context, j *job, statement string, more ...string) (*exec.Cmd, error) {
	script := filepath.Join(w.dir, "job.sql")
	statements := []string{j.sink}
	if j.checkpoint > 0 {
		if err := os.RemoveAll(w.state()); err != nil {
			return nil, err
		}
		statements = append(statements, "SET 'execution.checkpointing.interval' = '"+millis(j.checkpoint)+"'")
		more = append(more, "--state", w.state())
	}
	if j.memory != "" {
		more = append(more, "--memory", j.memory)
	}
	text := strings.Join(append(append(statements, j.weirTables...), statement), ";\n") + ";\n"
	if err := os.WriteFile(script, []byte(text), 0o644); err != nil {
		return nil, err
	}
	return exec.CommandContext(ctx, w.path, append([]string{"run", "-q", "-p", strconv.Itoa(j.workers), script}, more...)...), nil
}

// run runs the job in a process of its own.
func (w *weir) run(ctx context.Context, j *job) (cost, error) {
	cmd, err := w.command(ctx, j, j.insert())
	if err != nil {
		return cost{}, err
	}
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	c, err := runCounted(cmd)
	if err != nil {
		return c, fmt.Errorf("running weir: %w\n%s", err, output.String())
	}
	return c, nil
}

// result gives the folded result of a job. message is what Weir says of one that it does not run.
func (w *weir) result(ctx context.Context, j *job) (res folded, message string, err error) {
	cmd, err := w.command(ctx, j, j.query, "-o", "json")
	if err != nil {
		return res, "", err
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return res, "", err
	}
	if err := cmd.Start(); err != nil {
		return res, "", err
	}
	err = res.readWeir(stdout)
	var exit *exec.ExitError
	switch werr := cmd.Wait(); {
	case errors.As(werr, &exit) && exit.ExitCode() == 2:
		return res, firstLine(stderr.String()), nil
	case werr != nil:
		return res, "", fmt.Errorf("running weir: %w\n%s", werr, stderr.String())
	}
	return res, "", err
}

// firstLine gives the message of an error without its place.
func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	if parts := strings.SplitN(line, ": ", 2); len(parts) == 2 && strings.Contains(parts[0], ".sql:") {
		return parts[1]
	}
	return line
}

// flinkEngine is a cluster that is started when it is first needed, and again after a job had to be
// given up.
type flinkEngine struct {
	in      flink.Installation
	options flink.Options
	limit   time.Duration
	cluster *flink.Cluster
	// checkpoints is the folder of those of jobs that take them.
	checkpoints string
}

func (f *flinkEngine) close() error {
	if f.cluster == nil {
		return nil
	}
	err := f.cluster.Close()
	f.cluster = nil
	return err
}

func (f *flinkEngine) ask(ctx context.Context, j *job, statements ...string) (*flink.Result, error) {
	settings := map[string]string{
		"parallelism.default":              strconv.Itoa(j.workers),
		"pipeline.auto-watermark-interval": "200 ms",
		"state.backend.type":               j.state,
	}
	if j.checkpoint > 0 {
		settings["execution.checkpointing.interval"] = millis(j.checkpoint)
		settings["execution.checkpointing.dir"] = "file://" + filepath.ToSlash(f.checkpoints)
	}
	if j.miniBatch {
		for k, v := range map[string]string{"enabled": "true", "allow-latency": "2 s", "size": "50000"} {
			settings["table.exec.mini-batch."+k] = v
		}
		settings["table.optimizer.agg-phase-strategy"] = "TWO_PHASE"
	}
	ctx, cancel := context.WithTimeout(ctx, f.limit)
	defer cancel()
	return f.cluster.Run(ctx, settings, append(j.flinkTables[:len(j.flinkTables):len(j.flinkTables)], statements...))
}

func (f *flinkEngine) begin(ctx context.Context) (err error) {
	if f.cluster == nil {
		f.cluster, err = flink.Start(ctx, f.in, f.options)
	}
	return err
}

// errFlink is given for jobs that fail in Flink or take too long.
var errFlink = errors.New("in Flink, it failed")

// run runs the job, in the JVM that has run others before.
func (f *flinkEngine) run(ctx context.Context, j *job) (cost, error) {
	if err := f.begin(ctx); err != nil {
		return cost{}, err
	}
	p := process.ID(f.cluster.PID())
	if err := errors.Join(f.cluster.CollectGarbage(ctx), p.ForgetPeak()); err != nil {
		return cost{}, err
	}
	if err := os.RemoveAll(f.checkpoints); err != nil {
		return cost{}, err
	}
	before, err := p.CPU()
	if err != nil {
		return cost{}, err
	}
	begin := time.Now()
	res, err := f.ask(ctx, j, j.sink, j.insert())
	if err != nil || res.Error != "" {
		if err == nil {
			err = errors.New(res.Error)
		}
		return cost{}, fmt.Errorf("%w: %w", errFlink, errors.Join(err, f.close()))
	}
	c := cost{wall: time.Since(begin)}
	after, err := p.CPU()
	if err != nil {
		return c, err
	}
	c.cpu = after - before
	c.peak, err = p.Peak()
	return c, err
}

// result gives the folded result of a job, or Flink's message.
func (f *flinkEngine) result(ctx context.Context, j *job) (res folded, message string, err error) {
	if err := f.begin(ctx); err != nil {
		return res, "", err
	}
	answer, err := f.ask(ctx, j, j.query)
	if err != nil {
		return res, "", err
	}
	if answer.Error != "" {
		return res, strings.ReplaceAll(answer.Error, "\n", "; "), nil
	}
	for _, r := range answer.Rows {
		if err := res.add(r.Kind, r.Values); err != nil {
			return res, "", err
		}
	}
	return res, "", nil
}
