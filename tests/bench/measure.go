package main

import (
	"fmt"
	"runtime"
	"syscall"
	"time"
)

// result is what a program gives: how many rows came out, and a checksum over them.
type result struct {
	rows int64
	sum  uint64
}

// add adds a row of BIGINT columns to the checksum. The order of rows does not matter, that of
// columns does.
func (r *result) add(columns ...int64) {
	r.rows++
	for i, x := range columns {
		r.sum += uint64(x) * weight(i)
	}
}

// weight is the odd factor of column i in a checksum.
func weight(i int) uint64 { return 2*uint64(i)*0x9e3779b97f4a7c15 + 1 }

// best keeps the best of several runs of one program.
type best struct {
	cpu, wall time.Duration
	result    result
}

// run measures one run. All runs must give the same result.
func (b *best) run(program func() (result, error)) error {
	runtime.GC()
	start, cpu := time.Now(), cpuTime()
	res, err := program()
	wall, used := time.Since(start), cpuTime()-cpu
	if err != nil {
		return err
	}
	if b.cpu == 0 {
		b.cpu, b.wall, b.result = used, wall, res
	}
	if res != b.result {
		return fmt.Errorf("two runs gave different results: %v and %v", b.result, res)
	}
	b.cpu, b.wall = min(b.cpu, used), min(b.wall, wall)
	return nil
}

// cpuTime is what all threads of the process have used so far.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // RUSAGE_SELF cannot fail
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
