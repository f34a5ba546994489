package weir_test

import (
	"context"
	"strings"
	"testing"

	"github.com/weirstream/weir"
	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/udf"
)

// ownFunc is a function of one BIGINT with the given kernel.
func ownFunc(name string, result types.Type, kernel udf.Kernel) *udf.Func {
	return &udf.Func{
		Name: name, Family: "own", Syntax: name + "(n)", Doc: "A function of the test.",
		Resolve: func([]udf.Arg) (udf.Signature, error) {
			return udf.Signature{Params: []types.Type{types.New(types.BigInt)}, Result: result}, nil
		},
		Bind: func(udf.Call) (udf.Kernel, error) { return kernel, nil },
	}
}

// TestFaultyFunctions: what is wrong in a function of the program's own is an error with its name, not the program's end.
func TestFaultyFunctions(t *testing.T) {
	bigint := types.New(types.BigInt)
	boom := ownFunc("BOOM", bigint, func([]*vec.Vector, []int32, int, *vec.Vector) error { panic("out of order") })
	short := ownFunc("SHORT", types.ArrayOf(bigint), func([]*vec.Vector, []int32, int, *vec.Vector) error { return nil })
	unbound := ownFunc("UNBOUND", bigint, nil)
	env, err := weir.NewEnv(weir.WithFunction(boom), weir.WithFunction(short), weir.WithFunction(unbound))
	if err != nil {
		t.Fatal(err)
	}
	type number struct{ N int64 }
	if err := weir.FromSlice(env, "numbers", []number{{1}, {2}}); err != nil {
		t.Fatal(err)
	}
	for sql, want := range map[string]string{
		"SELECT BOOM(n) FROM numbers":    "function BOOM panicked: out of order",
		"SELECT BOOM(1)":                 "function BOOM panicked: out of order",
		"SELECT SHORT(n) FROM numbers":   "function SHORT gave 0 values for 2 rows",
		"SELECT UNBOUND(n) FROM numbers": "function UNBOUND: Bind gave no kernel",
	} {
		if err := outcome(t.Context(), env, sql); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", sql, err, want)
		}
	}
}

// outcome runs a query to its end.
func outcome(ctx context.Context, env *weir.Env, sql string) error {
	res, err := env.ExecuteSQL(ctx, sql)
	if err != nil {
		return err
	}
	for _, err := range res.Rows() {
		if err != nil {
			return err
		}
	}
	return nil
}

func TestOptionsThatCannotWork(t *testing.T) {
	for want, o := range map[string]weir.Option{
		"the function is nil":                                weir.WithFunction(nil),
		"the function has no Name":                           weir.WithFunction(&udf.Func{}),
		"function NOTHING needs both Resolve and Bind":       weir.WithFunction(&udf.Func{Name: "NOTHING"}),
		"the connector is nil":                               weir.WithConnector((*connectors.Connector)(nil)),
		"a parallelism of -1: use a number from 1 to 128":    weir.WithParallelism(-1),
		"batches of -1 rows: use a number from 1 to 1048576": weir.WithBatchSize(-1),
		"there is no option 'no.such'":                       weir.WithSetting("no.such", "x"),
	} {
		if _, err := weir.NewEnv(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// TestClosedChannel: a job that writes to a channel that the program has closed fails, and says how to do it.
func TestClosedChannel(t *testing.T) {
	type number struct{ N int64 }
	env, err := weir.NewEnv()
	if err != nil {
		t.Fatal(err)
	}
	closed := make(chan weir.Change[number])
	close(closed)
	if err := weir.ToChannel(env, "closed", closed); err != nil {
		t.Fatal(err)
	}
	res, err := env.ExecuteSQL(t.Context(), "INSERT INTO closed VALUES (1)")
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Job().Wait(t.Context()); err == nil || !strings.Contains(err.Error(), "the channel of ToChannel is closed: close it after Job().Done()") {
		t.Error(err)
	}
}
