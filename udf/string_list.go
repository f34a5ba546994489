package udf

import "github.com/weirstream/weir/sql/types"

// stringFuncs put together, measure, change and cut.
func stringFuncs() []*Func {
	const fam = "string"
	text, integer := types.String(), types.New(types.Int)
	return []*Func{
		{
			Name: "||", Family: fam, Syntax: "a || b", Resolve: concatRule, Bind: bindConcat,
			Doc: "The two strings put together.",
		},
		{
			Name: "CONCAT", Family: fam, Syntax: "CONCAT(string, string…)", Resolve: returns(text, strArg().repeat()), Bind: bindConcat,
			Doc: "All strings put together; NULL where one is NULL.",
		},
		{
			Name: "CONCAT_WS", Family: fam, Syntax: "CONCAT_WS(separator, string…)", NullCall: true,
			Resolve: returns(text, strArg(), strArg().repeat().opt()), Bind: bindConcatWS,
			Doc: "The strings put together with the separator between them; NULL strings are left out.",
		},
		{
			Name: "PRINTF", Family: fam, Syntax: "PRINTF(format, value…)", NullCall: true,
			Resolve: mayGiveNull(text, strArg(), printfArg().repeat().opt()), Bind: bindPrintf,
			Doc: "The values written as java.util.Formatter does: %s %d %5.2f %x and the like, for numbers, strings and booleans; NULL where a directive is none or does not go with its value. Of %h, %a and %t it is NULL.",
		},
		{
			Name: "CHAR_LENGTH", Aliases: []string{"CHARACTER_LENGTH", "LENGTH"}, Family: fam, Syntax: "CHAR_LENGTH(string)",
			Resolve: returns(integer, strArg()), Bind: bindCharLength, Doc: "The number of characters.",
			Over: map[string]func(Call) (Kernel, error){"REPLACE": bindReplacedLength},
		},
		{
			Name: "OCTET_LENGTH", Family: fam, Syntax: "OCTET_LENGTH(string)", Resolve: returns(integer, textOrBytesArg()),
			Bind: number32(func(r row) (int64, bool) { return int64(len(r.bytes(0))), true }), Doc: "The number of bytes.",
		},
		{
			Name: "UPPER", Aliases: []string{"UCASE"}, Family: fam, Syntax: "UPPER(string)", Resolve: returnsFirst(strArg()), Bind: mapCase('a', upperCase),
			Doc: "The string in upper case.",
		},
		{
			Name: "LOWER", Aliases: []string{"LCASE"}, Family: fam, Syntax: "LOWER(string)", Resolve: returnsFirst(strArg()), Bind: mapCase('A', lowerCase),
			Doc: "The string in lower case.",
		},
		{
			Name: "INITCAP", Family: fam, Syntax: "INITCAP(string)", Resolve: returnsFirst(strArg()), Bind: row1(initCap),
			Doc: "The string with each word's first letter in upper case and the others in lower case.",
		},
		{
			Name: "SUBSTRING", Aliases: []string{"SUBSTR"}, Family: fam, Syntax: "SUBSTRING(string, start[, length])",
			Resolve: orNull(varying(0, textOrBytesArg(), intArg(), intArg().opt())), Bind: bindSubstring,
			Doc: "The part that begins at character start (from 1; from the end where negative). A negative length gives NULL.",
		},
		{
			Name: "LEFT", Family: fam, Syntax: "LEFT(string, n)", Resolve: orNull(varying(0, strArg(), intArg())), Bind: part(0, leftPart),
			Doc: "The first n characters.",
		},
		{
			Name: "RIGHT", Family: fam, Syntax: "RIGHT(string, n)", Resolve: orNull(varying(0, strArg(), intArg())), Bind: part(0, rightPart),
			Doc: "The last n characters.",
		},
		{
			Name: "TRIM", Family: fam, Syntax: "TRIM([BOTH | LEADING | TRAILING] [characters FROM] string)",
			Resolve: varying(2, strArg(), strArg(), strArg()), Bind: part(2, trimPart),
			Doc: "The string without the given characters (blanks) at its ends.",
		},
		{
			Name: "LTRIM", Family: fam, Syntax: "LTRIM(string[, characters])", Resolve: varying(0, strArg(), strArg().opt()), Bind: part(0, trimmer(true, false)),
			Doc: "The string without the given characters (blanks) at its begin.",
		},
		{
			Name: "RTRIM", Family: fam, Syntax: "RTRIM(string[, characters])", Resolve: varying(0, strArg(), strArg().opt()), Bind: part(0, trimmer(false, true)),
			Doc: "The string without the given characters (blanks) at its end.",
		},
		{
			Name: "BTRIM", Family: fam, Syntax: "BTRIM(string[, characters])", Resolve: returns(text, strArg(), strArg().opt()), Bind: part(0, trimmer(true, true)),
			Doc: "The string without the given characters (blanks) at both ends.",
		},
	}
}

