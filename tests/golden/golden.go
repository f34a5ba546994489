// Package golden tests SQL jobs with text files: SQL, input rows and what must come
// out stand in one place. The command "weir test" runs users' files with it, the tests
// of this package run Weir's own (below cases/).
//
// Enter at ParseFile for the format, at Runner for how a case is run: at several batch
// sizes and parallelisms, all of which must agree. docs/golden-tests.md is the
// user's guide.
package golden

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// File is one test file.
type File struct {
	Path  string
	Head  []string // comment lines before the first case
	Cases []*Case
}

// Case is one test.
type Case struct {
	Name     string
	Line     int      // of its "===" line, from 1
	Head     []string // comments under the name
	Sections []*Section
}

// Section is a headed block of a case:
//
//	-- kind argument --
type Section struct {
	Kind  string
	Arg   string
	Line  int // of its heading
	Lines []string
}

// kinds of sections, with whether they take an argument.
var kinds = map[string]struct{ needsArg, takesArg bool }{
	"sql":       {takesArg: true},                 // SQL, or a path to it
	"input":     {needsArg: true, takesArg: true}, // rows of a table
	"file":      {needsArg: true, takesArg: true}, // a file in the case's folder
	"changelog": {takesArg: true},                 // of the SELECT, or of a sink table
	"result":    {takesArg: true},                 // the same, folded
	"plan":      {takesArg: true},                 // EXPLAIN of the SELECT or of the INSERTs; "verbose" as argument
	"error":     {},                               // the whole message
	"set":       {},                               // key = value lines: settings of the runner
	"output":    {needsArg: true, takesArg: true}, // a file that the job wrote
	"metrics":   {},                               // counters of the job: late, rejected
	"restore":   {takesArg: true},                 // between input sections: the job stops, and goes on with this parallelism
}

// expectations are the kinds of sections that a run is compared with and --update
// rewrites.
func (s *Section) expectation() bool {
	switch s.Kind {
	case "changelog", "result", "plan", "error", "output", "metrics":
		return true
	}
	return false
}

// ParseFile reads a test file.
func ParseFile(path string) (*File, error) {
	body, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return Parse(path, string(body))
}

// Parse reads the text of a test file; path is for messages and for the files that it names.
func Parse(path, body string) (*File, error) {
	f := &File{Path: path}
	var c *Case
	var s *Section
	for i, line := range strings.Split(strings.TrimRight(strings.ReplaceAll(body, "\r\n", "\n"), "\n"), "\n") {
		fail := func(format string, args ...any) error {
			return fmt.Errorf("%s:%d: %s", path, i+1, fmt.Sprintf(format, args...))
		}
		if name, ok := strings.CutPrefix(line, "=== "); ok {
			c, s = &Case{Name: strings.TrimSpace(name), Line: i + 1}, nil
			f.Cases = append(f.Cases, c)
			continue
		}
		kind, arg, ok := heading(line)
		switch {
		case ok && c == nil:
			return nil, fail("a section before the first case: begin the case with a line '=== name'")
		case ok:
			k, known := kinds[kind]
			if !known {
				return nil, fail("unknown section %q: sections are %s", kind, strings.Join(slices.Sorted(maps.Keys(kinds)), ", "))
			}
			if k.needsArg && arg == "" || !k.takesArg && arg != "" {
				return nil, fail("section %q: its heading should be '-- %s%s --'", kind, kind, map[bool]string{true: " NAME"}[k.needsArg])
			}
			s = &Section{Kind: kind, Arg: arg, Line: i + 1}
			c.Sections = append(c.Sections, s)
		case s != nil:
			s.Lines = append(s.Lines, line)
		case c == nil:
			f.Head = append(f.Head, line)
		case strings.HasPrefix(line, "#"):
			c.Head = append(c.Head, line)
		case strings.TrimSpace(line) != "":
			return nil, fail("text outside a section: begin one with a line like '-- sql --'")
		}
	}
	return f, f.check()
}

// heading splits "-- kind arg --".
func heading(line string) (kind, arg string, ok bool) {
	inner, ok := strings.CutPrefix(line, "-- ")
	if !ok {
		return "", "", false
	}
	inner, ok = strings.CutSuffix(strings.TrimRight(inner, " "), " --")
	if !ok {
		return "", "", false
	}
	kind, arg, _ = strings.Cut(strings.TrimSpace(inner), " ")
	return kind, strings.TrimSpace(arg), true
}

func (f *File) check() error {
	seen := map[string]bool{}
	for _, c := range f.Cases {
		if seen[c.Name] {
			return fmt.Errorf("%s:%d: a second case named %q", f.Path, c.Line, c.Name)
		}
		seen[c.Name] = true
		if len(c.sections("sql")) == 0 {
			return fmt.Errorf("%s:%d: case %q has no '-- sql --' section", f.Path, c.Line, c.Name)
		}
		if err := f.checkRestores(c); err != nil {
			return err
		}
		expects := 0
		for _, s := range c.Sections {
			if s.expectation() {
				expects++
			}
		}
		if expects == 0 {
			return fmt.Errorf("%s:%d: case %q expects nothing: add '-- changelog --', '-- result --', '-- error --' or '-- plan --' and run with --update",
				f.Path, c.Line, c.Name)
		}
	}
	return nil
}

// sections gives the case's sections of one kind.
func (c *Case) sections(kind string) []*Section {
	var out []*Section
	for _, s := range c.Sections {
		if s.Kind == kind {
			out = append(out, s)
		}
	}
	return out
}

// Text is the section's contents without blank lines at its end.
func (s *Section) Text() string { return strings.TrimRight(strings.Join(s.Lines, "\n"), "\n ") }

// setText replaces the contents, keeping the blank line that separates cases.
func (s *Section) setText(text string) {
	blank := len(s.Lines) > 0 && strings.TrimSpace(s.Lines[len(s.Lines)-1]) == ""
	s.Lines = nil
	if text != "" {
		s.Lines = strings.Split(text, "\n")
	}
	if blank {
		s.Lines = append(s.Lines, "")
	}
}

// String prints the file as ParseFile reads it.
func (f *File) String() string {
	var b strings.Builder
	line := func(s string) { b.WriteString(s + "\n") }
	for _, l := range f.Head {
		line(l)
	}
	for _, c := range f.Cases {
		line("=== " + c.Name)
		for _, l := range c.Head {
			line(l)
		}
		for _, s := range c.Sections {
			line("-- " + strings.TrimSpace(s.Kind+" "+s.Arg) + " --")
			for _, l := range s.Lines {
				line(l)
			}
		}
	}
	return b.String()
}
