package udf

// Builtins gives a new registry of all built-in functions and operators.
func Builtins() *Registry {
	return NewRegistry(
		arithmeticFuncs(),
		comparisonFuncs(),
		logicFuncs(),
		conditionalFuncs(),
		stringFuncs(),
		stringSearchFuncs(),
		regexpFuncs(),
		temporalFuncs(),
		mathFuncs(),
		jsonFuncs(),
		collectionFuncs(),
		hashFuncs(),
		mapUnionFuncs(),
		encodingFuncs(),
		inetFuncs(),
		miscFuncs(),
	)
}
