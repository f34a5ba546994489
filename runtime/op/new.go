package op

import (
	"fmt"

	"github.com/weirstream/weir/runtime/plan"
)

// New makes the operator that a plan node describes. Sources, sinks, exchanges and unions
// are not operators: package task runs them itself.
func New(n plan.Node) (Operator, error) {
	switch n := n.(type) {
	case *plan.Values:
		return newValues(n), nil
	case *plan.Filter:
		return newFilter(n), nil
	case *plan.Calc:
		return newCalc(n), nil
	case *plan.Project:
		return newProject(n), nil
	case *plan.Constrain:
		return newConstrain(n), nil
	case *plan.WindowTableFunction:
		if n.Window.Kind == plan.Session {
			return newSessionTableFunction(n)
		}
		return newWindowTableFunction(n)
	case *plan.WindowAggregate:
		if n.Window.Kind == plan.Session {
			return newSessionAggregate(n)
		}
		if n.Phase == plan.Local {
			return newLocalWindowAggregate(n)
		}
		return newWindowAggregate(n)
	case *plan.GroupAggregate:
		if n.Phase == plan.Local {
			return newLocalGroupAggregate(n)
		}
		return newGroupAggregate(n)
	case *plan.Expand:
		return newExpand(n)
	case *plan.SetOperation:
		return newSetOperation(n)
	case *plan.Over:
		return newOver(n)
	case *plan.Unnest:
		return newUnnest(n)
	case *plan.Sort:
		return newSort(n)
	case *plan.WindowTopN:
		return newWindowTopN(n)
	case *plan.TopN:
		return newTopN(n)
	case *plan.LateRows:
		return &lateRows{}, nil
	case *plan.MiniBatch:
		return newMiniBatch(n), nil
	case *plan.Normalize:
		return newNormalize(n), nil
	case *plan.Materialize:
		return newMaterialize(n), nil
	case *plan.Deduplicate:
		return newDeduplicate(n)
	}
	return nil, fmt.Errorf("no operator for a plan node of type %T", n)
}
