package udf

import "github.com/weirstream/weir/runtime/vec"

// Comparisons of numbers write their results 64 at a time. The functions for one word
// have the operator in the loop and four rows a step, which keeps the processor's
// shifter from being the limit (0.5 ns a row against 0.9); they are called through a
// value once a word.

// compareNumbers picks the kernel of an operator, with one for a literal on the right.
func compareNumbers[T number](op string, c Call) Kernel {
	if c.Args[1].IsConst {
		y := constNumber[T](c.Args[1])
		switch op {
		case "=":
			return constWords(equalConst[T], y, 0)
		case "<>":
			return constWords(equalConst[T], y, ^uint64(0))
		case "<":
			return constWords(lessConst[T], y, 0)
		case "<=":
			return constWords(lessEqualConst[T], y, 0)
		case ">":
			return constWords(greaterConst[T], y, 0)
		}
		return constWords(greaterEqualConst[T], y, 0)
	}
	switch op {
	case "=":
		return pairWords(equal[T], 0, 1, 0)
	case "<>":
		return pairWords(equal[T], 0, 1, ^uint64(0))
	case "<":
		return pairWords(less[T], 0, 1, 0)
	case ">":
		return pairWords(less[T], 1, 0, 0)
	case "<=":
		return pairWords(lessEqual[T], 0, 1, 0)
	}
	return pairWords(lessEqual[T], 1, 0, 0)
}

// constWords compares with y; flip inverts the results where it is all ones.
func constWords[T number](word func(x []T, y T) uint64, y T, flip uint64) Kernel {
	return func(args []*vec.Vector, _ []int32, n int, out *vec.Vector) error {
		a, o := vec.Values[T](args[0])[:n], out.Bits()
		for w := range o {
			o[w] = word(a[w<<6:min(w<<6+64, n)], y) ^ flip
		}
		return nil
	}
}

// pairWords compares args[l] with args[r].
func pairWords[T number](word func(x, y []T) uint64, l, r int, flip uint64) Kernel {
	return func(args []*vec.Vector, _ []int32, n int, out *vec.Vector) error {
		a, b, o := vec.Values[T](args[l])[:n], vec.Values[T](args[r])[:n], out.Bits()
		for w := range o {
			from, to := w<<6, min(w<<6+64, n)
			o[w] = word(a[from:to], b[from:to]) ^ flip
		}
		return nil
	}
}

func equal[T number](x, y []T) (w uint64) {
	if len(x) == 64 {
		x, y := (*[64]T)(x), (*[64]T)(y)
		for j := 0; j < 64; j += 4 {
			w |= (bit(x[j] == y[j]) | bit(x[j+1] == y[j+1])<<1 | bit(x[j+2] == y[j+2])<<2 | bit(x[j+3] == y[j+3])<<3) << (j & 63)
		}
		return w
	}
	for j := range x {
		w |= bit(x[j] == y[j]) << (j & 63)
	}
	return w
}

func less[T number](x, y []T) (w uint64) {
	if len(x) == 64 {
		x, y := (*[64]T)(x), (*[64]T)(y)
		for j := 0; j < 64; j += 4 {
			w |= (bit(x[j] < y[j]) | bit(x[j+1] < y[j+1])<<1 | bit(x[j+2] < y[j+2])<<2 | bit(x[j+3] < y[j+3])<<3) << (j & 63)
		}
		return w
	}
	for j := range x {
		w |= bit(x[j] < y[j]) << (j & 63)
	}
	return w
}

func lessEqual[T number](x, y []T) (w uint64) {
	if len(x) == 64 {
		x, y := (*[64]T)(x), (*[64]T)(y)
		for j := 0; j < 64; j += 4 {
			w |= (bit(x[j] <= y[j]) | bit(x[j+1] <= y[j+1])<<1 | bit(x[j+2] <= y[j+2])<<2 | bit(x[j+3] <= y[j+3])<<3) << (j & 63)
		}
		return w
	}
	for j := range x {
		w |= bit(x[j] <= y[j]) << (j & 63)
	}
	return w
}

func equalConst[T number](x []T, y T) (w uint64) {
	if len(x) == 64 {
		x := (*[64]T)(x)
		for j := 0; j < 64; j += 4 {
			w |= (bit(x[j] == y) | bit(x[j+1] == y)<<1 | bit(x[j+2] == y)<<2 | bit(x[j+3] == y)<<3) << (j & 63)
		}
		return w
	}
	for j, v := range x {
		w |= bit(v == y) << (j & 63)
	}
	return w
}

func lessConst[T number](x []T, y T) (w uint64) {
	if len(x) == 64 {
		x := (*[64]T)(x)
		for j := 0; j < 64; j += 4 {
			w |= (bit(x[j] < y) | bit(x[j+1] < y)<<1 | bit(x[j+2] < y)<<2 | bit(x[j+3] < y)<<3) << (j & 63)
		}
		return w
	}
	for j, v := range x {
		w |= bit(v < y) << (j & 63)
	}
	return w
}

func lessEqualConst[T number](x []T, y T) (w uint64) {
	if len(x) == 64 {
		x := (*[64]T)(x)
		for j := 0; j < 64; j += 4 {
			w |= (bit(x[j] <= y) | bit(x[j+1] <= y)<<1 | bit(x[j+2] <= y)<<2 | bit(x[j+3] <= y)<<3) << (j & 63)
		}
		return w
	}
	for j, v := range x {
		w |= bit(v <= y) << (j & 63)
	}
	return w
}

func greaterConst[T number](x []T, y T) (w uint64) {
	if len(x) == 64 {
		x := (*[64]T)(x)
		for j := 0; j < 64; j += 4 {
			w |= (bit(x[j] > y) | bit(x[j+1] > y)<<1 | bit(x[j+2] > y)<<2 | bit(x[j+3] > y)<<3) << (j & 63)
		}
		return w
	}
	for j, v := range x {
		w |= bit(v > y) << (j & 63)
	}
	return w
}

func greaterEqualConst[T number](x []T, y T) (w uint64) {
	if len(x) == 64 {
		x := (*[64]T)(x)
		for j := 0; j < 64; j += 4 {
			w |= (bit(x[j] >= y) | bit(x[j+1] >= y)<<1 | bit(x[j+2] >= y)<<2 | bit(x[j+3] >= y)<<3) << (j & 63)
		}
		return w
	}
	for j, v := range x {
		w |= bit(v >= y) << (j & 63)
	}
	return w
}
