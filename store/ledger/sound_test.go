package ledger_test

import (
	"errors"
	"strings"
	"testing"

	"passerelle/store/ledger"
	"passerelle/store/sqldb"
)

// Whatever cannot be in private records is found, with the partition where it is.
func TestCheckRecords(t *testing.T) { engines(t, testCheckRecords) }

func testCheckRecords(t *testing.T) {
	for name, harm := range map[string]string{
		"":                       "",
		"a gap":                  "DELETE FROM change WHERE part = 'person/a' AND seq = 2",
		"the newest change":      "DELETE FROM change WHERE part = 'person/a' AND seq = 3",
		"a counter":              "UPDATE part SET seq = seq + 1 WHERE name = 'person/a'",
		"a floor":                "UPDATE part SET floor = 1 WHERE name = 'person/a'",
		"a record":               "DELETE FROM doc WHERE part = 'person/a' AND id = 'r2'",
		"an older version":       "UPDATE doc SET ver = 1 WHERE part = 'person/a' AND id = 'r1'",
		"a body":                 "UPDATE doc SET body = '' WHERE part = 'person/a' AND id = 'r2'",
		"a shorter body":         "UPDATE doc SET body = 'x' WHERE part = 'person/a' AND id = 'r2'",
		"a count":                "UPDATE part SET records = records + 1 WHERE name = 'person/a'",
		"an epoch":               "UPDATE part SET epoch = 7 WHERE name = 'person/a'",
		"a partition":            "DELETE FROM part WHERE name = 'person/a'",
		"a partition of changes": "DELETE FROM part WHERE name = 'person/a'; DELETE FROM doc WHERE part = 'person/a'",
	} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			at := place(t)
			l := open(t, at, ledger.Options{})
			update(t, l, func(tx *ledger.Tx) error {
				err := errors.Join(change(t, tx, "person/a", "r1", 1, false), change(t, tx, "person/a", "r2", 1, false), change(t, tx, "person/b", "r1", 1, false))
				if err != nil {
					return err
				}
				_, err = tx.Advance(t.Context(), "person/a", -2, -6) // what change counts for a removal
				if err != nil {
					return err
				}
				d, err := tx.Doc(t.Context(), "person/a", "r1")
				if err != nil {
					return err
				}
				d.Ver, d.Deleted, d.Body = 2, true, nil
				if err := tx.PutDoc(t.Context(), d); err != nil {
					return err
				}
				return tx.AddChange(t.Context(), "person/a", 3, "r1", 2, noon)
			})
			db := raw(t, at)
			if _, err := db.Writer.ExecContext(t.Context(), "UPDATE part SET records = records + 1 WHERE name = 'person/a'"); err != nil {
				t.Fatal(err)
			}
			if harm != "" {
				if _, err := db.Writer.ExecContext(t.Context(), harm); err != nil {
					t.Fatal(err)
				}
			}
			seen := 0
			got, err := l.CheckRecords(t.Context(), func(ledger.Doc) error { seen++; return nil })
			switch {
			case harm == "" && (err != nil || got.Parts != 2 || got.Records != 2 || got.Changes != 4 || seen != 2):
				t.Errorf("sound: %+v, %d seen, %v", got, seen, err)
			case harm != "" && (!errors.Is(err, sqldb.ErrCorrupt) || !strings.Contains(err.Error(), "person/a")):
				t.Errorf("%v, want ErrCorrupt of person/a", err)
			}
		})
	}
}
