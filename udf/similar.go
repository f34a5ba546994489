package udf

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/udf/javaregex"
)

// bindSimilar turns a SQL regular expression into one of Java's: %, _ and the
// metacharacters | * + ? { } ( ) [ ].
func bindSimilar(c Call) (Kernel, error) {
	escape := rune(-1)
	if len(c.Args) == 3 {
		e, ok := c.Args[2].constString()
		r, w := utf8.DecodeRuneInString(e)
		if !ok || w == 0 || w != len(e) {
			return nil, errors.New("ESCAPE must be a literal of one character")
		}
		escape = r
	}
	p, ok := c.Args[1].constString()
	if !ok {
		return nil, errors.New("the pattern of SIMILAR TO must be a literal")
	}
	java, err := similarToJava(p, escape)
	if err != nil {
		return nil, err
	}
	re, err := javaregex.Compile(java)
	if err != nil {
		return nil, err
	}
	return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		for _, i := range sel {
			ok, err := re.Match(args[0].Bytes(int(i)))
			if err != nil {
				return &RowError{Row: int(i), Err: err}
			}
			out.SetBool(int(i), ok)
		}
		return nil
	}, nil
}

// sqlClasses are the named classes of SQL's [[:ALPHA:]].
var sqlClasses = map[string]string{
	"[:ALPHA:]": `\p{Alpha}`, "[:UPPER:]": `\p{Upper}`, "[:LOWER:]": `\p{Lower}`, "[:DIGIT:]": `\d`,
	"[:ALNUM:]": `\p{Alnum}`, "[:SPACE:]": ` `, "[:WHITESPACE:]": `\s`,
}

func similarToJava(p string, escape rune) (string, error) {
	var b strings.Builder
	b.WriteString(`(?s)\A(?:`)
	class := false
	for i := 0; i < len(p); {
		c, w := utf8.DecodeRuneInString(p[i:])
		i += w
		switch {
		case c == escape:
			next, nw := utf8.DecodeRuneInString(p[i:])
			if nw == 0 {
				return "", errEscape
			}
			b.WriteString(`\Q` + string(next) + `\E`)
			i += nw
		case c == '[' && class:
			end := strings.Index(p[i:], "]")
			name, ok := sqlClasses[strings.ToUpper(p[i-1:i+end+1])]
			if end < 0 || !ok {
				return "", errors.New("a [ inside of [ ] begins a class such as [:ALPHA:]")
			}
			b.WriteString(name)
			i += end + 1
		case c == '[':
			class = true
			b.WriteByte('[')
		case c == ']':
			class = false
			b.WriteByte(']')
		case class && strings.ContainsRune(`\&`, c), !class && strings.ContainsRune(`\.^$`, c):
			b.WriteByte('\\')
			b.WriteRune(c)
		case c == '%' && !class:
			b.WriteString(".*")
		case c == '_' && !class:
			b.WriteByte('.')
		default:
			b.WriteRune(c)
		}
	}
	b.WriteString(`)\z`)
	return b.String(), nil
}
