package parse

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/weirstream/weir/sql/diag"
)

// places are where a name can stand.
var places = []string{
	"SELECT %s FROM t", "SELECT a AS %s FROM t", "SELECT a FROM %s", "SELECT a FROM t AS %s", "SELECT x.a FROM t AS x (%s)",
	"CREATE TABLE t (%s INT)", "CREATE TABLE %s (a INT)", "SELECT a FROM t ORDER BY %s + 1", "INSERT INTO t (%s) SELECT 1",
	"WITH %s AS (SELECT 1) SELECT 2", "SELECT CAST(a AS ROW<%s INT>)", "SELECT f(%s => 1)", "SELECT a FROM t WHERE %s IN (1)",
}

// TestReserved checks that Flink's reserved words are refused as names with the hint to
// quote them, and that quoting helps.
func TestReserved(t *testing.T) {
	const words = `value timestamp date time day hour minute second month year user offset language result rows row rank
		interval array method system session_user parameter start end count sum min max position percent one of no open
		string bytes catalogs comment modules views tables functions watermark raw refresh rename statement row_number
		groups lead lag match measures pattern per period precision primary procedure recursive ref scope scroll search
		sql table trigger unknown unique using values window with within condition connect current cursor default
		element empty equals every explain extend filter first_value float full function hash buckets tuesday`
	for w := range strings.FieldsSeq(words) {
		for _, place := range places {
			_, err := Script(&diag.Text{Body: fmt.Sprintf(place, w)})
			var e *diag.Error
			if !errors.As(err, &e) {
				if !strings.HasPrefix(place, "SELECT %s FROM") && !strings.Contains(place, "%s + 1") && !strings.Contains(place, "%s IN") {
					t.Errorf("%s as a name in %q: got %v", w, place, err)
				}
				continue // user, row (…), unknown and their like are values
			}
			quoted := fmt.Sprintf(place, "`"+w+"`")
			if _, err := Script(&diag.Text{Body: quoted}); err != nil {
				t.Errorf("%s: %v", quoted, err)
			}
		}
		if _, err := Expr(&diag.Text{Body: "t." + w + " + t." + w + ".x"}); err != nil {
			t.Errorf("%s behind a dot: %v", w, err)
		}
	}
	for _, w := range []string{"value", "timestamp", "offset", "order", "rows"} {
		_, err := Script(&diag.Text{Body: "CREATE TABLE t (" + w + " INT)"})
		if err == nil || !strings.Contains(err.Error(), "reserved word "+w+" (quote it to use it as a name: `"+w+"`") {
			t.Errorf("%s: %v", w, err)
		}
	}
}

// TestNotReserved checks that words which only other dialects reserve, and the free keywords
// of Flink's, are ordinary names.
func TestNotReserved(t *testing.T) {
	const words = `key keys index type name state data status level source size path plan job jobs week quarter first last
		model models_ tumble hop session cumulate descriptor map json format url channel price bidder version desc asc
		if ignore respect nulls view database catalog metadata virtual enforced partitioned overwrite output input error
		object scalar text blob_ tinytext int8 dual lock release_ repeat rlike regexp xor div straight_join force
		fulltext spatial schema schemas optionally outfile mediumint long unsigned zerofill kill require ssl undo
		varcharacter accessible analyze change columns databases_ delayed dual enclosed escaped explain_ infile
		lines linear low_priority master_bind optimize purge separator starting stored terminated usage virtual_
		w0 w1 w12 bitmap verbose conflict nothing days hours minutes seconds months years epoch dow do file
		add remove load unload stop replace temporary include_ including excluding`
	for w := range strings.FieldsSeq(words) {
		for _, place := range places {
			sql := fmt.Sprintf(place, w)
			stmts, err := Script(&diag.Text{Body: sql})
			if err != nil {
				t.Errorf("%s: %v", sql, err)
				continue
			}
			roundTrip(t, stmts[0])
		}
		if x, err := Expr(&diag.Text{Body: w + "(1) + " + w + "." + w}); err != nil && w != "descriptor" && w != "if_" {
			t.Errorf("%s: %v", w, err)
		} else if err == nil && x == nil {
			t.Errorf("%s: no expression", w)
		}
	}
}
