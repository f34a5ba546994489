package udf

import (
	"bytes"
	"errors"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/udf/javaregex"
)

func regexpFuncs() []*Func {
	const fam = "regular expression"
	text, integer, boolean := types.String(), types.New(types.Int), types.New(types.Boolean)
	return []*Func{
		{
			Name: "LIKE", Family: "comparison", Syntax: "string LIKE pattern [ESCAPE character]", Resolve: returns(boolean, strArg(), strArg(), strArg().opt()),
			Bind: bindLike, Doc: "Whether the whole string fits the pattern: % stands for any characters, _ for one.",
		},
		{
			Name: "SIMILAR TO", Family: "comparison", Syntax: "string SIMILAR TO pattern [ESCAPE character]", Resolve: returns(boolean, strArg(), strArg(), strArg().opt()),
			Bind: bindSimilar, Doc: "Whether the whole string fits the SQL regular expression.",
		},
		{
			Name: "REGEXP", Aliases: []string{"RLIKE"}, Family: fam, Syntax: "REGEXP(string, regex)", Resolve: regexRule(returns(boolean, strArg(), strArg())),
			Bind: bindRegexp, Doc: "Whether some part of the string matches Java's regular expression.",
		},
		{
			Name: "REGEXP_EXTRACT", Family: fam, Syntax: "REGEXP_EXTRACT(string, regex[, group])", Resolve: regexRule(mayGiveNull(text, strArg(), strArg(), intArg().opt())),
			Bind: bindRegexpExtract, Doc: "The group (0: all) of the first match; NULL where nothing matches.",
		},
		{
			Name: "REGEXP_SUBSTR", Family: fam, Syntax: "REGEXP_SUBSTR(string, regex)", Resolve: regexRule(mayGiveNull(text, strArg(), strArg())),
			Bind: bindRegexpExtract, Doc: "The first match; NULL where nothing matches.",
		},
		{
			Name: "REGEXP_REPLACE", Family: fam, Syntax: "REGEXP_REPLACE(string, regex, by)", Resolve: replaceRule,
			Bind: bindRegexpReplace, Doc: "The string with every match replaced; $ and backslash in the replacement stand for themselves.",
		},
		{
			Name: "REGEXP_COUNT", Family: fam, Syntax: "REGEXP_COUNT(string, regex)", Resolve: regexRule(mayGiveNull(integer, strArg(), strArg())),
			Bind: bindRegexpCount, Doc: "How many times the expression matches.",
		},
		{
			Name: "REGEXP_INSTR", Family: fam, Syntax: "REGEXP_INSTR(string, regex)", Resolve: regexRule(mayGiveNull(integer, strArg(), strArg())),
			Bind: bindRegexpInstr, Doc: "Where the first match begins, from 1; 0 where nothing matches.",
		},
		{
			Name: "REGEXP_EXTRACT_ALL", Family: fam, Syntax: "REGEXP_EXTRACT_ALL(string, regex[, group])",
			Resolve: regexRule(mayGiveNull(types.ArrayOf(text), strArg(), strArg(), intArg().opt())),
			Bind:    bindRegexpExtractAll, Doc: "The group (1) of every match.",
		},
	}
}

// regexRule refuses a literal expression that does not compile.
func regexRule(r rule) rule {
	return func(args []Arg) (Signature, error) {
		s, err := r(args)
		if err != nil {
			return s, err
		}
		if p, ok := args[1].constString(); ok {
			if _, err := javaregex.Compile(p); err != nil {
				return s, diag.Errorf(diag.Span{}, "%w", err)
			}
		}
		return s, nil
	}
}

// replaceRule is that of REGEXP_REPLACE: an expression that is no literal may be invalid.
func replaceRule(args []Arg) (Signature, error) {
	s, err := regexRule(returns(types.String(), strArg(), strArg(), strArg()))(args)
	if err == nil && !args[1].IsConst {
		s.Result = s.Result.WithNull()
	}
	return s, err
}

// regexes compiles argument k: a literal once, others when they change.
type regexes struct {
	k    int
	last []byte
	re   *javaregex.Regexp
	err  error
	lit  bool
}

func newRegexes(c Call, k int) (*regexes, error) {
	rs := &regexes{k: k}
	if p, ok := c.Args[k].constString(); ok {
		rs.re, rs.err = javaregex.Compile(p)
		rs.lit = true
	}
	return rs, rs.err
}

func (rs *regexes) of(r row) (*javaregex.Regexp, error) {
	if rs.lit {
		return rs.re, nil
	}
	if p := r.bytes(rs.k); rs.re == nil && rs.err == nil || !bytes.Equal(p, rs.last) {
		rs.last = append(rs.last[:0], p...)
		rs.re, rs.err = javaregex.Compile(string(p))
	}
	return rs.re, rs.err
}

