//go:build modules

package house

// This file is never built. It keeps a version of genproto in go.mod that is newer than the one that cockroachdb/errors asks for: that one still has
// packages which have become a module of their own since, so that `go mod tidy` of a program that imports Weir finds them twice and gives up.
import _ "google.golang.org/genproto/googleapis/type/date"
