package main

import (
	"path/filepath"
	"testing"
	"time"
)

// TestStateRuns runs the jobs of -state on little input: with a budget, a state folder and checkpoints they give what they give without.
func TestStateRuns(t *testing.T) {
	for query := range stateQueries {
		t.Run(query, func(t *testing.T) {
			plain := stateRun{Query: query, Keys: 30_000, Rows: 200_000, Random: true, Windows: 3, Parallelism: 2}
			want, err := plain.measure(t.Context(), time.Now())
			if err != nil || want.Rows == 0 || want.Peak == 0 {
				t.Fatalf("%+v, error %v", want, err)
			}
			small := plain
			small.Memory = "1mb"
			if got, err := small.measure(t.Context(), time.Now()); err != nil || got.Rows != want.Rows || got.Sum != want.Sum {
				t.Errorf("with a budget %+v, want %+v; error %v", got, want, err)
			}
			kept := plain
			kept.Dir, kept.Every, kept.Memory = filepath.Join(t.TempDir(), "state"), 20*time.Millisecond, "1mb"
			got, err := kept.measure(t.Context(), time.Now())
			if err != nil || got.Rows != want.Rows || got.Sum != want.Sum {
				t.Errorf("%+v, want %+v; error %v", got, want, err)
			}
			last := got.Checkpoints[len(got.Checkpoints)-1]
			if last.Took > time.Minute || last.Took < 0 {
				t.Errorf("the checkpoint at the end took %v", last.Took)
			}
		})
	}
}

// TestStops has a job stopped, and gone on with by another number of workers.
func TestStops(t *testing.T) {
	r := stateRun{Query: "group", Keys: 5_000, Rows: 20_000, Parallelism: 2, Dir: filepath.Join(t.TempDir(), "state"), Stops: []int{5_000, 6_000, 10_000}}
	first, err := r.measure(t.Context(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if n := len(first.Checkpoints); n != 4 || first.Checkpoints[0].Wrote == 0 || first.Checkpoints[0].Held <= 0 {
		t.Errorf("checkpoints %+v", first.Checkpoints)
	}
	r.Parallelism, r.Stops = 1, []int{20_000}
	second, err := r.measure(t.Context(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	var want result // each key's count goes to 2, then to 4
	for i := range 5_000 {
		want.add((&keyed{keys: 5_000}).key(i), 4)
	}
	if got := (result{first.Rows + second.Rows, first.Sum + second.Sum}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}
