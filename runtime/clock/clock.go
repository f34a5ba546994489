// Package clock tells the runtime the time. Everything that a job does by processing
// time (periodic watermarks, idleness, discovery, commits, operators' timers) asks an
// injected connectors.Clock: Real in production, Manual where a test drives time.
package clock

import "time"

// Real is the machine's clock.
type Real struct{}

// Now gives the time.
func (Real) Now() time.Time { return time.Now() }

// After is time.After.
func (Real) After(d time.Duration) <-chan time.Time { return time.After(d) }
