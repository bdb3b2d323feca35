package ledger_test

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/store/postgres/postgrestest"
	"passerelle/store/posting"
)

// lived is a file with something in every kind of table.
func lived(t *testing.T) *ledger.Ledger {
	t.Helper()
	l, ctx := open(t, filepath.Join(t.TempDir(), "ledger.db"), ledger.Options{}), t.Context()
	register(t, l)
	var batch []posting.Posting
	for n := range 450 { // more than one insert takes
		batch = append(batch, job("a", fmt.Sprint(n), "cuisinière"))
	}
	put(t, l, batch...)
	put(t, l, job("a", "3", "baker"))
	if _, err := l.NewEpoch(ctx, 4); err != nil {
		t.Fatal(err)
	}
	run, err := l.Begin(ctx, "a", []string{"x.csv"}, noon)
	if err == nil {
		err = l.Finish(ctx, ledger.Run{ID: run, Ended: noon, Problems: []ledger.Problem{{File: "x", Reason: "wage", Detail: "not \xff text\x00"}}})
	}
	err = errors.Join(err, l.SetMarks(ctx, "a", []ledger.Mark{{SourceID: "1", Lang: "fr", Mark: "m"}}))
	_, _, err2 := l.File(ctx, ledger.Report{Key: "k", Hash: []byte("h"), Words: "é"}, func(n int64) []byte { return fmt.Append(nil, n) })
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"one", "two"} {
		if err := l.PutLetter(ctx, ledger.Letter{At: noon, To: s}); err != nil {
			t.Fatal(err)
		}
	}
	update(t, l, func(tx *ledger.Tx) error {
		a := person("a", "one")
		a.SIN, a.Reset = []byte{0, 255}, true
		_, _, help := tx.FileHelp(ctx, ledger.HelpRequest{Key: "k", Received: noon})
		_, drop := tx.DropLetters(ctx, noon.Add(time.Hour))
		return errors.Join(tx.PutAccount(ctx, a), tx.PutAccount(ctx, person("b", "two")), tx.PutCredential(ctx, credential("1", "a", "name")),
			tx.PutFactor(ctx, ledger.Factor{Owner: "o", Method: account.TOTP}), tx.SetCodes(ctx, "o", [][]byte{[]byte("c")}, noon),
			tx.PutFlow(ctx, ledger.Flow{Key: []byte("k"), Expires: noon}), tx.PutSession(ctx, ledger.Session{ID: "s", Account: "a", Used: true}),
			tx.PutThrottle(ctx, []byte("k"), ledger.Throttle{Failures: 2, Last: noon}), tx.AddAudit(ctx, ledger.Audit{At: noon, Act: "grant"}),
			tx.Queue(ctx, ledger.Job{Kind: "mail", Due: noon}), help, drop)
	})
	return l
}

// A ledger that moves to PostgreSQL is whole there, and goes on: numbers that were given
// are not given again.
func TestMove(t *testing.T) {
	url := postgrestest.URL(t)
	from, ctx := lived(t), t.Context()
	to := open(t, url, ledger.Options{})
	all, err := ledger.Move(ctx, from, to)
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]int64{}
	for _, m := range all {
		rows[m.Table] = m.Rows
	}
	for table, want := range map[string]int64{"head": 1, "posting": 450, "source": 3, "account": 2, "audit": 1, "problem": 1, "letter": 0} {
		if got, ok := rows[table]; !ok || got != want {
			t.Errorf("%s: %d rows were copied, want %d", table, got, want)
		}
	}
	for name, l := range map[string]*ledger.Ledger{"the file": from, "PostgreSQL": to} {
		epoch, seq, err := l.Position(ctx)
		if n, err2 := l.Count(ctx); err != nil || err2 != nil || epoch != 5 || seq != 2 || n != 450 {
			t.Errorf("%s is at %d/%d with %d postings, %v, %v", name, epoch, seq, n, err, err2)
		}
	}
	var got ledger.Account
	update(t, to, func(tx *ledger.Tx) (err error) {
		got, err = tx.AccountByEmail(ctx, []byte("one"))
		return err
	})
	want := person("a", "one")
	want.SIN, want.Reset, want.Ver = []byte{0, 255}, true, 1
	if !same(got, want) {
		t.Errorf("an account came over as %+v, want %+v", got, want)
	}
	put(t, to, job("a", "new", "welder"))
	if err := to.PutLetter(ctx, ledger.Letter{At: noon, To: "three"}); err != nil {
		t.Fatal(err)
	}
	ticket, _, err := to.File(ctx, ledger.Report{Key: "l", Hash: []byte("h")}, func(int64) []byte { return []byte("x") })
	letters, err2 := to.Letters(ctx, 5)
	if err != nil || err2 != nil || ticket != 2 || len(letters) != 1 || letters[0].ID != 3 {
		t.Errorf("after the move: ticket %d, letters %+v, %v, %v; want numbers that go on", ticket, letters, err, err2)
	}

	// Again: refused, and nothing of it is lost.
	if _, err := ledger.Move(ctx, from, to); !errors.Is(err, ledger.ErrNotEmpty) {
		t.Errorf("moved over another: %v, want ErrNotEmpty", err)
	}
	if n, err := to.Count(ctx); err != nil || n != 451 {
		t.Errorf("%d postings after a refused move, %v", n, err)
	}
}

