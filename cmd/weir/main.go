// Command weir runs streaming SQL: Flink SQL in one binary. See "weir help".
package main

import (
	"os"

	"github.com/weirstream/weir/cmd/weir/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
