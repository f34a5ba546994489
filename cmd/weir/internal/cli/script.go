package cli

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/weirstream/weir"
)

// script is SQL from a file, standard input or the command line.
type script struct {
	name string // as messages show it
	sql  string
}

// settingFlags are the flag for settings.
type settingFlags struct{ set []string }

func (f *settingFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringArrayVarP(&f.set, "set", "s", nil, "set an option, as SET does: `key=value` (may be repeated)")
}

func (f *settingFlags) options() (opts []weir.Option, err error) {
	for _, kv := range f.set {
		key, value, ok := strings.Cut(kv, "=")
		if !ok {
			return nil, usageError(fmt.Sprintf("weir: --set %s: write key=value", kv))
		}
		opts = append(opts, weir.WithSetting(strings.TrimSpace(key), strings.TrimSpace(value)))
	}
	return opts, nil
}

// sessionFlags are the flags of commands that make a session.
type sessionFlags struct {
	settingFlags
	sql         []string // -e
	parallelism int
	batchSize   int
	memory      string
	flags       *pflag.FlagSet // nil: the command has none of these
}

// given reports whether a flag is on the command line.
func (f *sessionFlags) given(flag string) bool { return f.flags != nil && f.flags.Changed(flag) }

func (f *sessionFlags) register(cmd *cobra.Command) {
	f.flags = cmd.Flags()
	cmd.Flags().StringArrayVarP(&f.sql, "execute", "e", nil, "run this SQL (may be repeated)")
	f.settingFlags.register(cmd)
	cmd.Flags().IntVarP(&f.parallelism, "parallelism", "p", 0, "parallel tasks of each stage (default: parallelism.default, or 1)")
	cmd.Flags().IntVar(&f.batchSize, "batch-size", 0, "rows of a batch (default 4096)")
	cmd.Flags().StringVar(&f.memory, "memory", "", "memory for state, as 512mb: what is more goes to disk (weir.memory)")
}

// scripts reads what the command is to run: files, '-' for standard input, -e.
func (f *sessionFlags) scripts(io_ stdio, files []string) ([]script, error) {
	var out []script
	for _, path := range files {
		var body []byte
		var err error
		if path == "-" {
			body, err = io.ReadAll(io_.in)
			path = "stdin"
		} else {
			body, err = os.ReadFile(path)
		}
		if err != nil {
			return nil, usageError(fmt.Sprintf("weir: %v\n  hint: give the path of a file with SQL, '-' for standard input, or SQL with -e", err))
		}
		out = append(out, script{path, string(body)})
	}
	for i, sql := range f.sql {
		name := "-e"
		if len(f.sql) > 1 {
			name = fmt.Sprintf("-e #%d", i+1)
		}
		out = append(out, script{name, sql})
	}
	if len(out) == 0 {
		return nil, usageError("weir: nothing to run\n  hint: give a file with SQL, or SQL with -e 'SELECT …'")
	}
	return out, nil
}

// env makes the session.
func (f *sessionFlags) env(io stdio, more ...weir.Option) (*weir.Env, error) {
	if f.given("parallelism") && f.parallelism < 1 || f.parallelism > 128 {
		return nil, usageError(fmt.Sprintf("weir: --parallelism %d: use a number from 1 to 128 (this machine has %d processors)", f.parallelism, runtime.NumCPU()))
	}
	if f.given("batch-size") && f.batchSize < 1 || f.batchSize > 1<<20 {
		return nil, usageError(fmt.Sprintf("weir: --batch-size %d: use a number from 1 to %d", f.batchSize, 1<<20))
	}
	opts := []weir.Option{
		weir.WithParallelism(f.parallelism), weir.WithBatchSize(f.batchSize),
		weir.WithStandardStreams(io.in, io.out, io.err),
	}
	if f.memory != "" {
		opts = append(opts, weir.WithSetting("weir.memory", f.memory))
	}
	settings, err := f.settingFlags.options()
	if err != nil {
		return nil, err
	}
	env, err := weir.NewEnv(append(append(opts, settings...), more...)...)
	if err != nil {
		return nil, usageError("weir: " + err.Error())
	}
	return env, nil
}