// A move that fails late leaves the other ledger as it was.
func TestMoveIsAllOrNothing(t *testing.T) {
	url := postgrestest.URL(t)
	from, ctx := lived(t), t.Context()
	to := open(t, url, ledger.Options{})
	db := raw(t, url)
	const meddle = `
		CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.actor := 'somebody else'; RETURN NEW; END $$;
		CREATE TRIGGER meddle BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION meddle();`
	if _, err := db.Writer.ExecContext(ctx, meddle); err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.Move(ctx, from, to); !errors.Is(err, ledger.ErrDiffers) {
		t.Fatalf("a copy that differs: %v, want ErrDiffers", err)
	}
	if n, err := to.Count(ctx); err != nil || n != 0 {
		t.Errorf("%d postings were left, %v", n, err)
	}
	if _, err := db.Writer.ExecContext(ctx, "DROP TRIGGER meddle ON audit"); err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.Move(ctx, from, to); err != nil {
		t.Errorf("again, without what was in the way: %v", err)
	}
	if _, err := ledger.Move(ctx, to, from); !errors.Is(err, ledger.ErrNotEmpty) {
		t.Errorf("moved into a file that has been written to: %v, want ErrNotEmpty", err)
	}
}

// A ledger that moves to PostgreSQL and back is what it was, table by table, private
// records included, and goes on giving numbers where the database was.
func TestMoveThereAndBack(t *testing.T) {
	from, ctx := lived(t), t.Context()
	update(t, from, func(tx *ledger.Tx) error {
		return errors.Join(
			change(t, tx, "person/ada", "r1", 1, false), change(t, tx, "person/ada", "r3", 1, false), change(t, tx, "employer/e", "r2", 1, false),
			tx.PutMember(ctx, ledger.Member{Account: "ada", Part: "employer/e", Role: "owner", Since: noon}))
	})
	there := open(t, postgrestest.URL(t), ledger.Options{})
	first, err := ledger.Move(ctx, from, there)
	if err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{"three", "four"} { // numbers that only the database gave
		if err := there.PutLetter(ctx, ledger.Letter{At: noon, To: to}); err != nil {
			t.Fatal(err)
		}
	}
	update(t, there, func(tx *ledger.Tx) error { _, err := tx.DropLetters(ctx, noon.Add(time.Hour)); return err })
	file := filepath.Join(t.TempDir(), "back.db")
	back := open(t, file, ledger.Options{})
	second, err := ledger.Move(ctx, there, back)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(first, second) {
		t.Errorf("moved there %v\nand back %v", first, second)
	}
	if err := back.PutLetter(ctx, ledger.Letter{At: noon, To: "five"}); err != nil {
		t.Fatal(err)
	}
	if all, err := back.Letters(ctx, 5); err != nil || len(all) != 1 || all[0].ID != 5 {
		t.Errorf("letters %+v, %v; want one, the fifth", all, err)
	}
	put(t, back, job("a", "new", "welder"))
	// A backup of the database is that file, too, and one that cannot be made leaves nothing.
	dir := t.TempDir()
	copied := filepath.Join(dir, "copy.db")
	if err := there.Backup(ctx, copied); err != nil {
		t.Fatal(err)
	}
	if err := there.Backup(ctx, copied); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a backup over another: %v, want ErrExist", err)
	}
	if err := there.Close(); err != nil {
		t.Fatal(err)
	}
	if err := there.Backup(ctx, filepath.Join(dir, "none.db")); err == nil {
		t.Error("backed up a ledger that is closed")
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || !slices.Equal(left, []string{copied}) {
		t.Errorf("%v are left, %v; want the one backup", left, err)
	}
	of := map[string]ledger.Sound{}
	for name, l := range map[string]*ledger.Ledger{"first": from, "back": back, "copy": open(t, copied, ledger.Options{ReadOnly: true})} {
		if of[name], err = l.CheckRecords(ctx, nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if of["first"] != of["back"] || of["first"] != of["copy"] || of["first"].Changes != 3 || of["first"].Digest == [32]byte{} {
		t.Errorf("private records: %+v", of)
	}
}
