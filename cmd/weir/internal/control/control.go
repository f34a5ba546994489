// Package control lets one command tell the job of another what to do: take a savepoint, stop, drain. The
// process that runs the job listens on a Unix socket; the file "control" in the state folder says where. (The socket is not in
// that folder itself because the path of a socket may not be long.)
//
// Enter at Serve for the job's side, at Call for the other.
package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// Request is what is asked for: one line of JSON.
type Request struct {
	Do string `json:"do"`           // "savepoint", "stop", "drain"
	To string `json:"to,omitempty"` // the folder of the savepoint, an absolute path
}

// What may be asked for.
const (
	Savepoint = "savepoint"
	Stop      = "stop" // with a savepoint if To is set
	Drain     = "drain"
)

// Answer is what became of it.
type Answer struct {
	Checkpoint int64  `json:"checkpoint,omitempty"`
	Error      string `json:"error,omitempty"`
}

// Job is what can be told what to do. weir.Job is one.
type Job interface {
	Savepoint(ctx context.Context, dir string) (int64, error)
	StopWithSavepoint(ctx context.Context, dir string) (int64, error)
	Stop() error
	Drain()
	Wait(ctx context.Context) error
	Done() <-chan struct{}
}

func fileIn(stateDir string) string { return filepath.Join(stateDir, "control") }

// Serve answers requests for the job that has the state folder until stop is called.
func Serve(stateDir string, job Job) (stop func(), err error) {
	dir, err := os.MkdirTemp("", "weir-")
	if err != nil {
		return nil, fmt.Errorf("listening for commands: %w", err)
	}
	path := filepath.Join(dir, "control.sock")
	l, err := net.Listen("unix", path)
	if err == nil {
		err = os.WriteFile(fileIn(stateDir), []byte(path+"\n"), 0o600)
	}
	if err != nil {
		if l != nil {
			err = errors.Join(err, l.Close())
		}
		return nil, errors.Join(fmt.Errorf("listening for commands: %w", err), os.RemoveAll(dir))
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wait sync.WaitGroup
	wait.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wait.Go(func() { serve(ctx, c, job) })
		}
	})
	return func() {
		// What is being answered gets its answer: the job has ended.
		_ = l.Close()
		_ = os.Remove(fileIn(stateDir))
		wait.Wait()
		cancel()
		_ = os.RemoveAll(dir)
	}, nil
}

// serve answers one request. Whoever asks may go away; the job does what it was told.
func serve(ctx context.Context, c net.Conn, job Job) {
	defer func() { _ = c.Close() }()
	line := make(chan string, 1)
	go func() {
		text, err := bufio.NewReader(c).ReadString('\n')
		if err == nil {
			line <- text
		}
		close(line)
	}()
	var r Request
	select {
	case text, ok := <-line:
		if !ok {
			return
		}
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			answer(c, Answer{Error: "a request that is no JSON: " + err.Error()})
			return
		}
	case <-job.Done():
		return
	}
	id, err := do(ctx, r, job)
	a := Answer{Checkpoint: id}
	if err != nil {
		a.Error = err.Error()
	}
	answer(c, a)
}

func answer(c net.Conn, a Answer) { _ = json.NewEncoder(c).Encode(a) }

func do(ctx context.Context, r Request, job Job) (int64, error) {
	switch {
	case r.Do == Savepoint:
		return job.Savepoint(ctx, r.To)
	case r.Do == Stop && r.To != "":
		id, err := job.StopWithSavepoint(ctx, r.To)
		if err == nil {
			<-job.Done()
		}
		return id, err
	case r.Do == Stop:
		return 0, job.Stop()
	case r.Do == Drain:
		job.Drain()
		return 0, job.Wait(ctx)
	}
	return 0, fmt.Errorf("there is nothing called '%s' that a job can do", r.Do)
}

// ErrNoJob says that no job runs with the state folder.
var ErrNoJob = errors.New("no job is running")

// Call asks the job that has the state folder for something and waits for the answer.
func Call(ctx context.Context, stateDir string, r Request) (Answer, error) {
	path, err := os.ReadFile(fileIn(stateDir))
	if err != nil {
		return Answer{}, fmt.Errorf("%w in '%s'", ErrNoJob, stateDir)
	}
	c, err := (&net.Dialer{}).DialContext(ctx, "unix", strings.TrimSpace(string(path)))
	if err != nil {
		return Answer{}, fmt.Errorf("%w in '%s'", ErrNoJob, stateDir)
	}
	defer func() { _ = c.Close() }()
	defer context.AfterFunc(ctx, func() { _ = c.Close() })()
	if err := json.NewEncoder(c).Encode(r); err != nil {
		return Answer{}, fmt.Errorf("telling the job: %w", err)
	}
	var a Answer
	if err := json.NewDecoder(c).Decode(&a); err != nil {
		return a, fmt.Errorf("waiting for the job's answer: %w", err)
	}
	if a.Error != "" {
		return a, errors.New(a.Error)
	}
	return a, nil
}
