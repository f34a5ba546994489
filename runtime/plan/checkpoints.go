package plan

import "time"

// Checkpoints are the settings of checkpoints, and of what follows a failure.
type Checkpoints struct {
	Dir          string        // where they lie, a path or a URL, "" where the settings do not say
	From         string        // a savepoint or checkpoint to begin with, "" for none
	Store        ObjectStore   // how URLs are reached
	Interval     time.Duration // 0: only those that are asked for
	Timeout      time.Duration
	MinPause     time.Duration
	Tolerable    int
	Retain       int
	AllowDropped bool // go on although something in the checkpoint has no place in the plan
	Restart      Restart
}

// Restart says whether, and after what time, a job that has failed is started again from its newest
// checkpoint. The zero value never does. The rules are Flink's: see its restart strategies.
type Restart struct {
	Attempts int           // how many in a row at most; 0: any number
	Delay    time.Duration // before the first one; 0: the job is not restarted
	Factor   float64       // the delay grows by it, up to Most; 1: it does not
	Most     time.Duration
	Reset    time.Duration // a job that ran for so long begins with the first delay again; 0: never
	Jitter   float64       // the part of a delay by which it may be longer or shorter
}
