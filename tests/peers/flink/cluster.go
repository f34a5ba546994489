package flink

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"time"
)

// opened are the JDK packages that Flink reaches into.
var opened = []string{
	"java.lang", "java.net", "java.io", "java.nio", "sun.nio.ch", "java.lang.reflect", "java.text", "java.time", "java.util",
	"java.util.concurrent", "java.util.concurrent.atomic", "java.util.concurrent.locks",
}

// logging keeps Flink silent but for errors of its own.
const logging = `rootLogger.level = OFF
`

// Options size the cluster.
type Options struct {
	Slots  int    // task slots; 8 where it is 0
	Memory string // the JVM's heap, "2g" where it is ""
	// Managed is the memory of state in RocksDB, of all slots together; "128mb" where it is "".
	Managed string
	// Brief has the JVM compile once, without optimising: many small queries take half the time, long ones more.
	Brief bool
}

// Cluster is a running Flink.
type Cluster struct {
	cmd   *exec.Cmd
	stdin io.Closer
	url   string // without a path
}

// Start runs a cluster until Close.
func Start(ctx context.Context, in Installation, o Options) (*Cluster, error) {
	if o.Slots == 0 {
		o.Slots = 8
	}
	if o.Memory == "" {
		o.Memory = "2g"
	}
	if o.Managed == "" {
		o.Managed = "128mb"
	}
	logFile := filepath.Join(in.Dir, "log4j.properties")
	if err := os.WriteFile(logFile, []byte(logging), 0o644); err != nil {
		return nil, err
	}
	args := []string{"-Xmx" + o.Memory, "-XX:+UseSerialGC", fmt.Sprintf("-Doracle.slots=%d", o.Slots), "-Doracle.managed=" + o.Managed, "-Dlog4j.configurationFile=file:" + logFile}
	if o.Brief {
		args = append(args, "-XX:TieredStopAtLevel=1")
	}
	for _, p := range opened {
		args = append(args, "--add-opens", "java.base/"+p+"=ALL-UNNAMED")
	}
	args = append(args, "-cp", in.jars()+string(os.PathListSeparator)+in.classes(), "Oracle")
	cmd := exec.CommandContext(ctx, "java", args...)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("%w: starting Java: %w", ErrMissing, err)
	}
	c := &Cluster{cmd: cmd, stdin: stdin}
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		if port, ok := strings.CutPrefix(lines.Text(), "oracle listening on "); ok {
			c.url = "http://127.0.0.1:" + port
			go io.Copy(io.Discard, stdout) //nolint:errcheck // the JVM's end ends it
			return c, nil
		}
	}
	err = cmd.Wait()
	return nil, fmt.Errorf("starting Flink: %w\n%s", err, stderr.String())
}

// PID is that of the JVM, in which all of the cluster runs.
func (c *Cluster) PID() int { return c.cmd.Process.Pid }

// CollectGarbage has the JVM do so.
func (c *Cluster) CollectGarbage(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+"/gc", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("asking Flink: %w", err)
	}
	return resp.Body.Close()
}

// Close stops the cluster.
func (c *Cluster) Close() error {
	if err := c.stdin.Close(); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- c.cmd.Wait() }()
	select {
	case err := <-done:
		return err
	case <-time.After(10 * time.Second):
		return c.cmd.Process.Kill()
	}
}

// Row is a row of a changelog; Values are JSON.
type Row struct {
	Kind   string
	Values []json.RawMessage
}

// Result is what a script's last query gave, or what was written to a table of the connector "weir-rows".
type Result struct {
	Columns []string // "name TYPE"
	Key     []int    // the columns of a table's primary key
	Rows    []Row
	Plan    string // of an explained statement
	Error   string // Flink's messages, outermost first; "" for none
}

// Run runs the statements of a script in a new session.
func (c *Cluster) Run(ctx context.Context, settings map[string]string, statements []string) (*Result, error) {
	return c.ask(ctx, "/run", settings, statements)
}

// Explain runs all statements but the last, a query or an INSERT, and gives its plan with the kinds of changes that every
// operator gives.
func (c *Cluster) Explain(ctx context.Context, settings map[string]string, statements []string) (*Result, error) {
	return c.ask(ctx, "/plan", settings, statements)
}

func (c *Cluster) ask(ctx context.Context, path string, settings map[string]string, statements []string) (*Result, error) {
	var body strings.Builder
	keys := make([]string, 0, len(settings))
	for k := range settings {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		fmt.Fprintf(&body, "set %s=%s\n", k, settings[k])
	}
	body.WriteString(strings.Join(statements, "\n;;\n"))
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+path, strings.NewReader(body.String()))
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("asking Flink: %w", err)
	}
	defer resp.Body.Close()
	return readResult(resp.Body)
}

// ReadTable reads the file of a table of the connector "weir-rows" that was written to.
func ReadTable(path string) (*Result, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readResult(f)
}

func readResult(r io.Reader) (*Result, error) {
	res := &Result{}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		kind, rest, _ := strings.Cut(lines.Text(), "\t")
		var err error
		switch kind {
		case "columns":
			res.Columns, res.Rows = nil, nil // of a later query
			err = json.Unmarshal([]byte(rest), &res.Columns)
		case "key":
			err = json.Unmarshal([]byte(rest), &res.Key)
		case "row":
			change, values, _ := strings.Cut(rest, "\t")
			row := Row{Kind: change}
			err = json.Unmarshal([]byte(values), &row.Values)
			res.Rows = append(res.Rows, row)
		case "plan":
			err = json.Unmarshal([]byte(rest), &res.Plan)
		case "error":
			err = json.Unmarshal([]byte(rest), &res.Error)
		default:
			err = fmt.Errorf("unknown line %q", lines.Text())
		}
		if err != nil {
			return nil, fmt.Errorf("reading Flink's answer: %w", err)
		}
	}
	return res, lines.Err()
}
