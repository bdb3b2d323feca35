package ledger_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"passerelle/store/ledger"
	"passerelle/store/postgres/postgrestest"
)

// plan is a node of what PostgreSQL says that it did.
type plan struct {
	Type    string  `json:"Node Type"`
	Rows    float64 `json:"Actual Rows"`
	Loops   float64 `json:"Actual Loops"`
	Removed float64 `json:"Rows Removed by Join Filter"`
	Plans   []plan
}

// touched is how many rows a plan went through.
func (p plan) touched() float64 {
	n := p.Rows*p.Loops + p.Removed*p.Loops
	for _, q := range p.Plans {
		n += q.touched()
	}
	return n
}

// PostgreSQL reads no record twice for a page of a log, whatever it thinks of the tables:
// before it ever counted them, when its count is of before they grew, and with a plan for
// any arguments. As one join it went through 125,000 rows for 500.
func TestPlanOfAPage(t *testing.T) {
	const page, parts = 500, 40
	url := postgrestest.URL(t)
	l := open(t, url, ledger.Options{})
	db := raw(t, url)
	db.Writer.SetMaxOpenConns(1) // settings are of a connection
	exec := func(text string) {
		t.Helper()
		if _, err := db.Writer.ExecContext(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	read := func(what string, rows float64) {
		t.Helper()
		for _, mode := range []string{"force_custom_plan", "force_generic_plan"} {
			exec("SET plan_cache_mode = " + mode)
			var out []byte
			err := db.Writer.QueryRowContext(t.Context(), "EXPLAIN (ANALYZE, FORMAT JSON) "+ledger.ListChanges, "person/ada", 0, page).Scan(&out)
			if err != nil {
				t.Fatal(err)
			}
			var got []struct{ Plan plan }
			if err := json.Unmarshal(out, &got); err != nil || len(got) != 1 {
				t.Fatalf("%s, %v", out, err)
			}
			if p := got[0].Plan; p.Rows*p.Loops != page || p.touched() > 2*rows+4*page {
				t.Errorf("%s, %s: %v rows, %v gone through:\n%s", what, mode, p.Rows*p.Loops, p.touched(), out)
			}
		}
	}
	for n := range page { // one by one, as desks send them
		update(t, l, func(tx *ledger.Tx) error { return change(t, tx, "person/ada", fmt.Sprint("r", n), 1, false) })
	}
	read("never counted", 2*page)
	exec("ANALYZE")
	read("counted", 2*page)
	exec(fmt.Sprintf("INSERT INTO doc SELECT 'person/'||p, 'r', 'k', 1, '', false, 'a', 'c', 1, 1 FROM generate_series(1, %d) p", parts*page))
	exec(fmt.Sprintf("INSERT INTO change SELECT 'person/'||p, 1, 'r', 1, 1 FROM generate_series(1, %d) p", parts*page))
	read("counted before others came", 2*(1+parts)*page)
	exec("ANALYZE")
	read("one large among small ones", 2*(1+parts)*page)
}
