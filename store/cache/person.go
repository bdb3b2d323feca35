package cache

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"passerelle/store/secret"
	"passerelle/store/sqldb"
	"passerelle/store/sqlite"
)

// personal are the tables of a person's file; a line is added, never changed. The second
// one brings the records of an account (doc.go). What is not sealed in them are versions,
// positions, states, moments, and random names.
var personal = []string{`
	CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
` + own, `
	CREATE TABLE doc (mark TEXT PRIMARY KEY, part TEXT NOT NULL, kind TEXT NOT NULL, body BLOB NOT NULL) WITHOUT ROWID;
	CREATE INDEX doc_kind ON doc (kind);
	CREATE TABLE shadow (mark TEXT PRIMARY KEY, part TEXT NOT NULL, ver INTEGER NOT NULL, body BLOB NOT NULL) WITHOUT ROWID;
	CREATE INDEX shadow_part ON shadow (part);
	CREATE TABLE mutation (
		n INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, mark TEXT NOT NULL, part TEXT NOT NULL,
		id TEXT NOT NULL, state TEXT NOT NULL, body BLOB NOT NULL, settled INTEGER NOT NULL DEFAULT 0);
	CREATE INDEX mutation_mark ON mutation (mark, n) WHERE state <> 'acked';
	CREATE INDEX mutation_wait ON mutation (n) WHERE state <> 'acked';
	CREATE INDEX mutation_id ON mutation (id) WHERE id <> '';
	CREATE INDEX mutation_settled ON mutation (settled) WHERE state = 'acked';
	CREATE TABLE conflict (n INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, mark TEXT NOT NULL, part TEXT NOT NULL, body BLOB NOT NULL);
	CREATE INDEX conflict_mark ON conflict (mark);
	CREATE TABLE cursor (part TEXT PRIMARY KEY, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL, body BLOB NOT NULL) WITHOUT ROWID;
	CREATE TABLE epoch (one INTEGER PRIMARY KEY CHECK (one = 1), epoch INTEGER NOT NULL, due INTEGER NOT NULL);
	INSERT INTO epoch (one, epoch, due) VALUES (1, 0, 0);
	CREATE TABLE client (id TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
`}

// Names of settings of a person's file.
const (
	check   = "check"   // tells whether the box is the right one
	adopted = "adopted" // what was saved before there were records has become records

	Account = "account" // what the server said last of the account
	Session = "session" // what the last session was for, without its tokens
)

func personPath(dir, id string) (string, error) { return secret.FileOf(dir, "account", id, "db") }

// OpenPerson opens the file of a person who signs in, account-ID.db, making it if needed.
// Whatever can be read in it is sealed with the box; what a row is about is a keyed hash.
// With another box it stays shut: secret.ErrSealed. A damaged file is moved aside.
func OpenPerson(ctx context.Context, dir, id string, box *secret.Box) (*Device, error) {
	path, err := personPath(dir, id)
	if err != nil {
		return nil, err
	}
	o := sqlite.Options{Migrations: personal}
	d := &Device{box: box, owner: id, origin: newOrigin()}
	d.db, err = open(ctx, path, o)
	if errors.Is(err, sqldb.ErrCorrupt) {
		if d.aside, err = sqlite.SetAside(path, "damaged"); err != nil {
			return nil, fmt.Errorf("move damaged %s aside: %w", path, err)
		}
		d.db, err = open(ctx, path, o)
	}
	if err != nil {
		return nil, err
	}
	d.own = d.db
	said, err := d.Setting(ctx, check)
	if err == nil && said == "" {
		err = d.SetSetting(ctx, check, "passerelle")
	}
	if err == nil {
		err = d.adopt(ctx)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), d.db.Close())
	}
	return d, nil
}

