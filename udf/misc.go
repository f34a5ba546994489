package udf

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	mathrand "math/rand/v2"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

func miscFuncs() []*Func {
	return []*Func{
		{
			Name: "TYPEOF", Family: "conversion", Syntax: "TYPEOF(value)", NullCall: true, Resolve: mayGiveNull(types.String(), anyArg(), boolArg().opt()),
			Bind: bindTypeOf, Doc: "The name of the value's type.",
		},
		{ // the planner puts the name in its place
			Name: "CURRENT_DATABASE", Family: "conversion", Syntax: "CURRENT_DATABASE()", Resolve: neverNull(returns(types.String())),
			Doc: "The name of the current database.",
		},
		{
			Name: "UUID", Family: "arithmetic", Syntax: "UUID()", Volatile: true, Resolve: neverNull(returns(types.Type{Kind: types.Char, Length: 36})),
			Bind: bindUUID, Doc: "A random UUID (RFC 9562, version 4).",
		},
		{
			Name: "RAND", Family: "arithmetic", Syntax: "RAND([seed])", Volatile: true, Resolve: neverNull(returns(types.New(types.Double), intArg().opt())),
			Bind: bindRand, Doc: "A random number from 0 to 1; the same sequence for the same seed.",
		},
		{
			Name: "RAND_INTEGER", Family: "arithmetic", Syntax: "RAND_INTEGER([seed,] bound)", Volatile: true, Resolve: returns(types.New(types.Int), intArg(), intArg().opt()),
			Bind: bindRandInteger, Doc: "A random integer from 0 to below the bound; the same sequence for the same seed.",
		},
	}
}

var errBound = errors.New("the bound of RAND_INTEGER must be positive")

func bindTypeOf(c Call) (Kernel, error) {
	name := []byte(c.Args[0].Type.String())
	return func(_ []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		for _, i := range sel {
			out.SetBytes(int(i), name)
		}
		return nil
	}, nil
}

func bindUUID(Call) (Kernel, error) {
	return func(_ []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		var id [16]byte
		var text [36]byte
		for _, i := range sel {
			if _, err := rand.Read(id[:]); err != nil {
				return err
			}
			id[6], id[8] = id[6]&0x0F|0x40, id[8]&0x3F|0x80
			at := 0
			for k, part := range [][]byte{id[:4], id[4:6], id[6:8], id[8:10], id[10:]} {
				if k > 0 {
					text[at] = '-'
					at++
				}
				at += hex.Encode(text[at:], part)
			}
			out.SetBytes(int(i), text[:])
		}
		return nil
	}, nil
}

// generator gives the seeded generator of a literal first argument, or a random one.
func generator(c Call, seeded bool) *mathrand.Rand {
	if seeded {
		if seed, ok := c.Args[0].constInt(); ok {
			return mathrand.New(mathrand.NewPCG(uint64(seed), 0))
		}
	}
	return mathrand.New(mathrand.NewPCG(mathrand.Uint64(), mathrand.Uint64()))
}

func bindRand(c Call) (Kernel, error) {
	rng := generator(c, len(c.Args) == 1)
	return func(_ []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		o := vec.Values[float64](out)
		for _, i := range sel {
			o[i] = rng.Float64()
		}
		return nil
	}, nil
}

func bindRandInteger(c Call) (Kernel, error) {
	rng := generator(c, len(c.Args) == 2)
	bound := len(c.Args) - 1
	return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		o := vec.Values[int32](out)
		for _, i := range sel {
			n := row{args, int(i)}.int(bound)
			if n <= 0 {
				return &RowError{Row: int(i), Err: errBound}
			}
			o[i] = int32(rng.Int64N(n))
		}
		return nil
	}, nil
}
