package vec

// RowError says which row of a batch a kernel could not compute, and why. What runs
// kernels adds the place in the SQL, what runs operators the row's values.
type RowError struct {
	Row int
	Err error
}

func (e *RowError) Error() string { return e.Err.Error() }

// Unwrap gives the reason.
func (e *RowError) Unwrap() error { return e.Err }
