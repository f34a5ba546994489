//go:build !unix

package filesystem

import "os"

// lock does nothing where files cannot be locked.
func lock(*os.File) error { return nil }

// removeIfDead keeps the file: whether its writer lives cannot be told.
func removeIfDead(string) error { return nil }
