package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/weirstream/weir/cmd/weir/internal/cli"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"weir": func() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
	})
}

// TestCommands runs the scripts of testdata: commands as a user types them, with what they
// print and their exit codes.
func TestCommands(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata",
		UpdateScripts: os.Getenv("WEIR_UPDATE") != "",
		// Golden files cannot stand in a script: their headings look like those of its files.
		Setup: func(e *testscript.Env) error { return os.CopyFS(e.WorkDir, os.DirFS("testdata/golden")) },
	})
}
