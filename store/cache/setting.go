package cache

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"passerelle/store/sqldb"
)

// Names of settings.
const (
	Language   = "language"   // "fr" or "en"; empty until the person has chosen
	Theme      = "theme"      // "light", "dark", "contrast"; empty: as the system
	TextSize   = "textsize"   // per cent, 100 to 200
	Server     = "server"     // base address
	Proxy      = "proxy"      // address; empty: as the system
	CAFile     = "cafile"     // PEM file of a private authority
	Scope      = "scope"      // catalogue scope
	OfferSeen  = "offer.seen" // "1" once the language was offered
	SplitPanel = "split.panel"
	SplitList  = "split.list"
	Shared     = "desk.shared"   // "1": several people use this computer
	LockAfter  = "desk.lock"     // minutes without activity until it locks; "": the house's own (B-019)
	AutoSync   = "sync.auto"     // "off": a server is asked only when somebody wants it
	TokensOf   = "server.tokens" // address of the server that gave the sessions of this desk
	ProfileAt  = "profile.at"    // the page of the profile where a person left off
	LastServer = "server.said"   // the last known wire.Deployment, as JSON
)

// Setting reads a setting, "" when it was never set. In a person's own file it is sealed.
func (d *Device) Setting(ctx context.Context, key string) (string, error) {
	var value []byte
	err := d.db.Reader.QueryRowContext(ctx, "SELECT value FROM setting WHERE key = $1", key).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err == nil && d.sealsSettings() {
		value, err = d.open(settings, key, "value", value)
	}
	if err != nil {
		return "", fmt.Errorf("setting %s: %w", key, d.db.Fault(err))
	}
	return string(value), nil
}

// sealsSettings: a person's own file does; the desk's settings beside it are nobody's secret.
func (d *Device) sealsSettings() bool { return d.box != nil && d.own == d.db }

// SetSetting writes a setting; "" forgets it.
func (d *Device) SetSetting(ctx context.Context, key, value string) error {
	const put = `
		INSERT INTO setting (key, value) VALUES ($1, $2)
		ON CONFLICT (key) DO UPDATE SET value = excluded.value`
	if value == "" {
		if err := exec(ctx, d.db, "DELETE FROM setting WHERE key = $1", key); err != nil {
			return fmt.Errorf("forget setting %s: %w", key, err)
		}
		return nil
	}
	var (
		keep any = value
		err  error
	)
	if d.sealsSettings() {
		keep, err = d.seal(settings, key, "value", []byte(value))
	}
	if err == nil {
		err = exec(ctx, d.db, put, key, keep)
	}
	if err != nil {
		return fmt.Errorf("set setting %s: %w", key, err)
	}
	return nil
}

// exec runs one statement that writes.
func exec(ctx context.Context, db *sqldb.DB, text string, args ...any) error {
	return db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, text, args...)
		return err
	})
}

// one runs a statement that must change a row.
func one(ctx context.Context, db *sqldb.DB, text string, args ...any) error {
	return db.Write(ctx, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, text, args...)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, ErrNotFound)
		}
		return nil
	})
}
