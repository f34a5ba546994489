package parse

import (
	"strings"
	"testing"

	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/token"
)

const benchQuery = `SELECT window_start, card, COUNT(*) AS n, SUM(amount) AS total
FROM TABLE(TUMBLE(TABLE transactions, DESCRIPTOR(ts), INTERVAL '1' MINUTE))
WHERE country <> 'DE' AND amount > 10.5 OR merchant LIKE 'x%'
GROUP BY window_start, window_end, card
HAVING COUNT(*) > 3 AND SUM(amount) > 1000
ORDER BY total DESC LIMIT 10`

const benchTable = `CREATE TABLE transactions (
	id BIGINT NOT NULL, card STRING, amount DECIMAL(10, 2), country STRING, merchant STRING, ts TIMESTAMP(3),
	cents AS amount * 100, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND, PRIMARY KEY (id) NOT ENFORCED
) WITH ('connector' = 'filesystem', 'path' = 'in', 'format' = 'json')`

func benchScript() string {
	return strings.Repeat(benchTable+";\n"+benchQuery+";\n", 20)
}

func benchmark(b *testing.B, sql string, f func(text *diag.Text) error) {
	text := &diag.Text{Body: sql}
	b.SetBytes(int64(len(sql)))
	b.ReportAllocs()
	for b.Loop() {
		if err := f(text); err != nil {
			b.Fatal(diag.Render(text, err))
		}
	}
}

// BenchmarkQuery parses a query of six lines.
func BenchmarkQuery(b *testing.B) {
	benchmark(b, benchQuery, func(text *diag.Text) error {
		_, err := Query(text)
		return err
	})
}

// BenchmarkScript parses a script of forty statements.
func BenchmarkScript(b *testing.B) {
	benchmark(b, benchScript(), func(text *diag.Text) error {
		_, err := Script(text)
		return err
	})
}

// BenchmarkLex splits that script into tokens.
func BenchmarkLex(b *testing.B) {
	benchmark(b, benchScript(), func(text *diag.Text) error {
		token.Lex(text)
		return nil
	})
}

// BenchmarkFormat prints the query of six lines.
func BenchmarkFormat(b *testing.B) {
	q, err := Query(&diag.Text{Body: benchQuery})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		ast.Format(q)
	}
}
