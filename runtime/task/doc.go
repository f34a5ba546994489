// Package task runs physical plans. It cuts a plan at its exchanges into stages, runs
// every stage as parallel tasks of one goroutine each, and chains a stage's operators by
// direct calls. Tasks are joined by exchanges: bounded queues that carry batches, watermarks
// and barriers in order. The package merges watermarks, aligns barriers, assigns
// splits to source tasks, drives timers, commits sinks, and stops or fails as a whole.
//
// Enter at Start. cut.go makes stages of a plan, build.go tasks of stages; port.go says how
// the members of a chain call each other; inbox.go and sender.go are the two ends of an
// exchange. docs/design/runtime.md gives the reasons.
package task
