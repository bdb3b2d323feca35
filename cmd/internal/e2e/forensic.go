package e2e

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/godbus/dbus/v5"
)

// trace is a secret that is to be found nowhere, and what it is called in a report: the
// report never says the secret itself.
type trace struct{ what, text string }

// needles are the forms in which a secret would lie in a file: as it was typed and as it may
// be written, as text of one byte and of two, in base64 at each of the three alignments, in hex.
func (x trace) needles() [][]byte {
	forms := []string{x.text}
	add := func(s string) {
		if !slices.Contains(forms, s) {
			forms = append(forms, s)
		}
	}
	if len(x.text) == 9 && strings.Trim(x.text, "0123456789") == "" { // a number is written in threes
		for _, gap := range []string{" ", "-", ".", "\u00a0", "\u202f"} {
			add(x.text[:3] + gap + x.text[3:6] + gap + x.text[6:])
		}
	}
	if day, err := time.Parse(time.DateOnly, x.text); err == nil {
		for _, form := range []string{"20060102", "2006/01/02", "02/01/2006", "01/02/2006", "2 January 2006", "January 2, 2006"} {
			add(day.Format(form))
		}
	}
	add(strings.ReplaceAll(x.text, " ", ""))
	var all [][]byte
	for _, f := range forms {
		b := []byte(f)
		all = append(all, lower(b), hexed(b))
		little, big := make([]byte, 0, 2*len(b)), make([]byte, 0, 2*len(b))
		for _, u := range utf16.Encode([]rune(f)) {
			little, big = append(little, byte(u), byte(u>>8)), append(big, byte(u>>8), byte(u))
		}
		all = append(all, lower(little), lower(big))
		for skip := range 3 {
			// What stands before shifts it by skip bytes: the characters that depend on a neighbour are left out.
			text := base64.RawStdEncoding.EncodeToString(append(make([]byte, skip), b...))
			from, to := (skip*8+5)/6, (skip+len(b))*8/6
			if to-from >= 8 {
				all = append(all, lower([]byte(text[from:to])))
			}
		}
	}
	return all
}

func hexed(b []byte) []byte { return []byte(hex.EncodeToString(b)) }

// lower makes letters of ASCII small and leaves every other byte alone, text or not.
func lower(b []byte) []byte {
	out := bytes.Clone(b)
	for i, c := range out {
		if 'A' <= c && c <= 'Z' {
			out[i] = c + 'a' - 'A'
		}
	}
	return out
}

// find says which traces lie in some bytes.
func find(b []byte, traces []trace) (found []string) {
	low := lower(b)
	for _, x := range traces {
		if slices.ContainsFunc(x.needles(), func(n []byte) bool { return bytes.Contains(low, n) }) {
			found = append(found, x.what)
		}
	}
	return found
}

// search reads every byte of every file under a folder, and gives what it found where. A
// name of a file is searched like what it holds. Pictures are left out: they are of the walk.
func search(folder string, traces []trace) (found []string, files int, err error) {
	err = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			if os.IsNotExist(err) { // it went while the programs ran
				return nil
			}
			return err
		}
		if !d.Type().IsRegular() || strings.HasSuffix(path, ".png") {
			return nil
		}
		b, err := os.ReadFile(path)
		if os.IsNotExist(err) {
			return nil
		}
		if err != nil {
			return err
		}
		files++
		name, _ := filepath.Rel(folder, path)
		for _, what := range find(append(b, name...), traces) {
			found = append(found, what+" in "+name)
		}
		return nil
	})
	return found, files, err
}

// nowhere fails where a secret lies in any file of the walk or in what a program printed. So
// that it can fail, it first plants a file with every secret in every form and finds it again.
func nowhere(folder string, printed []string, traces []trace) error {
	if err := planted(folder, traces); err != nil {
		return err
	}
	found, files, err := search(folder, traces)
	if err != nil {
		return err
	}
	if files < 10 {
		return fmt.Errorf("the search read only %d files under %s", files, folder)
	}
	for i, text := range printed {
		for _, what := range find([]byte(text), traces) {
			found = append(found, fmt.Sprintf("%s in what program %d printed", what, i+1))
		}
	}
	if len(found) > 0 {
		return fmt.Errorf("what was to be kept nowhere is there: %s", strings.Join(found, "; "))
	}
	return nil
}

