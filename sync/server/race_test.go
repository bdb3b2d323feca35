package server_test

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"

	"passerelle/store/record"
	"passerelle/sync/client"
	"passerelle/sync/hub"
	"passerelle/sync/wire"
)

// Sixteen desks write to fifty partitions through two servers of one ledger, every third
// push delivered twice at once. What was acknowledged is there once, in a log without gaps,
// and of those who made the same record one was first.
//
// Rows: X-013
func TestNothingIsLostOverHTTP(t *testing.T) { onEngines(t, testNothingIsLostOverHTTP) }

func testNothingIsLostOverHTTP(t *testing.T, at place) {
	const writers, parts = 16, 50
	towns := []*town{village(t, at, hub.RecordsOptions{}, nil), village(t, at, hub.RecordsOptions{}, nil)}
	c := towns[0].desktop(t)
	people := make([]wire.Session, parts)
	for n := range people {
		people[n] = towns[0].someone(t, c, fmt.Sprintf("someone%d@exemple.ca", n))
	}
	var (
		mu      sync.Mutex
		changed = map[string]int{}      // partition: changes that were acknowledged
		made    = map[string][]string{} // partition: records that were acknowledged
		first   = map[string][]string{} // partition: who was first at the shared one
	)
	k, _ := record.Find("search")
	write := func(w, n int, desks []*client.Client) error {
		s := people[(7*w+13*n)%parts]
		name := fmt.Sprintf("writer %d", w)
		own := saved(s, fmt.Sprint("w", w), int64(2*n+1), fmt.Sprintf("own-%d-%d", w, n))
		both := saved(s, fmt.Sprint("w", w), int64(2*n+2), "shared")
		both.Patch = edited(k)
		both.Patch["name"], _ = json.Marshal(name)
		push := wire.Push{Mutations: []wire.Mutation{own, both}}
		var got wire.Pushed
		for tries := 0; ; tries++ { // what lost too many races is sent again, as a desk does
			var again error
			var twice sync.WaitGroup
			if n%3 == 0 {
				twice.Go(func() { _, again = desks[1].Push(t.Context(), s.Access, push) })
			}
			out, err := desks[0].Push(t.Context(), s.Access, push)
			twice.Wait()
			if err != nil || again != nil {
				return fmt.Errorf("%s: %w, %w", name, err, again)
			}
			got = out
			if out.Results[0].Outcome != wire.Later && out.Results[1].Outcome != wire.Later || tries == 50 {
				break
			}
		}
		became := func(r wire.Result) wire.Outcome {
			if r.Outcome == wire.Duped {
				return r.First
			}
			return r.Outcome
		}
		mu.Lock()
		defer mu.Unlock()
		if o := became(got.Results[0]); o != wire.Applied {
			return fmt.Errorf("%s: its own record: %s", name, o)
		}
		changed[s.Account]++
		made[s.Account] = append(made[s.Account], own.Record)
		switch o := became(got.Results[1]); o {
		case wire.Applied:
			changed[s.Account]++
			first[s.Account] = append(first[s.Account], name)
		case wire.Clashed:
		default:
			return fmt.Errorf("%s: the shared record: %s", name, o)
		}
		return nil
	}
	var all sync.WaitGroup
	for w := range writers {
		desks := []*client.Client{towns[w%2].desktop(t), towns[1-w%2].desktop(t)}
		all.Go(func() {
			for n := range parts {
				if err := write(w, n, desks); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	total := 0
	for _, s := range people {
		cursor := wire.Cursor{Partition: "person/" + s.Account, Epoch: 1}
		there, seen := map[string]record.Doc{}, 0
		for more := true; more; {
			got, err := c.Pull(t.Context(), s.Access, wire.Pull{Cursors: []wire.Cursor{cursor}, Limit: 7})
			if err != nil || len(got.Parts) != 1 {
				t.Fatalf("Pull: %+v, %v", got, err)
			}
			for _, ch := range got.Parts[0].Changes {
				if seen++; ch.Seq != int64(seen) {
					t.Fatalf("change %d of %s has number %d", seen, cursor.Partition, ch.Seq)
				}
				there[ch.Record] = ch.Body
			}
			more, cursor.Seq = got.Parts[0].More, got.Parts[0].Seq
		}
		if seen != changed[s.Account] {
			t.Errorf("%s has %d changes, %d were acknowledged", cursor.Partition, seen, changed[s.Account])
		}
		for _, id := range made[s.Account] {
			if there[id] == nil {
				t.Errorf("%s of %s was acknowledged and is lost", id, cursor.Partition)
			}
		}
		if len(first[s.Account]) != 1 || string(there["shared"]["name"]) != fmt.Sprintf("%q", first[s.Account][0]) {
			t.Errorf("of %s %v were first, and %s stands", cursor.Partition, first[s.Account], there["shared"]["name"])
		}
		total += len(made[s.Account])
	}
	if total != writers*parts {
		t.Errorf("%d records were acknowledged, want %d", total, writers*parts)
	}
	he, err := towns[0].CheckBackup(t.Context(), t.TempDir(), at.keys.Box)
	if want := int64((writers + 1) * parts); err != nil || he.Private.Records != want || he.Private.Changes != want || he.Private.Parts != parts {
		t.Errorf("a look at the ledger finds %+v, %v; want %d records of %d partitions", he.Private, err, want, parts)
	}
}
