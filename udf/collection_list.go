package udf

import "github.com/weirstream/weir/sql/types"

func collectionFuncs() []*Func {
	const fam = "collection"
	integer, text := types.New(types.Int), types.String()
	return []*Func{
		{Name: "ARRAY", Family: fam, Syntax: "ARRAY[value, …]", Resolve: arrayRule, Bind: bindArray, NullCall: true, Doc: "An array of the values, converted to their common type."},
		{Name: "MAP", Family: fam, Syntax: "MAP[key, value, …]", Resolve: mapRule, Bind: bindMap, NullCall: true, Doc: "A map of the pairs; of equal keys the last counts."},
		{Name: "ROW", Family: fam, Syntax: "ROW(value, …), (value, …)", Resolve: rowRule, Bind: bindRow, NullCall: true, Doc: "A row of the values."},
		{Name: "ITEM", Family: fam, Syntax: "array[index], map[key]", Resolve: itemRule, Bind: bindItem, Doc: "The element at an index, from 1, or the value of a key; NULL where there is none."},
		{Name: "CARDINALITY", Family: fam, Syntax: "CARDINALITY(collection)", Resolve: returns(integer, collectionArg()), Bind: bindCardinality, Doc: "The number of elements."},
		{Name: "ELEMENT", Family: fam, Syntax: "ELEMENT(array)", Resolve: elementRule(types.Array), Bind: bindElement, Doc: "The only element of an array; NULL for none, an error for several."},
		{Name: "ARRAY_CONTAINS", Family: fam, Syntax: "ARRAY_CONTAINS(array, element)", Resolve: containsRule, Bind: bindContains, NullCall: true, Doc: "Whether the array has the element; NULL can be looked for."},
		{Name: "ARRAY_POSITION", Family: fam, Syntax: "ARRAY_POSITION(array, element)", Resolve: withElement(integer), Bind: bindPosition, Doc: "Where the element is first, from 1; 0 where it is not."},
		{Name: "ARRAY_APPEND", Family: fam, Syntax: "ARRAY_APPEND(array, element)", Resolve: grownRule, Bind: bindAppend(false), NullCall: true, Doc: "The array with the element behind it."},
		{Name: "ARRAY_PREPEND", Family: fam, Syntax: "ARRAY_PREPEND(array, element)", Resolve: grownRule, Bind: bindAppend(true), NullCall: true, Doc: "The array with the element before it."},
		{Name: "ARRAY_REMOVE", Family: fam, Syntax: "ARRAY_REMOVE(array, element)", Resolve: removeRule, Bind: bindRemove, NullCall: true, Doc: "The array without the element."},
		{Name: "ARRAY_DISTINCT", Family: fam, Syntax: "ARRAY_DISTINCT(array)", Resolve: returnsFirst(arrayArg()), Bind: pickElements(distinct), Doc: "The array with each element once, in the order of their first places."},
		{Name: "ARRAY_REVERSE", Family: fam, Syntax: "ARRAY_REVERSE(array)", Resolve: returnsFirst(arrayArg()), Bind: pickElements(reversed), Doc: "The array backwards."},
		{Name: "ARRAY_SORT", Family: fam, Syntax: "ARRAY_SORT(array[, ascending[, nulls_first]])", Resolve: returnsFirst(sortableArg(), boolArg().opt(), boolArg().opt()), Bind: pickElements(sorted), Doc: "The array in order; NULLs come first ascending, last descending."},
		{Name: "ARRAY_SLICE", Family: fam, Syntax: "ARRAY_SLICE(array, start[, end])", Resolve: returnsFirst(arrayArg(), intArg(), intArg().opt()), Bind: pickElements(sliced), Doc: "The elements from start to end, from 1 and both included; from the end where negative."},
		{Name: "ARRAY_UNION", Family: fam, Syntax: "ARRAY_UNION(array, array)", Resolve: arraysRule(2, 2), Bind: bindSets(union), Doc: "The elements of both, each once."},
		{Name: "ARRAY_CONCAT", Family: fam, Syntax: "ARRAY_CONCAT(array, …)", Resolve: arraysRule(1, 1<<16), Bind: bindSets(concatenated), Doc: "The elements of all, one array behind the other."},
		{Name: "ARRAY_EXCEPT", Family: fam, Syntax: "ARRAY_EXCEPT(array, array)", Resolve: arraysRule(2, 2), Bind: bindSets(except), Doc: "The elements of the first that the second has not, each once."},
		{Name: "ARRAY_INTERSECT", Family: fam, Syntax: "ARRAY_INTERSECT(array, array)", Resolve: arraysRule(2, 2), Bind: bindSets(intersection), Doc: "The elements that both have, each once."},
		{Name: "ARRAY_MAX", Family: fam, Syntax: "ARRAY_MAX(array)", Resolve: extremeElementRule, Bind: bindExtremeElement(1), Doc: "The largest element; NULL for none."},
		{Name: "ARRAY_MIN", Family: fam, Syntax: "ARRAY_MIN(array)", Resolve: extremeElementRule, Bind: bindExtremeElement(-1), Doc: "The smallest element; NULL for none."},
		{Name: "ARRAY_JOIN", Family: fam, Syntax: "ARRAY_JOIN(array, delimiter[, null])", Resolve: returns(text, textArrayArg(), strArg(), strArg().opt()), Bind: bindText(arrayJoin), Doc: "The strings with the delimiter between them; NULLs are left out, or stand as the third argument."},
		{Name: "MAP_KEYS", Family: fam, Syntax: "MAP_KEYS(map)", Resolve: mapPartRule(0), Bind: bindMapPart(0), Doc: "The keys."},
		{Name: "MAP_VALUES", Family: fam, Syntax: "MAP_VALUES(map)", Resolve: mapPartRule(1), Bind: bindMapPart(1), Doc: "The values."},
		{Name: "MAP_ENTRIES", Family: fam, Syntax: "MAP_ENTRIES(map)", Resolve: mapEntriesRule, Bind: bindMapEntries, Doc: "The pairs as rows."},
		{Name: "MAP_FROM_ARRAYS", Family: fam, Syntax: "MAP_FROM_ARRAYS(keys, values)", Resolve: mapFromArraysRule, Bind: bindMapFromArrays, Doc: "The map of keys and values at equal places; arrays of different length fail."},
		{Name: "SPLIT", Family: fam, Syntax: "SPLIT(string, delimiter)", Resolve: returns(types.ArrayOf(text), strArg(), strArg()), Bind: bindSplit, Doc: "The parts of the string between the delimiters; its characters for an empty delimiter."},
		{Name: "STR_TO_MAP", Family: fam, Syntax: "STR_TO_MAP(string[, pairs, key_value])", Resolve: mayGiveNull(types.MapOf(text, text), strArg(), strArg().opt(), strArg().opt()), Bind: bindStrToMap, Doc: "The map that a text of pairs is: split at regular expressions, ',' between pairs and '=' behind keys where none are given."},
	}
}
