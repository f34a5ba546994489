package display

import "golang.org/x/sys/unix"

// unbuffered has a terminal give each key at once, not when the line ends, and not show it; restore puts it back.
func unbuffered(fd int) (restore func()) {
	before, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return func() {}
	}
	after := *before
	after.Lflag &^= unix.ICANON | unix.ECHO
	if unix.IoctlSetTermios(fd, unix.TCSETS, &after) != nil {
		return func() {}
	}
	return func() {
		_ = unix.IoctlSetTermios(fd, unix.TCSETS, before) // the terminal is gone: nothing is left to put back
	}
}
