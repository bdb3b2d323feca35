package cache

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
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
)

// Setting reads a setting, "" when it was never set.
func (d *Device) Setting(ctx context.Context, key string) (string, error) {
	var value string
	err := d.db.Reader.QueryRowContext(ctx, "SELECT value FROM setting WHERE key = $1", key).Scan(&value)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("setting %s: %w", key, d.db.Fault(err))
	}
	return value, nil
}

// SetSetting writes a setting; "" forgets it.
func (d *Device) SetSetting(ctx context.Context, key, value string) error {
	const put = `
		INSERT INTO setting (key, value) VALUES ($1, $2)
		ON CONFLICT (key) DO UPDATE SET value = excluded.value`
	var err error
	if value == "" {
		err = d.exec(ctx, "DELETE FROM setting WHERE key = $1", key)
	} else {
		err = d.exec(ctx, put, key, value)
	}
	if err != nil {
		return fmt.Errorf("set setting %s: %w", key, err)
	}
	return nil
}

// exec runs one statement that writes.
func (d *Device) exec(ctx context.Context, text string, args ...any) error {
	return d.db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, text, args...)
		return err
	})
}

// one runs a statement that must change a row.
func (d *Device) one(ctx context.Context, text string, args ...any) error {
	return d.db.Write(ctx, func(tx *sql.Tx) error {
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
