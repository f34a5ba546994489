package agg

import (
	"sort"
	"strings"

	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

// Registry finds aggregate functions by name, case-insensitively.
type Registry struct{ byName map[string]*Func }

// Builtins gives the aggregates of the dialect.
func Builtins() *Registry {
	r := &Registry{byName: map[string]*Func{}}
	for _, f := range append(varianceFuncs(),
		countFunc(), sumFunc(), avgFunc(), minFunc(), maxFunc(),
		firstValueFunc(), lastValueFunc(), listAggFunc(), arrayAggFunc(), collectFunc(),
		jsonObjectAggFunc(), jsonArrayAggFunc(), percentileFunc(), approxCountDistinctFunc(),
	) {
		r.Add(f)
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

// oneArg checks that there is one argument, and that accept takes its type.
func oneArg(name, takes string, args []types.Type, accept func(types.Type) bool) error {
	if len(args) != 1 {
		return diag.Errorf(diag.Span{}, "%s takes one argument, not %d", name, len(args))
	}
	if !accept(args[0]) {
		return diag.Errorf(diag.Span{}, "%s takes %s, not %s", name, takes, args[0])
	}
	return nil
}

func isNumeric(t types.Type) bool { return t.IsNumeric() }
