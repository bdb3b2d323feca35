package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"passerelle/store/cache"
	"passerelle/store/record"
	"passerelle/store/secret"
	"passerelle/sync/replica"
	"passerelle/sync/wire"
)

// far is a computer that no network reaches, for the scripts: far FOLDER WHO write | ask | export
// FILE | import FILE | waits. WHO is a file that ends with an account, as register prints it.
func far() {
	if err := doFar(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, replica.Sentence(err), err)
		os.Exit(1)
	}
}

// shelf is what the computer sends without an account.
type shelf struct{ *cache.Device }

// Reports: see [replica.Outbox].
func (s shelf) Reports(ctx context.Context) (all []wire.Report, err error) {
	items, err := s.Pending(ctx)
	for _, it := range items {
		var r wire.Report
		if it.Kind == cache.KindReport {
			err = errors.Join(err, json.Unmarshal(it.Body, &r))
			all = append(all, r)
		}
	}
	return all, err
}

// Helps: see [replica.Requests].
func (s shelf) Helps(ctx context.Context) (all []wire.HelpRequest, err error) {
	items, err := s.Pending(ctx)
	for _, it := range items {
		var h wire.HelpRequest
		if it.Kind == cache.KindHelp {
			err = errors.Join(err, json.Unmarshal(it.Body, &h))
			all = append(all, h)
		}
	}
	return all, err
}

// Subscriptions: see [replica.Subscriptions].
func (s shelf) Subscriptions(ctx context.Context) (all []wire.Subscribe, err error) {
	items, err := s.Pending(ctx)
	for _, it := range items {
		var in wire.Subscribe
		if it.Kind == cache.KindSubscription {
			err = errors.Join(err, json.Unmarshal(it.Body, &in))
			all = append(all, in)
		}
	}
	return all, err
}

// Left: see [replica.Items].
func (s shelf) Left(ctx context.Context, key string) error { return s.Send(ctx, key) }

// Settled: see [replica.Outbox].
func (s shelf) Settled(ctx context.Context, key string, delivered bool, answer string) error {
	state := cache.Rejected
	if delivered {
		state = cache.Accepted
	}
	return s.Settle(ctx, key, state, answer, time.Now())
}

func doFar(ctx context.Context, args []string) (err error) {
	dir, act := args[0], args[2]
	who, err := os.ReadFile(args[1])
	if err != nil {
		return err
	}
	words := strings.Fields(string(who))
	id := words[len(words)-1]
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	box, err := secret.NewBox(make([]byte, secret.KeySize))
	if err != nil {
		return err
	}
	file, err := cache.OpenPerson(ctx, dir, id, box)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	device, err := cache.Open(ctx, filepath.Join(dir, "device.db"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, device.Close()) }()
	records, err := file.Records()
	if err != nil {
		return err
	}
	p := replica.NewPrivate(nil, records, replica.PrivateOptions{Account: id, Items: shelf{device}})
	switch act {
	case "write":
		now := time.Now()
		ref := cache.Ref{Partition: "person/" + id, Kind: "profile", Record: "019a9f6e-0000-7000-8000-00000000000a"}
		body, err := json.Marshal(wire.Report{Key: "019a9f6e-0000-7000-8000-00000000000b", Number: 7, Reason: "dead_link", Made: now})
		if err != nil {
			return err
		}
		return errors.Join(
			records.Put(ctx, ref, record.Doc{"places": []byte(`["NB"]`), "mode": []byte(`"default"`)}, now),
			records.Do(ctx, ref, "activate", 0, now),
			device.Queue(ctx, cache.KindReport, "019a9f6e-0000-7000-8000-00000000000b", body, now))
	case "ask":
		body, err := json.Marshal(wire.Subscribe{Key: "019a9f6e-0000-7000-8000-00000000000c", Email: "anyone@exemple.ca", Lang: "fr", Keywords: []string{"soudage"}})
		if err != nil {
			return err
		}
		return device.Queue(ctx, cache.KindSubscription, "019a9f6e-0000-7000-8000-00000000000c", body, time.Now())
	case "export":
		f, err := os.Create(args[3])
		if err != nil {
			return err
		}
		n, err := p.Export(ctx, f)
		fmt.Println("exported", n)
		return errors.Join(err, f.Close())
	case "import":
		f, err := os.Open(args[3])
		if err != nil {
			return err
		}
		n, err := p.Import(ctx, f)
		fmt.Println("ended", n)
		return errors.Join(err, f.Close())
	}
	n, err := records.Waiting(ctx)
	items, ierr := device.Pending(ctx)
	fmt.Println("waiting", n+len(items))
	return errors.Join(err, ierr)
}
