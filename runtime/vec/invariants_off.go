//go:build !invariants

package vec

// Invariants is set by the build tag "invariants": the runtime then overwrites borrowed
// batches after the call.
const Invariants = false