// regexKernel runs f for each row with its expression. Rows whose expression is invalid
// are NULL (REGEXP: FALSE), as in Flink; one that takes too long fails.
func regexKernel(c Call, f func(r row, re *javaregex.Regexp, out *vec.Vector) error) (Kernel, error) {
	rs, err := newRegexes(c, 1)
	if err != nil {
		return nil, err
	}
	return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		for _, i := range sel {
			r := row{args, int(i)}
			re, err := rs.of(r)
			switch {
			case err != nil && out.Phys() == vec.Bool:
				out.SetBool(int(i), false)
				continue
			case err != nil:
				out.SetNull(int(i))
				continue
			}
			if err := f(r, re, out); err != nil {
				return &RowError{Row: int(i), Err: err}
			}
		}
		return nil
	}, nil
}

func bindRegexp(c Call) (Kernel, error) {
	return regexKernel(c, func(r row, re *javaregex.Regexp, out *vec.Vector) error {
		if len(r.bytes(1)) == 0 { // an empty expression is found nowhere, as in Flink
			out.SetBool(r.i, false)
			return nil
		}
		ok, err := re.Match(r.bytes(0))
		out.SetBool(r.i, ok)
		return err
	})
}

// group is the optional third argument.
func group(r row, byDefault int64) int64 {
	if r.has(2) {
		return r.int(2)
	}
	return byDefault
}

// bindRegexpExtract shares the matched bytes with the input.
func bindRegexpExtract(c Call) (Kernel, error) {
	rs, err := newRegexes(c, 1)
	if err != nil {
		return nil, err
	}
	if g, ok := literalGroup(c); ok && rs.re != nil && (g < 0 || g > int64(rs.re.Groups())) {
		return nil, errors.New("the regular expression has no such group")
	}
	var failed error
	k, err := part(0, func(r row, s []byte) (int, int) {
		re, err := rs.of(r)
		if err != nil {
			return -1, 0
		}
		loc, err := re.Find(s)
		g := group(r, 0)
		if err != nil && failed == nil {
			failed = &RowError{Row: r.i, Err: err}
		}
		if loc == nil || g < 0 || g > int64(re.Groups()) {
			return -1, 0
		}
		return loc[2*g], loc[2*g+1]
	})(c)
	return func(args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
		if failed = nil; err != nil {
			return err
		}
		if err := k(args, sel, n, out); err != nil {
			return err
		}
		return failed
	}, err
}

func literalGroup(c Call) (int64, bool) {
	if len(c.Args) < 3 {
		return 0, false
	}
	return c.Args[2].constInt()
}

func bindRegexpReplace(c Call) (Kernel, error) {
	var scratch []byte
	return regexKernel(c, func(r row, re *javaregex.Regexp, out *vec.Vector) error {
		s, by, at := r.bytes(0), r.bytes(2), 0
		scratch = scratch[:0]
		err := re.Each(s, func(loc []int) bool {
			scratch = append(append(scratch, s[at:loc[0]]...), by...)
			at = loc[1]
			return len(scratch) < longest
		})
		if err == nil && len(scratch) >= longest {
			err = errTooLong
		}
		scratch = append(scratch, s[at:]...)
		out.SetBytes(r.i, scratch)
		return err
	})
}

func bindRegexpCount(c Call) (Kernel, error) {
	return regexKernel(c, func(r row, re *javaregex.Regexp, out *vec.Vector) error {
		n := int32(0)
		err := re.Each(r.bytes(0), func([]int) bool {
			n++
			return true
		})
		vec.Values[int32](out)[r.i] = n
		return err
	})
}

func bindRegexpInstr(c Call) (Kernel, error) {
	return regexKernel(c, func(r row, re *javaregex.Regexp, out *vec.Vector) error {
		s := r.bytes(0)
		loc, err := re.Find(s)
		n := 0
		if loc != nil {
			n = len(bytes.Runes(s[:loc[0]])) + 1
		}
		vec.Values[int32](out)[r.i] = int32(n)
		return err
	})
}

func bindRegexpExtractAll(c Call) (Kernel, error) {
	rs, err := newRegexes(c, 1)
	if err != nil {
		return nil, err
	}
	return lists(func(r row, out *vec.Vector) (bool, error) {
		re, err := rs.of(r)
		g := group(r, 1)
		if err != nil || g < 0 || g > int64(re.Groups()) {
			return false, nil
		}
		s := r.bytes(0)
		return true, re.Each(s, func(loc []int) bool {
			if from := loc[2*g]; from >= 0 {
				out.Child(0).AppendBytes(s[from:loc[2*g+1]])
			} else {
				out.Child(0).AppendNull()
			}
			return true
		})
	})
}

// lists is for functions with an ARRAY or MAP result: f appends the elements of a row to
// out's children and reports whether the row is not NULL.
func lists(f func(r row, out *vec.Vector) (bool, error)) (Kernel, error) {
	return func(args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
		next := 0
		for i := range n {
			ok := true
			if next < len(sel) && int(sel[next]) == i {
				next++
				var err error
				if ok, err = f(row{args, i}, out); err != nil {
					return &RowError{Row: i, Err: err}
				}
			}
			out.EndList()
			if !ok {
				out.SetNull(i)
			}
		}
		return nil
	}, nil
}
