// Command peers runs the systems that Weir is measured against. It installs what it needs
// from the public package registries into a cache folder, and says so where that cannot be
// done.
//
//	go run ./tests/peers flink run job.sql          a script in Apache Flink
//	go run ./tests/peers flink check tests/golden   golden cases in Flink, compared
//	go run ./tests/peers flink fuzz -n 10000        random queries in both, compared
//	go run ./tests/peers yardstick                  Nexmark in Weir and in Flink: what it costs
//	go run ./tests/peers kinesis                    weir streams serve and kinesalite: what they do
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"

	"github.com/weirstream/weir/tests/peers/flink"
	"github.com/weirstream/weir/tests/peers/kinesalite"
	"github.com/weirstream/weir/tests/peers/yardstick"
)

const usage = `usage:
  peers flink run FILE               run a script in Apache Flink and print its changelogs
  peers flink check [-adopt] PATH…   run golden cases in Flink too, and compare
  peers flink fuzz [-n N] [-seed S]  run random queries in both, and compare
  peers yardstick [flags]            measure Nexmark's queries in both (-h: the flags)
  peers kinesis [flags]              measure weir streams serve and kinesalite (-h: the flags)
`

// errUsage is given for arguments that name no command.
var errUsage = errors.New("wrong arguments")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	switch {
	case errors.Is(err, flink.ErrMissing), errors.Is(err, kinesalite.ErrMissing):
		fmt.Fprintf(os.Stderr, "skipped: %v\n", err)
	case errors.Is(err, errUsage):
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	case err != nil:
		fmt.Fprintf(os.Stderr, "peers: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) > 0 {
		switch args[0] {
		case "yardstick":
			return yardstick.Run(ctx, args[1:], os.Stdout, os.Stderr)
		case "kinesis":
			return kinesalite.Run(ctx, args[1:], os.Stdout, os.Stderr)
		case kinesalite.NullCommand: // started by the one above
			return kinesalite.Null(ctx, os.Stdin, os.Stdout)
		}
	}
	if len(args) < 2 || args[0] != "flink" || args[1] != "fuzz" && len(args) < 3 {
		return errUsage
	}
	in, err := flink.Install(ctx, os.Stderr)
	if err != nil {
		return err
	}
	switch args[1] {
	case "fuzz":
		return fuzzFlink(ctx, in, args[2:])
	case "check":
		return checkFlink(ctx, in, args[2:])
	case "run":
		return runScript(ctx, in, args[2])
	}
	return errUsage
}
