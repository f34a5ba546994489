// Package weir runs Flink SQL as streaming jobs inside a Go program.
//
// An Env is a session: a catalog of tables, views and functions, and settings. SQL goes in
// through ExecuteSQL (one statement or a script) and comes out as a Result: the changelog
// of a SELECT as an iterator of rows or Arrow batches, the rows of SHOW or DESCRIBE, a
// running Job for INSERTs.
//
//	env, err := weir.NewEnv()
//	res, err := env.ExecuteSQL(ctx, `SELECT word, COUNT(*) AS n FROM words GROUP BY word`)
//	for row, err := range res.Rows() {
//		fmt.Println(row.Kind, row.Values)
//	}
//
// Go values enter as tables with FromSlice and FromChannel and leave with Result.Rows or
// ToChannel. The dialect, the connectors and their options are described in docs/.
package weir
