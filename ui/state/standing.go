package state

import (
	"errors"
	"strings"
	"time"

	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/store/record"
	"passerelle/sync/replica"
)

// Records says whether somebody's records are kept in step here.
func (y *Sync) Records() bool { return y.s.o.Private != nil && y.s.Present.Signed() }

// RecordsBusy says whether they are just now.
func (y *Sync) RecordsBusy() bool { return y.s.steady().Working }

// RecordsNow brings them in step.
func (y *Sync) RecordsNow() {
	if y.Records() {
		y.s.o.Private.Kick(replica.Asked)
		y.s.Tell()
	}
}

// RecordsProblem says why they are not in step, "" when nothing keeps them.
func (y *Sync) RecordsProblem() string { return PrivateProblem(y.s.words, y.s.steady().Err) }

// RecordsCalm says whether that is no fault.
func (y *Sync) RecordsCalm() bool {
	err := y.s.steady().Err
	return errors.Is(err, replica.ErrOffline) || errors.Is(err, replica.ErrNoServer)
}

// RecordsNote says how they are kept in step, "" when there is nothing to add.
func (y *Sync) RecordsNote() string {
	now := y.s.steady()
	switch {
	case len(now.Parts) == 0:
		return y.s.words.S(i18n.PrivateNone)
	case !y.Auto:
		return y.s.words.S(i18n.PrivateByHand)
	case now.Live:
		return y.s.words.S(i18n.PrivateLive)
	}
	return ""
}

// RecordsFacts are how they stand: when all was in step, when it is tried again, what waits,
// and how old the copy of each partition is.
func (y *Sync) RecordsFacts() []Fact {
	w, now := y.s.words, y.s.steady()
	moment := func(t time.Time) string {
		if t.IsZero() {
			return w.S(i18n.PrivateNever)
		}
		at := t.In(y.s.o.Zone)
		return join(w.Date(at)+" "+w.Clock(at), Since(w, t, y.s.Now()))
	}
	fs := []Fact{{w.S(i18n.PrivateLast), moment(now.Last)}}
	if now.Next.After(y.s.Now()) {
		fs = append(fs, Fact{w.S(i18n.PrivateNext), w.Clock(now.Next.In(y.s.o.Zone))})
	}
	for _, c := range []struct {
		k i18n.Key
		n int
	}{{i18n.PrivateWaits, now.Waiting}, {i18n.PrivateParked, now.Parked}, {i18n.PrivateChoices, now.Conflicts}} {
		if c.n > 0 || c.k == i18n.PrivateWaits {
			fs = append(fs, Fact{w.S(c.k), w.Number(c.n)})
		}
	}
	return append(fs, partFacts(w, now.Parts, moment)...)
}

// partFacts tell the age of each partition; several of a kind are numbered.
func partFacts(w *i18n.Words, parts []cache.Cursor, moment func(time.Time) string) (fs []Fact) {
	keys := map[record.Partition]i18n.Key{record.Person: i18n.PrivatePartPerson, record.Employer: i18n.PrivatePartEmployer,
		record.Grant: i18n.PrivatePartGrant, record.Office: i18n.PrivatePartOffice}
	of := map[i18n.Key]int{}
	for _, c := range parts {
		of[partKey(keys, c)]++
	}
	nth := map[i18n.Key]int{}
	for _, c := range parts {
		k := partKey(keys, c)
		name := w.S(k)
		if nth[k]++; of[k] > 1 {
			name += " " + w.Number(nth[k])
		}
		fs = append(fs, Fact{w.S(i18n.PrivatePart) + " · " + name, moment(c.At)})
	}
	return fs
}

func partKey(keys map[record.Partition]i18n.Key, c cache.Cursor) i18n.Key {
	part, _, _ := strings.Cut(c.Partition, "/")
	if k, ok := keys[record.Partition(part)]; ok {
		return k
	}
	return i18n.PrivatePartOther
}
