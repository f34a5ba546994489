package udf

import (
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/udf/jsonpath"
)

// jsonQueryRule is JSON_QUERY(json, path[, NULL of the type, wrapper, on empty, on
// error]).
func jsonQueryRule(args []Arg) (Signature, error) {
	if len(args) != 2 && len(args) != 6 {
		return Signature{}, wrongCount(len(args), 2, 2)
	}
	s, err := jsonPathRule(mayGiveNull(types.String(), strArg(), strArg()))(args[:2])
	if err != nil || len(args) == 2 {
		return s, err
	}
	t := args[2].Type.WithNull()
	isList := t.Kind == types.Array && t.Elem.IsString()
	if !t.IsString() && !isList {
		return s, diag.Unsupported(diag.Span{}, "JSON_QUERY RETURNING %s", t)
	}
	for _, a := range args[3:] {
		if x, _ := a.constString(); isList && x == "EMPTY OBJECT" {
			return s, diag.Errorf(diag.Span{}, "EMPTY OBJECT is no %s", t)
		}
	}
	s.Result = t
	for _, a := range args[2:] {
		s.Params = append(s.Params, a.Type)
	}
	return s, nil
}

// jsonQuery evaluates JSON_QUERY.
type jsonQuery struct {
	paths                     *paths
	doc                       jsonpath.Document
	wrapper, onEmpty, onError string
	scratch                   []byte
}

func bindJSONQuery(c Call) (Kernel, error) {
	ps, err := newPaths(c)
	if err != nil {
		return nil, err
	}
	q := &jsonQuery{paths: ps}
	if len(c.Args) == 6 {
		q.wrapper, _ = c.Args[3].constString()
		q.onEmpty, _ = c.Args[4].constString()
		q.onError, _ = c.Args[5].constString()
	}
	if c.Result.Kind == types.Array {
		return lists(q.appendList)
	}
	return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		for _, i := range sel {
			r := row{args, int(i)}
			text, ok, err := q.text(r)
			if err != nil {
				return &RowError{Row: r.i, Err: err}
			}
			if ok {
				out.SetBytes(r.i, text)
			} else {
				out.SetNull(r.i)
			}
		}
		return nil
	}, nil
}

// result is what JSON_QUERY found: nodes, in brackets where they are a list.
type result struct {
	nodes []int32
	list  bool
}

func (q *jsonQuery) find(r row) (res result, o outcome, err error) {
	p, err := q.paths.get(r.bytes(1))
	if err != nil {
		return res, failed, err
	}
	missing := failed
	if p.Lax {
		missing = empty
	}
	if err := q.doc.Parse(r.bytes(0)); err != nil {
		return res, missing, err
	}
	nodes, ok := q.doc.Find(p)
	if !ok || p.IsPlain() && q.doc.Kind(nodes[0]) == jsonpath.Null {
		return res, missing, errNoValue
	}
	isList := !p.IsPlain() || q.doc.Kind(nodes[0]) == jsonpath.Array
	isScalar := p.IsPlain() && q.doc.Kind(nodes[0]) < jsonpath.Array
	switch {
	case q.wrapper == "WITH UNCONDITIONAL", q.wrapper == "WITH CONDITIONAL" && !isList:
		return result{nodes, true}, found, nil
	case isScalar:
		return res, missing, errIsScalar
	}
	return result{nodes, !p.IsPlain()}, found, nil
}

// text gives the JSON of a row, or false for NULL.
func (q *jsonQuery) text(r row) ([]byte, bool, error) {
	if r.isNull(0) || r.isNull(1) {
		return nil, false, nil
	}
	res, o, err := q.find(r)
	if o != found {
		switch q.behaviour(o) {
		case "ERROR":
			return nil, false, err
		case "EMPTY ARRAY":
			return []byte("[]"), true, nil
		case "EMPTY OBJECT":
			return []byte("{}"), true, nil
		}
		return nil, false, nil
	}
	dst := q.scratch[:0]
	// An indefinite path's list in an unconditional wrapper is a list of one list.
	p, _ := q.paths.get(r.bytes(1))
	double := res.list && !p.IsPlain() && q.wrapper == "WITH UNCONDITIONAL"
	if double {
		dst = append(dst, '[')
	}
	if res.list {
		dst = append(dst, '[')
	}
	for k, id := range res.nodes {
		if k > 0 {
			dst = append(dst, ',')
		}
		dst = q.doc.Append(dst, id)
	}
	if res.list {
		dst = append(dst, ']')
	}
	if double {
		dst = append(dst, ']')
	}
	q.scratch = dst
	return dst, true, nil
}

func (q *jsonQuery) behaviour(o outcome) string {
	if o == empty {
		return q.onEmpty
	}
	return q.onError
}

// appendList is JSON_QUERY RETURNING ARRAY<STRING>: scalars as text, others as JSON.
func (q *jsonQuery) appendList(r row, out *vec.Vector) (bool, error) {
	if r.isNull(0) || r.isNull(1) {
		return false, nil
	}
	res, o, err := q.find(r)
	if o == found && !res.list {
		if q.doc.Kind(res.nodes[0]) != jsonpath.Array {
			o, err = failed, errNotArray
		} else {
			res.nodes = q.doc.Elements(nil, res.nodes[0])
		}
	}
	if o != found {
		switch q.behaviour(o) {
		case "ERROR":
			return false, err
		case "EMPTY ARRAY":
			return true, nil
		}
		return false, nil
	}
	elems := out.Child(0)
	for _, id := range res.nodes {
		switch kind := q.doc.Kind(id); {
		case kind == jsonpath.Null:
			elems.AppendNull()
		case kind >= jsonpath.Array:
			q.scratch = q.doc.Append(q.scratch[:0], id)
			elems.AppendBytes(q.scratch)
		default:
			q.scratch = q.doc.Text(q.scratch[:0], id)
			elems.AppendBytes(q.scratch)
		}
	}
	return true, nil
}

// bindJSONExists is JSON_EXISTS(json, path[, on error]).
func bindJSONExists(c Call) (Kernel, error) {
	ps, err := newPaths(c)
	if err != nil {
		return nil, err
	}
	onError := ""
	if len(c.Args) == 3 {
		onError, _ = c.Args[2].constString()
	}
	var doc jsonpath.Document
	return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		for _, i := range sel {
			r := row{args, int(i)}
			ok, err := jsonExists(&doc, ps, r)
			if err == nil {
				out.SetBool(r.i, ok)
				continue
			}
			switch onError {
			case "ERROR":
				return &RowError{Row: r.i, Err: err}
			case "UNKNOWN":
				out.SetNull(r.i)
			default:
				out.SetBool(r.i, onError == "TRUE")
			}
		}
		return nil
	}, nil
}

func jsonExists(doc *jsonpath.Document, ps *paths, r row) (bool, error) {
	p, err := ps.get(r.bytes(1))
	if err != nil {
		return false, err
	}
	ok := false
	if p.IsPlain() {
		var f jsonpath.Found
		f, ok, err = p.Lookup(r.bytes(0))
		ok = ok && f.Kind != jsonpath.Null
	} else if err = doc.Parse(r.bytes(0)); err == nil {
		_, ok = doc.Find(p)
	}
	switch {
	case p.Lax:
		return ok && err == nil, nil
	case err == nil && !ok:
		return false, errNoValue
	}
	return ok, err
}
