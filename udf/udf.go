// Package udf is the registry of scalar functions: built-ins by family, and what
// users add. An entry declares a function once: its names, its typing rule, its
// kernel, its documentation. The planner looks functions up and types calls; package
// runtime/expr compiles them. Operators (+, =, LIKE, IS NULL …) are entries too, under
// their symbols.
//
// Enter at Builtins for the list and at Func for what an entry says.
package udf

import (
	"sort"
	"strings"
	"time"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// Arg is what a typing rule knows of an argument.
type Arg struct {
	Type types.Type
	// Const is the argument's boxed value (vec's boxing) where it is a literal; IsConst tells a
	// literal NULL from no literal.
	Const   any
	IsConst bool
	// JSON tells that the argument is the result of a function that makes JSON: it goes into
	// another as it is, not as a string.
	JSON bool
}

// Signature is a typed call: what the arguments are converted to before the kernel sees
// them, and what comes out.
type Signature struct {
	Params []types.Type // one an argument; converted to by implicit cast where they differ
	Result types.Type   // nullability as declared by the rule
}

// Func is one entry of the registry.
type Func struct {
	Name    string   // upper case, or the operator's symbol
	Aliases []string // other names
	Family  string   // "string", "temporal" …: a section of the documentation
	Syntax  string   // SUBSTRING(string, start[, length])
	Doc     string   // one or two sentences
	// Volatile functions (RAND, UUID, CURRENT_ROW_TIMESTAMP) are never folded to a constant;
	// a function of the query's start (CURRENT_DATE, NOW in batch) is not volatile.
	Volatile bool
	// VolatileFor, where set, decides by the number of arguments instead.
	VolatileFor func(args int) bool
	// Resolve types a call; its error is a *diag.Error without a place.
	Resolve func(args []Arg) (Signature, error)
	// Bind makes the kernel of a typed call, once per operator instance. It is nil for forms that
	// runtime/expr evaluates itself, because they do not evaluate all of their arguments (AND, OR,
	// COALESCE, IF …).
	Bind func(call Call) (Kernel, error)
	// Over makes, for a call whose only argument is a call of the function named, a kernel that takes that call's
	// arguments: what is asked of its result costs less than the result. Both functions are ordinary ones: neither NullCall nor Volatile.
	Over map[string]func(call Call) (Kernel, error)
	// Integers reports whether the kernel of a call takes an argument that was converted from an integer to a DECIMAL of scale 0 as
	// the integer that it was: with that type among call.Args. Bind gets the same call then, and Total its types; nil is for no.
	Integers func(call Call) bool
	// MakesJSON functions give JSON that other JSON functions take in as it is.
	MakesJSON bool
	// Table functions give an ARRAY, whose elements are the rows of LATERAL TABLE(f(x)): ROWs, or single values. They may stand
	// nowhere else.
	Table bool
	// NullCall functions see NULL arguments; the others give NULL when any argument is NULL, without
	// their kernel being asked.
	NullCall bool
	// Total says for which parameter types the kernel is cheap and defined for any bits that the
	// arguments can hold; it is then run over all rows, whether selected or NULL or not, with a nil
	// selection. Otherwise (nil: for none) it runs on the rows that are selected and have no NULL
	// argument (on all selected ones with NullCall).
	Total func(params []types.Type) bool
}

// Call is what a kernel is bound to: the signature, constants, and the session.
type Call struct {
	Args   []Arg // types after conversion
	Result types.Type
	Env    *Env
}

// Env is what functions know of the session and the moment.
type Env struct {
	Zone  *time.Location   // table.local-time-zone
	Now   func() time.Time // the runtime's clock
	Start time.Time        // when the job began
	// Watermark is what the operator has reached, in milliseconds, math.MinInt64 before the first; nil where no operator with a
	// watermark computes.
	Watermark func() int64
}

// Kernel computes out for the rows sel of args, which have at least n rows; sel is nil,
// for all n, only where the function is Total. out has n rows, all valid (unless it is
// nested: then it is empty, and the kernel appends n rows, with anything in rows outside
// of sel); NULL arguments are merged in afterwards. An error that concerns one row is a
// *RowError.
type Kernel func(args []*vec.Vector, sel []int32, n int, out *vec.Vector) error

// RowError says which row of the batch a kernel could not compute, and why.
type RowError = vec.RowError

// Registry finds functions by name, case-insensitively.
type Registry struct {
	byName map[string]*Func
}

// NewRegistry makes a registry of the entries; of two with the same name the later one
// counts.
func NewRegistry(families ...[]*Func) *Registry {
	r := &Registry{byName: map[string]*Func{}}
	for _, fam := range families {
		for _, f := range fam {
			r.Add(f)
		}
	}
	return r
}

// Add adds or replaces an entry.
func (r *Registry) Add(f *Func) {
	r.byName[strings.ToUpper(f.Name)] = f
	for _, a := range f.Aliases {
		r.byName[strings.ToUpper(a)] = f
	}
}

// Lookup finds an entry, or gives nil.
func (r *Registry) Lookup(name string) *Func { return r.byName[strings.ToUpper(name)] }

// Names gives every name, sorted; for "did you mean" and SHOW FUNCTIONS.
func (r *Registry) Names() []string {
	names := make([]string, 0, len(r.byName))
	for n := range r.byName {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// All gives every entry once, by family and name.
func (r *Registry) All() []*Func {
	var out []*Func
	for name, f := range r.byName {
		if name == strings.ToUpper(f.Name) {
			out = append(out, f)
		}
	}
	sort.Slice(out, func(i, j int) bool {
		if out[i].Family != out[j].Family {
			return out[i].Family < out[j].Family
		}
		return out[i].Name < out[j].Name
	})
	return out
}
