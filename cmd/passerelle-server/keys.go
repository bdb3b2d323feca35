package main

import (
	"context"
	"errors"
	"flag"
	"io/fs"

	"passerelle/i18n"
	"passerelle/store/secret"
	"passerelle/sync/publish"
)

// keys makes and replaces the keys that sign the catalogue, and those that seal what accounts
// hold. The timestamp key lies beside the server; the root key is only read here, and
// belongs elsewhere.
func keys(p *program, set *flag.FlagSet) func(context.Context, []string) error {
	root := set.String("root", "", p.words.S(i18n.ServerFlagRoot))
	next := set.String("next", "", p.words.S(i18n.ServerFlagNext))
	demo := set.Bool("demo", false, p.words.S(i18n.ServerFlagDemo))
	return func(_ context.Context, args []string) error {
		if *root == "" {
			*root = p.file("keys", "root.key")
		}
		what := "show"
		if len(args) > 0 {
			what = args[0]
		}
		switch what {
		case "new":
			if err := p.newKeys(*root, *demo); err != nil {
				return err
			}
			p.say(p.out, i18n.ServerKeysAway, "Name", *root)
			return nil
		case "show":
			print, err := publish.Fingerprint(p.file("public"))
			if err != nil {
				return errors.Join(errNoKeys, err)
			}
			p.say(p.out, i18n.ServerKeysShow, "Print", print)
			return nil
		case "rotate-secrets":
			name := p.file("keys", "secrets.json")
			p.subject = name
			if _, err := secret.Rotate(name); err != nil {
				return err
			}
			p.say(p.out, i18n.ServerKeysSecrets)
			return nil
		case "rotate", "rotate-root", "renew":
			return p.rotate(what, *root, *next)
		}
		return usageError(i18n.ServerCmdKeys)
	}
}

// newKeys makes a root key and a timestamp key, and the first root.
func (p *program) newKeys(rootFile string, demo bool) error {
	if _, err := publish.Fingerprint(p.file("public")); err == nil {
		p.subject = p.file("public", "root", "1")
		return fs.ErrExist // before the key in force is replaced by one that is not
	}
	root, err := publish.NewKey()
	if err != nil {
		return err
	}
	stamp, err := publish.NewKey()
	if err != nil {
		return err
	}
	if err := makeDir(rootFile); err != nil {
		return err
	}
	p.subject = rootFile
	if err := root.Write(rootFile); err != nil {
		return err
	}
	if err := p.keepStamp(stamp); err != nil {
		return err
	}
	print, err := publish.NewRoot(p.file("public"), []publish.Key{root}, stamp, publish.RootOptions{Demo: demo}, p.clock())
	if err != nil {
		return err
	}
	p.say(p.out, i18n.ServerKeysMade, "Print", print)
	return nil
}

func (p *program) rotate(what, rootFile, nextFile string) error {
	p.subject = rootFile
	root, err := publish.ReadKey(rootFile)
	if err != nil {
		return err
	}
	old, now := []publish.Key{root}, p.clock()
	version := int64(0)
	switch what {
	case "renew":
		version, err = publish.Renew(p.file("public"), old, publish.RootOptions{}, now)
	case "rotate":
		var stamp publish.Key
		if stamp, err = publish.NewKey(); err != nil {
			return err
		}
		if version, err = publish.RotateTimestamp(p.file("public"), old, stamp, publish.RootOptions{}, now); err == nil {
			err = p.keepStamp(stamp)
		}
	case "rotate-root":
		if nextFile == "" {
			return usageError(i18n.ServerFlagNext)
		}
		var next publish.Key
		if next, err = publish.NewKey(); err != nil {
			return err
		}
		p.subject = nextFile
		if err = next.Write(nextFile); err != nil { // before it is in force: a key that is lost rules for ever
			return err
		}
		version, err = publish.RotateRoot(p.file("public"), old, []publish.Key{next}, publish.RootOptions{}, now)
	}
	if err != nil {
		return err
	}
	p.say(p.out, i18n.ServerKeysRotated, "Version", p.words.Number(int(version)))
	return nil
}

// keepStamp puts the timestamp key in the place of the one before, which has no use any
// more. It is written aside first: a stop in between loses neither.
func (p *program) keepStamp(k publish.Key) error {
	name := p.file("keys", "timestamp.key")
	if err := makeDir(name); err != nil {
		return err
	}
	return replaceKey(k, name)
}

func (p *program) signer() (publish.Key, error) {
	k, err := publish.ReadKey(p.file("keys", "timestamp.key"))
	if errors.Is(err, fs.ErrNotExist) {
		return k, errNoKeys
	}
	return k, err
}
