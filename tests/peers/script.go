package main

import (
	"context"
	"fmt"
	"os"

	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/parse"
	"github.com/weirstream/weir/tests/peers/flink"
)

// runScript runs a file in Flink, statement by statement.
func runScript(ctx context.Context, in flink.Installation, path string) error {
	body, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	text := &diag.Text{Name: path, Body: string(body)}
	stmts, err := parse.Script(text)
	if err != nil {
		return fmt.Errorf("%s", diag.Render(text, err))
	}
	var statements []string
	for _, s := range stmts {
		statements = append(statements, text.Body[s.Span().Start:s.Span().End])
	}
	cluster, err := flink.Start(ctx, in, flink.Options{Brief: true})
	if err != nil {
		return err
	}
	defer cluster.Close()
	res, err := cluster.Run(ctx, nil, statements)
	if err != nil {
		return err
	}
	fmt.Println("op", res.Columns)
	for _, r := range res.Rows {
		fmt.Printf("%s", r.Kind)
		for _, v := range r.Values {
			fmt.Printf(" | %s", v)
		}
		fmt.Println()
	}
	if res.Error != "" {
		return fmt.Errorf("running it in Flink: %s", res.Error)
	}
	return nil
}
