package main

import (
	"os"
	"os/signal"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/weirstream/weir/cmd/weir/internal/cli"
	"github.com/weirstream/weir/runtime/checkpoint/s3/s3test"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"weir": func() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
	})
}

// TestCommands runs the scripts of testdata: commands as a user types them, with what they
// print and their exit codes.
func TestCommands(t *testing.T) {
	// Commands must not inherit that SIGHUP is ignored, where these tests themselves run under nohup.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	store := s3test.New(t).URL
	testscript.Run(t, testscript.Params{
		Dir:           "testdata",
		UpdateScripts: os.Getenv("WEIR_UPDATE") != "",
		// Golden files cannot stand in a script: their headings look like those of its files.
		Setup: func(e *testscript.Env) error {
			for key, value := range map[string]string{
				"S3": store, "AWS_ENDPOINT_URL_S3": store, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "secret", "HOME": e.WorkDir, "XDG_CACHE_HOME": e.WorkDir + "/cache",
			} {
				e.Setenv(key, value)
			}
			return os.CopyFS(e.WorkDir, os.DirFS("testdata/golden"))
		},
	})
}
