package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"passerelle/store/account"
	"passerelle/store/record"
	"passerelle/sync/client"
	"passerelle/sync/wire"
)

// register is somebody who registers, for the scripts: register URL [FOLDER]. It prints the
// account. The code is
// that of the letter in the demonstration's mailbox, or in the folder of a post office.
func register() {
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	id, err := doRegister(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("registered", id)
}

func doRegister(ctx context.Context, args []string) (id string, err error) {
	c, err := client.New(args[0], client.Options{})
	if err != nil {
		return "", err
	}
	read := func() (texts []string, err error) {
		all, err := c.Letters(ctx)
		for _, l := range all {
			texts = append(texts, l.Text)
		}
		return texts, err
	}
	if len(args) > 1 {
		read = func() (texts []string, err error) {
			names, err := filepath.Glob(filepath.Join(args[1], "*.eml"))
			for _, name := range names {
				b, rerr := os.ReadFile(name)
				texts, err = append(texts, strings.ReplaceAll(string(b), "\r\n", "\n")), errors.Join(err, rerr)
			}
			return texts, err
		}
	}
	p, err := c.Begin(ctx, "", wire.Begin{Kind: account.Register, Lang: "fr", Device: "bureau"})
	if err != nil {
		return "", err
	}
	flow := p.Flow
	answers := map[account.Step]func() (wire.Answer, error){
		account.StepTerms: func() (wire.Answer, error) { return wire.Answer{Accept: true, Terms: p.Terms, Lang: "fr"}, nil },
		account.StepIdentity: func() (wire.Answer, error) {
			return wire.Answer{
				First: "Ada", Last: "Essai", Email: "ada.essai@exemple.ca", Lang: "fr",
				Password: "un cheval agrafe juste", Again: "un cheval agrafe juste",
			}, nil
		},
		account.StepCode: func() (wire.Answer, error) {
			code, err := letterCode(ctx, read)
			return wire.Answer{Code: code}, err
		},
		account.StepValidate: func() (wire.Answer, error) {
			return wire.Answer{Accept: true, SIN: "130692544", Maiden: "Trouvetoi", Born: "1990-02-03"}, nil
		},
		account.StepQuestions: func() (wire.Answer, error) {
			var in wire.Answer
			for i, id := range account.QuestionIDs[:5] {
				in.Questions = append(in.Questions, wire.QA{Question: id, Answer: fmt.Sprint("la réponse ", i)})
			}
			return in, nil
		},
	}
	for p.Step != account.StepDone {
		in, err := answers[p.Step]()
		if err != nil {
			return "", err
		}
		if p, err = c.Step(ctx, flow, p.Step, in); err != nil {
			return "", err
		}
	}
	me, err := c.Me(ctx, p.Session.Access)
	if err == nil && me.Email != "ada.essai@exemple.ca" {
		err = fmt.Errorf("the account is %+v", me)
	}
	if err == nil { // for records
		err = os.WriteFile(sessionFile, []byte(p.Session.Account+" "+p.Session.Access), 0o600)
	}
	return p.Session.Account, err
}

const sessionFile = "session.txt"

// records pushes and pulls private records of whoever registered last in a script's folder:
// records push URL NAME... makes saved searches; records pull URL [EPOCH SEQ] lists them.
func records() {
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	err := doRecords(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func doRecords(ctx context.Context, args []string) error {
	who, err := os.ReadFile(sessionFile)
	if err != nil {
		return err
	}
	id, access, _ := strings.Cut(string(who), " ")
	c, err := client.New(args[1], client.Options{})
	if err != nil {
		return err
	}
	if args[0] == "push" {
		k, _ := record.Find("search")
		var in wire.Push
		for _, name := range args[2:] {
			made := k.Example()
			for _, f := range k.Forbidden(made) {
				delete(made, f)
			}
			made["name"] = fmt.Appendf(nil, "%q", name)
			in.Mutations = append(in.Mutations, wire.Mutation{
				ID: "m-" + name, Client: "script-" + name, Seq: 1, Partition: "person/" + id, Kind: k.Name, Record: name, Patch: made,
			})
		}
		out, err := c.Push(ctx, access, in)
		for _, r := range out.Results {
			fmt.Println(r.ID, r.Outcome, "in epoch", out.Epoch)
		}
		return err
	}
	var in wire.Pull
	if len(args) > 2 {
		at := wire.Cursor{Partition: "person/" + id}
		if _, err := fmt.Sscan(strings.Join(args[2:], " "), &at.Epoch, &at.Seq); err != nil {
			return err
		}
		in.Cursors = []wire.Cursor{at}
	}
	out, err := c.Pull(ctx, access, in)
	for _, p := range out.Parts {
		fmt.Println("epoch", p.Epoch, "seq", p.Seq)
		for _, ch := range p.Changes {
			fmt.Println(ch.Record, ch.Ver, string(ch.Body["name"]))
		}
	}
	return err
}

var sixDigits = regexp.MustCompile(`(?m)^    ([0-9]{6})$`)

// letterCode waits for the letter, which leaves within moments.
func letterCode(ctx context.Context, read func() ([]string, error)) (string, error) {
	t := time.NewTicker(50 * time.Millisecond)
	defer t.Stop()
	for {
		all, err := read()
		if err != nil {
			return "", err
		}
		for _, text := range all {
			if m := sixDigits.FindStringSubmatch(text); m != nil {
				return m[1], nil
			}
		}
		select {
		case <-ctx.Done():
			return "", errors.New("no letter came")
		case <-t.C:
		}
	}
}
