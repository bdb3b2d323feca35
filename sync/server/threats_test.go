package server_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	_ "modernc.org/sqlite"

	"passerelle/store/ledger"
	"passerelle/sync/server"
)

// plain are the columns of the tables of accounts that hold nothing to be protected:
// states, counts, moments, and ids that are drawn by chance.
var plain = regexp.MustCompile(`^(id|n|ver|account|owner|enrolment|partner|state|reason|roles|kind|step|policy|method|act|error|key|` +
	`name|epoch|seq|floor|records|bytes|part|role|ends|doc|run|author|client|client_seq|deleted|command|revision|mutation|` +
	`created|signed_in|warned|closed|used|last|since|made|expires|seen|factor_at|revoked|temp_ends|reset|linked|gen|failures|at|due|tries|fence|lease|received|settled|credential|` +
	`zone|slot|bounces|sent|sent_before|mark|found|confirmed|checked|ended)$`)

// TestThreats: every route and every stored secret is in THREATS.md, and nothing is there
// that is not in the program.
//
// Rows: X-049
func TestThreats(t *testing.T) {
	b, err := os.ReadFile("THREATS.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	told := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)`").FindAllStringSubmatch(text, -1) {
		told[m[1]] = true
	}
	real := map[string]bool{}
	for _, r := range server.Routes {
		real[r.Method+" "+r.Path] = true
	}
	for r := range real {
		if !told[r] {
			t.Errorf("the route %q is not in THREATS.md", r)
		}
	}
	path := filepath.Join(t.TempDir(), "ledger.db")
	l, err := ledger.Open(t.Context(), path, ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	public := map[string]bool{"head": true, "source": true, "posting": true, "run": true, "problem": true, "report": true, "mark": true, "matching": true}
	tables := 0
	rows, err := db.QueryContext(t.Context(), `SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var table, column string
		if err := rows.Scan(&table, &column); err != nil {
			t.Fatal(err)
		}
		if public[table] {
			continue
		}
		tables++
		name := table + "." + column
		real[name] = true
		if !plain.MatchString(column) && !told[name] {
			t.Errorf("what %s holds is not in THREATS.md", name)
		}
	}
	if err := rows.Err(); err != nil || tables < 50 {
		t.Fatalf("read %d columns of accounts, %v: this test looks in the wrong place", tables, err)
	}
	for name := range told {
		route := strings.Contains(name, " /")
		column := regexp.MustCompile(`^[a-z_]+\.[a-z_]+$`).MatchString(name) && name != "settings.toml"
		if (route || column) && !real[name] {
			t.Errorf("THREATS.md tells of %q, which is not there", name)
		}
	}
	for _, name := range []string{"keys/secrets.json", "vault-ID.json", "account-ID.db"} {
		if !told[name] {
			t.Errorf("what %s holds is not in THREATS.md", name)
		}
	}
	if !strings.Contains(text, "`NAME/key`") || !strings.Contains(text, "`NAME/a`") {
		t.Error("the entries of the keyring are not in THREATS.md")
	}
}