// planted hides words of its own in files, each in every form, among bytes that are no text,
// and wants each found; and it wants each secret to be one that can be looked for.
func planted(folder string, traces []trace) error {
	dir := filepath.Join(folder, "control")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	words := []trace{{"a control number", "271828184"}, {"a control date", "1899-12-31"}, {"a control sentence", "Fin De Semaine Zebree"}}
	hidden := 0
	for _, word := range words {
		for _, n := range word.needles() {
			hidden++
			b := append(bytes.Repeat([]byte{0xff, 0, 0xc3}, 4096+hidden), n...)
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(hidden)), append(b, 0, 0xfe), 0o600); err != nil {
				return err
			}
		}
	}
	found, _, err := search(folder, words)
	if err == nil && len(found) != hidden {
		err = fmt.Errorf("the search finds %d of %d control words: %v", len(found), hidden, found)
	}
	for _, x := range traces {
		if len(x.text) < 6 {
			err = fmt.Errorf("%s is too short to be looked for", x.what)
		}
	}
	return err
}

// printed is what the programs of the walk have printed; those that run still are left out.
func (t *trail) printed() (all []string) {
	for _, w := range t.windows {
		select {
		case err := <-w.done:
			w.done <- err
			all = append(all, w.Log())
		default:
		}
	}
	for _, s := range t.servers {
		select {
		case err := <-s.done:
			s.done <- err
			all = append(all, s.out.all.String())
		default:
		}
	}
	return all
}

// noCore wants a process to leave no core file, and to be closed to other programs of the
// same person. The second cannot be told by root, to whom every process is open.
func noCore(pid int) error {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", pid))
	if err != nil {
		return err
	}
	_, line, _ := strings.Cut(string(b), "Max core file size")
	if f := strings.Fields(line); len(f) < 2 || f[0] != "0" || f[1] != "0" {
		return fmt.Errorf("process %d may leave a core file: %.40q", pid, line)
	}
	if _, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid)); err == nil && os.Geteuid() > 0 {
		return fmt.Errorf("process %d can be read by other programs of the same person", pid)
	}
	return nil
}

// entry is an entry of a keyring.
type entry struct{ label, user, secret string }

// entries are those that a service keeps in the keyring of the screen, asked over its bus as
// any other program of that session could.
func (k *Keyring) entries(ctx context.Context, service string) ([]entry, error) {
	bus, err := dbus.Connect(k.address, dbus.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	defer func() { _ = bus.Close() }()
	const at = "org.freedesktop.Secret."
	secrets := bus.Object("org.freedesktop.secrets", "/org/freedesktop/secrets")
	var none dbus.Variant
	var session dbus.ObjectPath
	if err := secrets.CallWithContext(ctx, at+"Service.OpenSession", 0, "plain", dbus.MakeVariant("")).Store(&none, &session); err != nil {
		return nil, fmt.Errorf("open a session of the keyring: %w", err)
	}
	var open, locked []dbus.ObjectPath
	if err := secrets.CallWithContext(ctx, at+"Service.SearchItems", 0, map[string]string{"service": service}).Store(&open, &locked); err != nil {
		return nil, fmt.Errorf("search the keyring: %w", err)
	}
	var all []entry
	for _, path := range append(open, locked...) {
		item := bus.Object("org.freedesktop.secrets", path)
		label, err := item.GetProperty(at + "Item.Label")
		if err != nil {
			return nil, err
		}
		about, err := item.GetProperty(at + "Item.Attributes")
		if err != nil {
			return nil, err
		}
		var value struct {
			Session     dbus.ObjectPath
			Parameters  []byte
			Value       []byte
			ContentType string
		}
		if err := item.CallWithContext(ctx, at+"Item.GetSecret", 0, session).Store(&value); err != nil {
			return nil, fmt.Errorf("read an entry of the keyring: %w", err)
		}
		e := entry{secret: string(value.Value)}
		e.label, _ = label.Value().(string)
		if m, ok := about.Value().(map[string]string); ok {
			e.user = m["username"]
		}
		all = append(all, e)
	}
	return all, nil
}
