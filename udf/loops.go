package udf

import (
	"strconv"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

type integer interface{ int8 | int16 | int32 | int64 }

type float interface{ float32 | float64 }

type number interface{ integer | float }

func itoa(n int) string { return strconv.Itoa(n) }

// always is the Total of functions whose kernels are defined for all they take.
func always([]types.Type) bool { return true }

// fixedWidth is the Total of kernels that are so for numbers, times and booleans, but
// not for strings and nested values.
func fixedWidth(params []types.Type) bool {
	for _, t := range params {
		if p := vec.PhysOf(t); p >= vec.View {
			return false
		}
	}
	return true
}

// machineNumbers is the Total of arithmetic: decimals and timestamps in nanoseconds can overflow, and months need the
// calendar.
func machineNumbers(params []types.Type) bool {
	for _, t := range params {
		if p := vec.PhysOf(t); p == vec.Decimal || p >= vec.View || t.Kind == types.IntervalMonth || inNanos(t) {
			return false
		}
	}
	return true
}

// constNumber gives a literal's value as the kernel's type.
func constNumber[T number](a Arg) T {
	switch x := a.Const.(type) {
	case int64:
		return T(x)
	case float64:
		return T(x)
	}
	return 0
}

// bit gives 1 for true; it compiles to one instruction.
func bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}