// stringSearchFuncs find, replace, pad and test.
func stringSearchFuncs() []*Func {
	const fam = "string"
	text, integer, boolean := types.String(), types.New(types.Int), types.New(types.Boolean)
	return []*Func{
		{
			Name: "POSITION", Family: fam, Syntax: "POSITION(part IN string [FROM start])", Resolve: returns(integer, strArg(), strArg(), intArg().opt()),
			Bind: number32(locate), Doc: "Where the part is found first at or behind start, from 1; 0 where it is not.",
		},
		{
			Name: "LOCATE", Family: fam, Syntax: "LOCATE(part, string[, start])", Resolve: returns(integer, strArg(), strArg(), intArg().opt()),
			Bind: number32(locate), Doc: "Where the part is found first at or behind start, from 1; 0 where it is not.",
		},
		{
			Name: "INSTR", Family: fam, Syntax: "INSTR(string, part[, start[, nth]])",
			Resolve: returns(integer, strArg(), strArg(), intArg().opt(), intArg().opt()), Bind: bindInstr,
			Doc: "Where the part is found, from 1; 0 where it is not. The search begins at start, from the end backwards where that is negative, and goes on to the nth place.",
		},
		{
			Name: "REPLACE", Family: fam, Syntax: "REPLACE(string, part, by)", Resolve: returns(text, strArg(), strArg(), strArg()), Bind: bindText(replaceAll),
			Doc: "The string with every occurrence of part replaced.",
		},
		{
			Name: "OVERLAY", Family: fam, Syntax: "OVERLAY(string PLACING by FROM start [FOR length])",
			Resolve: overlayRule, Bind: bindText(overlay),
			Doc: "The string with length characters (as many as by has) from start on replaced; all of the rest for a length of 0 or less.",
		},
		{
			Name: "TRANSLATE", Aliases: []string{"TRANSLATE3"}, Family: fam, Syntax: "TRANSLATE(string, from, to)", NullCall: true,
			Resolve: returns(text, strArg(), strArg(), strArg()), Bind: bindTranslate,
			Doc: "Each character of from replaced by the one at its place in to, or dropped where to is shorter; NULL for from or to stands for ''.",
		},
		{
			Name: "LPAD", Family: fam, Syntax: "LPAD(string, length, pad)", Resolve: mayGiveNull(text, strArg(), intArg(), strArg()), Bind: bindPad(true),
			Doc: "The string filled up on the left, or cut, to length characters; NULL for a negative length or an empty pad.",
		},
		{
			Name: "RPAD", Family: fam, Syntax: "RPAD(string, length, pad)", Resolve: mayGiveNull(text, strArg(), intArg(), strArg()), Bind: bindPad(false),
			Doc: "The string filled up on the right, or cut, to length characters; NULL for a negative length or an empty pad.",
		},
		{
			Name: "REPEAT", Family: fam, Syntax: "REPEAT(string, n)", Resolve: returns(text, strArg(), intArg()), Bind: bindRepeat,
			Doc: "The string n times.",
		},
		{
			Name: "REVERSE", Family: fam, Syntax: "REVERSE(string)", Resolve: mayGiveNull(text, strArg()), Bind: row1(reverse),
			Doc: "The string backwards.",
		},
		{
			Name: "SPLIT_INDEX", Family: fam, Syntax: "SPLIT_INDEX(string, separator, index)", Resolve: mayGiveNull(text, strArg(), strOrIntArg(), intArg()),
			Bind: bindSplitIndex, Doc: "The index-th part, from 0, of the string split at the separator (a string, or a character's code); NULL past the end.",
		},
		{
			Name: "STARTSWITH", Family: fam, Syntax: "STARTSWITH(string, start)", Resolve: sameKindRule(boolean),
			Bind: truth(func(r row) bool { return hasPrefix(r.bytes(0), r.bytes(1)) }), Doc: "Whether the string begins with start.",
		},
		{
			Name: "ENDSWITH", Family: fam, Syntax: "ENDSWITH(string, end)", Resolve: sameKindRule(boolean),
			Bind: truth(func(r row) bool { return hasSuffix(r.bytes(0), r.bytes(1)) }), Doc: "Whether the string ends with end.",
		},
		{
			Name: "ASCII", Family: fam, Syntax: "ASCII(string)", Resolve: returns(integer, strArg()), Bind: number32(ascii),
			Doc: "The code of the first character; 0 for an empty string.",
		},
		{
			Name: "CHR", Family: fam, Syntax: "CHR(code)", Resolve: mayGiveNull(text, intArg()), Bind: bindText(chr),
			Doc: "The character with that code, modulo 256.",
		},
		{
			Name: "ELT", Family: fam, Syntax: "ELT(index, string…)", Resolve: eltRule, Bind: bindElt, NullCall: true,
			Doc: "The index-th of the strings, from 1; NULL past the end.",
		},
		{
			Name: "IS_ALPHA", Family: fam, Syntax: "IS_ALPHA(string)", Resolve: neverNull(returns(boolean, strOrNumberArg())), NullCall: true,
			Bind: truth(func(r row) bool { return !r.isNull(0) && isAlpha(r.bytes(0)) }), Doc: "Whether all characters are letters, and there is one.",
		},
		{
			Name: "IS_DIGIT", Family: fam, Syntax: "IS_DIGIT(string)", Resolve: neverNull(returns(boolean, strOrNumberArg())), NullCall: true,
			Bind: truth(func(r row) bool { return !r.isNull(0) && isDigits(r.bytes(0)) }), Doc: "Whether all characters are digits, and there is one. Of a number the text counts.",
		},
		{
			Name: "IS_DECIMAL", Family: fam, Syntax: "IS_DECIMAL(string)", Resolve: neverNull(returns(boolean, strOrNumberArg())), NullCall: true,
			Bind: truth(func(r row) bool { return !r.isNull(0) && isDecimal(r.bytes(0)) }), Doc: "Whether the string can be read as a number.",
		},
	}
}
