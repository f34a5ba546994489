//go:build !linux

package display

// unbuffered leaves the terminal as it is: a key counts when the line ends.
func unbuffered(int) (restore func()) { return func() {} }