// adopt makes records, once, of what was saved in the file before it held any, and lets go
// of the words of postings that were removed on another computer.
func (d *Device) adopt(ctx context.Context) error {
	done, err := d.Setting(ctx, adopted)
	if err != nil {
		return err
	}
	r := d.account()
	mark, err := d.seal(settings, adopted, "value", []byte("1"))
	if err != nil {
		return err
	}
	return d.own.Write(ctx, func(tx *sql.Tx) error {
		if done != "" {
			return r.forgetWords(ctx, tx)
		}
		rows, err := d.rows(ctx, tx, saved, "ORDER BY at, n")
		if err != nil {
			return err
		}
		for _, row := range rows {
			s, err := readSaved(row)
			if err != nil {
				return err
			}
			doc, err := fieldsOf(map[string]any{"posting": rowID(s.ID), "number": s.Number, "source": s.Source})
			if err == nil {
				_, _, err = r.begin(ctx, tx, string(saved), doc, row.at)
			}
			if err != nil {
				return err
			}
		}
		if rows, err = d.rows(ctx, tx, search, "ORDER BY at, n"); err != nil {
			return err
		}
		for _, row := range rows {
			_, fits, err := r.begin(ctx, tx, string(search), searchDoc(string(row.head), string(row.body)), row.at)
			if err == nil && fits { // what the server would not take stays here
				_, err = tx.ExecContext(ctx, "DELETE FROM mine WHERE n = $1", row.n)
			}
			if err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO setting (key, value) VALUES ($1, $2)", adopted, mark)
		return err
	})
}

// forgetWords drops the words of postings of which no record says that they are kept. What
// a partition holds that is to be pulled anew is not known: then they all stay.
func (r *Records) forgetWords(ctx context.Context, tx *sql.Tx) error {
	var pulled int
	err := tx.QueryRowContext(ctx, "SELECT count(*) FROM cursor WHERE part = $1", r.part(r.home())).Scan(&pulled)
	if err != nil || pulled == 0 {
		return err
	}
	all, err := r.keepsakes(ctx, tx, string(saved))
	if err != nil {
		return err
	}
	there := map[string]bool{}
	for _, k := range all {
		there[r.d.mark(saved, rowID(rowField(k.doc, "posting")))] = true
	}
	var gone []string
	err = sqldb.Each(ctx, tx, func(rows *sql.Rows) error {
		var mark string
		err := rows.Scan(&mark)
		if !there[mark] {
			gone = append(gone, mark)
		}
		return err
	}, "SELECT mark FROM mine WHERE kind = $1", saved)
	for _, mark := range gone {
		if err == nil {
			_, err = tx.ExecContext(ctx, "DELETE FROM mine WHERE kind = $1 AND mark = $2", saved, mark)
		}
	}
	return err
}

// SetAside keeps the file of a person whose key was lost, under another name, so that a new
// one can be begun. Erase removes it, too.
func SetAside(dir, id string) error {
	path, err := personPath(dir, id)
	if err != nil {
		return err
	}
	if _, err = sqlite.SetAside(path, "damaged"); err != nil {
		return fmt.Errorf("set %s aside: %w", path, err)
	}
	return nil
}

// Erase removes a person's file, which must be closed, with all that lies beside it: logs,
// and copies of before an upgrade or of damage. All are overwritten first.
func Erase(dir, id string) error {
	path, err := personPath(dir, id)
	if err != nil {
		return err
	}
	return secret.ShredAll(path) // account-ID.db, -wal, -shm, .v1, .damaged-1
}

// Person is somebody who has signed in at this desk, as anybody at it may see them.
type Person struct {
	ID         string    `json:"-"`
	Name       string    `json:"name"`
	Email      string    `json:"email"` // shortened
	State      string    `json:"state"`
	Passphrase bool      `json:"passphrase,omitempty"`
	Seen       time.Time `json:"-"`
}

// People lists who has signed in here, the last first.
func (d *Device) People(ctx context.Context) ([]Person, error) {
	var found []Person
	err := sqldb.Each(ctx, d.db.Reader, func(rows *sql.Rows) error {
		var (
			p    Person
			body string
			seen int64
		)
		if err := rows.Scan(&p.ID, &body, &seen); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(body), &p); err != nil {
			return fmt.Errorf("person %s: %w", p.ID, err)
		}
		p.Seen = moment(seen)
		found = append(found, p)
		return nil
	}, "SELECT id, body, seen FROM person ORDER BY seen DESC, id")
	if err != nil {
		return nil, fmt.Errorf("list people: %w", d.db.Fault(err))
	}
	return found, nil
}

// PutPerson remembers somebody, or what has changed of them.
func (d *Device) PutPerson(ctx context.Context, p Person) error {
	const put = `
		INSERT INTO person (id, body, seen) VALUES ($1, $2, $3)
		ON CONFLICT (id) DO UPDATE SET body = excluded.body, seen = excluded.seen`
	body, err := json.Marshal(p)
	if err == nil {
		err = exec(ctx, d.db, put, p.ID, string(body), millis(p.Seen))
	}
	if err != nil {
		return fmt.Errorf("remember person %s: %w", p.ID, err)
	}
	return nil
}

// ForgetPerson forgets somebody: neither the file nor its log holds their name after.
func (d *Device) ForgetPerson(ctx context.Context, id string) error {
	err := exec(ctx, d.db, "DELETE FROM person WHERE id = $1", id)
	if err == nil { // what waited to leave is gone as well: its words are theirs
		err = exec(ctx, d.db, "DELETE FROM outbox WHERE owner = $1", id)
	}
	if err == nil {
		_, err = d.db.Writer.ExecContext(ctx, truncate)
	}
	if err != nil {
		return fmt.Errorf("forget person %s: %w", id, d.db.Fault(err))
	}
	return nil
}
