package expr

import (
	"errors"
	"fmt"
	"slices"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/udf"
	"github.com/weirstream/weir/udf/cast"
)

// Program evaluates expressions over batches. It owns scratch memory: one a goroutine.
type Program struct {
	root  *scope
	cells []*cell
	outs  []*vec.Vector
}

// Compile binds the expressions to kernels. What stands in several of them, or several
// times in one, is computed once.
func Compile(exprs []Expr, env *udf.Env) (*Program, error) {
	c := newCompiler(env)
	cells, err := c.all(exprs, c.root)
	if err != nil {
		return nil, err
	}
	return &Program{root: c.root, cells: cells, outs: make([]*vec.Vector, len(exprs))}, nil
}

// Eval computes the expressions for the rows of b that count; other rows of the results
// hold anything. The vectors belong to the program and are valid till its next Eval; a
// plain column is the batch's own vector, and equal expressions give the same vector. An
// error that concerns a row is a *vec.RowError around a *diag.Error.
func (p *Program) Eval(b *vec.Batch) ([]*vec.Vector, error) {
	p.root.f.begin(b)
	p.root.sel = b.Sel
	return evalAll(p.cells, p.outs)
}

// evalAll evaluates cells into outs, which is as long.
func evalAll(cells []*cell, outs []*vec.Vector) ([]*vec.Vector, error) {
	for i, c := range cells {
		v, err := c.eval()
		if err != nil {
			return nil, err
		}
		outs[i] = v
	}
	return outs, nil
}

type compiler struct {
	env  *udf.Env
	root *scope
	keys *keys
}

func newCompiler(env *udf.Env) *compiler {
	if env == nil {
		env = &udf.Env{}
	}
	return &compiler{env: env, root: &scope{f: &frame{}, memo: map[int]*cell{}}, keys: newKeys()}
}

// all compiles several expressions for evaluation in s.
func (c *compiler) all(exprs []Expr, s *scope) ([]*cell, error) {
	cells := make([]*cell, len(exprs))
	for i, e := range exprs {
		var err error
		if cells[i], err = c.cell(e, s); err != nil {
			return nil, err
		}
	}
	return cells, nil
}

// cell compiles e for evaluation in s, or finds the cell that computes it already.
func (c *compiler) cell(e Expr, s *scope) (*cell, error) {
	key, shared := c.keys.of(e)
	if shared {
		for at := s; at != nil; at = at.parent {
			if x, ok := at.memo[key]; ok {
				return x, nil
			}
		}
	}
	x := &cell{e: e, scope: s}
	if err := c.bind(x); err != nil {
		return nil, unbound(e, err)
	}
	if shared {
		s.memo[key] = x
	}
	return x, nil
}

// unbound gives the error of an expression that cannot be compiled its place. What a
// function refuses only now, for its constants (a date pattern, a group of a regular
// expression), is the user's to mend.
func unbound(e Expr, err error) error {
	var d *diag.Error
	if errors.As(err, &d) {
		return err
	}
	if call, ok := e.(*Call); ok {
		return diag.Errorf(e.Span(), "%s: %w", call.Fn.Name, err).WithHint("usage: %s", call.Fn.Syntax)
	}
	return fmt.Errorf("compiling %s: %w", e, err)
}

// bind makes the cell's node.
func (c *compiler) bind(x *cell) (err error) {
	switch e := x.e.(type) {
	case *Column:
		x.node, x.cheap = columnNode(e.Index), true
	case *Literal:
		x.node, x.cheap = &literalNode{value: e.Value, out: vec.New(e.T)}, true
	case *Cast:
		err = c.bindCast(x, e)
	case *Field:
		var row *cell
		if row, err = c.cell(e.X, x.scope); err == nil {
			x.node, x.cheap = &fieldNode{row: row, index: e.Index}, row.cheap
		}
	case *Case:
		err = c.bindCase(x, e)
	case *Call:
		err = c.bindCall(x, e)
	default:
		err = fmt.Errorf("no way to evaluate %T", e)
	}
	return err
}

func (c *compiler) bindCast(x *cell, e *Cast) error {
	arg, err := c.cell(e.X, x.scope)
	if err != nil {
		return err
	}
	from := e.X.Type()
	f, err := cast.Bind(from, e.T, cast.Options{Zone: c.env.Zone, Try: e.Try})
	if err != nil {
		return err
	}
	total := cast.Total(from, e.T)
	x.cheap = arg.cheap && total
	if total && cast.KeepsBits(from, e.T) {
		x.node = &relabelNode{arg: arg, as: e.T}
		return nil
	}
	x.node = &callNode{
		args: []*cell{arg}, vecs: make([]*vec.Vector, 1), out: vec.New(e.T), total: total, nullCall: from.Kind == types.Null,
		kernel: func(args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
			return f(args[0], sel, n, out)
		},
	}
	return nil
}

func (c *compiler) bindCall(x *cell, e *Call) error {
	switch e.Fn.Name {
	case "AND", "OR":
		return c.bindLogic(x, e)
	case "COALESCE":
		return c.bindCoalesce(x, e)
	}
	bind, from := kernelOf(e)
	if bind == nil {
		return fmt.Errorf("%s has no kernel", e.Fn.Name)
	}
	if !e.Fn.NullCall && hasNullLiteral(from) {
		x.node, x.cheap = &literalNode{out: vec.New(e.T)}, true
		return nil
	}
	n := &callNode{vecs: make([]*vec.Vector, len(from)), out: vec.New(e.T), nullCall: e.Fn.NullCall}
	call := udf.Call{Args: describe(from), Result: e.T, Env: c.env}
	params := make([]types.Type, len(from))
	x.cheap = true
	for i, a := range from {
		arg, err := c.cell(a, x.scope)
		if err != nil {
			return err
		}
		n.args = append(n.args, arg)
		x.cheap = x.cheap && arg.cheap
		params[i] = a.Type()
	}
	var err error
	if n.kernel, err = bind(call); err != nil {
		return err
	}
	n.total = e.Fn.Total != nil && e.Fn.Total(params)
	x.cheap = x.cheap && n.total
	x.node = n
	return nil
}

// kernelOf gives what makes the kernel of a call, and the arguments that it takes: those of the call, or, where the
// function can do without the result of the call or the conversion that is its argument, those of that.
func kernelOf(e *Call) (func(udf.Call) (udf.Kernel, error), []Expr) {
	if len(e.Args) == 1 {
		if inner, ok := e.Args[0].(*Call); ok && e.Fn.Over[inner.Fn.Name] != nil {
			return e.Fn.Over[inner.Fn.Name], inner.Args
		}
	}
	if e.Fn.Integers != nil {
		if args, ok := integers(e.Args); ok && e.Fn.Integers(udf.Call{Args: describe(args), Result: e.T}) {
			return e.Fn.Bind, args
		}
	}
	return e.Fn.Bind, e.Args
}

// integers gives arguments without the conversions of integers to a DECIMAL that holds all of them, if there are any.
func integers(args []Expr) (out []Expr, any bool) {
	out = slices.Clone(args)
	for i, a := range args {
		if c, ok := a.(*Cast); ok && c.T.Kind == types.Decimal && c.X.Type().IsInteger() && cast.Total(c.X.Type(), c.T) {
			out[i], any = c.X, true
		}
	}
	return out, any
}

func hasNullLiteral(args []Expr) bool {
	for _, a := range args {
		if l, ok := a.(*Literal); ok && l.Value == nil {
			return true
		}
	}
	return false
}
