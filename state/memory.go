package state

// memory is the budget that all tables of a job share.
type memory struct {
	limit int64
}
