package cache

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"passerelle/store/record"
	"passerelle/store/sqldb"
)

// States of a mutation besides Queued and Sending, which say that it has not left, and that
// it has and was not answered.
const (
	Parked State = "parked" // not taken: the person mends, retries or cancels it
	Acked  State = "acked"  // answered
)

// Why a mutation waits, besides the server's reasons.
const (
	WhyBefore   = "before"    // a change of the same record before it
	WhyConflict = "conflict"  // the person has to choose first
	WhyRef      = "ref"       // a record that it names has not arrived
	WhyTooLarge = "too_large" // more than the server takes at once
	WhyConfirm  = "confirm"   // a restored server does not know it: only the person sends it again
)

// replayed is how long what was acknowledged is kept for a server that is restored.
const replayed = 30 * 24 * time.Hour

// Mutation is a change in the outbox: one of Patch, Delete and Command. It is as sync/wire
// has it, and where it stands.
type Mutation struct {
	N int64 `json:"-"` // its place: order, and name to whoever retries or cancels it
	Ref
	// ID, Client and Seq it gets when it leaves; then it changes no more.
	ID       string     `json:"id,omitempty"`
	Client   string     `json:"client,omitempty"`
	Seq      int64      `json:"seq,omitempty"`
	Base     int64      `json:"base,omitempty"`
	Epoch    int64      `json:"epoch,omitempty"`
	New      bool       `json:"new,omitempty"` // the record begins with it
	Patch    record.Doc `json:"patch"`
	Was      record.Doc `json:"was"`
	Delete   bool       `json:"delete,omitempty"`
	Command  string     `json:"command,omitempty"`
	Revision int64      `json:"revision,omitempty"`
	Made     time.Time  `json:"made"`

	State    State     `json:"-"`
	Why      string    `json:"why,omitempty"`    // what a parked one was refused for; of another, what it waits for
	Fields   []string  `json:"fields,omitempty"` // what to mend of a parked one
	Attempts int       `json:"attempts,omitempty"`
	Outcome  string    `json:"outcome,omitempty"` // of an acknowledged one
	Settled  time.Time `json:"-"`
	Reborn   bool      `json:"reborn,omitempty"` // its first name was another's
	Seen     bool      `json:"seen,omitempty"`   // all was pulled since it left: if it had arrived, the shadow tells
	Left     int       `json:"left,omitempty"`   // times that it left since: after the second, nobody knows

	key   string // random: what it is sealed as
	dirty bool
}

// again makes it one that has not left: the server keeps the answer that it gave, so what is
// sent is another mutation.
func (m *Mutation) again() {
	m.State, m.Why, m.Outcome, m.Fields = Queued, "", "", nil
	m.ID, m.Client, m.Seq, m.Base, m.Epoch = "", "", 0, 0, 0
	m.Settled, m.Seen, m.Left, m.dirty = time.Time{}, false, 0, true
}

func (r *Records) idMark(id string) string {
	if id == "" {
		return ""
	}
	return r.d.mark(asMutation, id)
}

// add puts a change at the end of a chain.
func (r *Records) add(ctx context.Context, tx *sql.Tx, h *held, m *Mutation) error {
	const put = `
		INSERT INTO mutation (key, mark, part, id, state, body, settled)
		VALUES ($1, $2, $3, '', $4, '', 0) RETURNING n`
	key, err := NewID()
	if err != nil {
		return err
	}
	m.key = key
	if err := tx.QueryRowContext(ctx, put, key, h.mark, r.part(h.Partition), m.State).Scan(&m.N); err != nil {
		return err
	}
	h.chain = append(h.chain, m)
	r.d.origin.tell()
	return r.write(ctx, tx, m)
}

func (r *Records) write(ctx context.Context, tx *sql.Tx, m *Mutation) error {
	body, err := r.sealJSON(asMutation, m.key, "body", m)
	if err != nil {
		return err
	}
	m.dirty = false
	const set = "UPDATE mutation SET id = $2, state = $3, body = $4, settled = $5 WHERE n = $1"
	_, err = tx.ExecContext(ctx, set, m.N, r.idMark(m.ID), m.State, body, millis(m.Settled))
	return err
}

func (r *Records) remove(ctx context.Context, tx *sql.Tx, m *Mutation) error {
	_, err := tx.ExecContext(ctx, "DELETE FROM mutation WHERE n = $1", m.N)
	return err
}

const mutations = "SELECT n, key, state, body, settled FROM mutation "

func (r *Records) scan(rows *sql.Rows) (*Mutation, error) {
	var (
		m       = &Mutation{}
		body    []byte
		settled int64
	)
	if err := rows.Scan(&m.N, &m.key, &m.State, &body, &settled); err != nil {
		return nil, err
	}
	m.Settled = moment(settled)
	return m, r.openJSON(asMutation, m.key, "body", body, m)
}

func (r *Records) mutations(ctx context.Context, q sqldb.Querier, where string, args ...any) ([]*Mutation, error) {
	var found []*Mutation
	err := sqldb.Each(ctx, q, func(rows *sql.Rows) error {
		m, err := r.scan(rows)
		found = append(found, m)
		return err
	}, mutations+where, args...)
	return found, err
}

var errEnough = errors.New("enough")

// plan goes through what waits, in order, and says what each waits for, "" for nothing: a
// record's changes leave one after the other, and none before what it needs. all lets them
// leave together, for a file that is carried to the server. see may stop it with errEnough.
func (r *Records) plan(ctx context.Context, tx *sql.Tx, all bool, see func(m *Mutation, hold string) (left bool, err error)) error {
	open := map[string]bool{}
	err := sqldb.Each(ctx, tx, func(rows *sql.Rows) error {
		var mark string
		err := rows.Scan(&mark)
		open[mark] = true
		return err
	}, "SELECT DISTINCT mark FROM conflict")
	if err != nil {
		return err
	}
	var (
		halted   = map[Ref]bool{} // nothing more of it
		commands = map[Ref]bool{} // no more commands of it
		unborn   = map[string]bool{}
		before   = map[Ref]bool{} // left under another name than ours now
		asked    = map[Ref]bool{} // a command of it goes along
	)
	err = sqldb.Each(ctx, tx, func(rows *sql.Rows) error {
		m, err := r.scan(rows)
		if err != nil {
			return err
		}
		hold := ""
		switch {
		case m.State == Parked:
			if m.Command == "" {
				halted[m.Ref] = true
			}
			commands[m.Ref] = true
			hold = m.Why
		case halted[m.Ref], m.Command != "" && commands[m.Ref]:
			hold = WhyBefore
		case all && m.State == Queued && (before[m.Ref] || m.Command != "" && m.Revision == 0 && asked[m.Ref]):
			// The server knows that we saw a version only if we made it under this name, and
			// tells a command from the one before by its revision, or by the version it is of.
			hold = WhyBefore
			halted[m.Ref] = true
		case m.Command != "" && open[r.mark(m.Ref)]:
			hold = WhyConflict
			commands[m.Ref] = true
		case !all && m.State == Queued && names(m, unborn):
			hold = WhyRef
			halted[m.Ref] = true
		}
		left, err := see(m, hold)
		if err != nil {
			return err
		}
		if m.New {
			unborn[m.Record] = true
		}
		if hold == "" && m.Command != "" {
			asked[m.Ref] = true
		}
		if hold == "" && m.State == Sending && m.Client != r.d.origin.name() {
			before[m.Ref] = true
		}
		if hold == "" && (!left || !all) {
			halted[m.Ref] = true
		}
		return nil
	}, mutations+"WHERE state <> 'acked' ORDER BY n")
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// names says whether a change names one of some records.
func names(m *Mutation, records map[string]bool) bool {
	if len(records) == 0 || m.Patch == nil {
		return false
	}
	k, _ := record.Find(m.Kind)
	for _, f := range k.Fields {
		if v := m.Patch[f.Name]; f.Input == record.Ref && len(v) > 2 && records[string(v[1:len(v)-1])] {
			return true
		}
	}
	return false
}

// Limits of a batch.
type Limits struct {
	Items int                // 0: no limit
	Bytes int                // by Size; 0: no limit. The first one is always taken
	Size  func(Mutation) int // bytes of it where it goes
	Skip  map[int64]bool     // by N: not these now
	All   bool               // changes of one record together: for a file
}

// Batch takes what is to be sent next, in order. What is taken counts as sent from now on,
// under an id and a count of its own: a batch that gets lost is taken again, the same. There
// is none while a pull is due.
func (r *Records) Batch(ctx context.Context, l Limits) ([]Mutation, error) {
	var batch []Mutation
	err := r.d.own.Write(ctx, func(tx *sql.Tx) error {
		var taken []*Mutation
		batch = nil
		epoch, due, err := r.epoch(ctx, tx)
		if err != nil || due {
			return err
		}
		bytes := 0
		err = r.plan(ctx, tx, l.All, func(m *Mutation, hold string) (bool, error) {
			if hold != "" || l.Skip[m.N] {
				return false, nil
			}
			if l.Items > 0 && len(taken) == l.Items {
				return false, errEnough
			}
			if l.Size != nil && l.Bytes > 0 {
				size := *m
				if size.ID == "" { // as long as it will be
					size.ID, size.Client, size.Seq, size.Base, size.Epoch = noID, noID, 1<<40, 1<<40, 1<<40
				}
				if bytes += l.Size(size); bytes > l.Bytes && len(taken) > 0 {
					return false, errEnough
				}
			}
			taken = append(taken, m)
			return true, nil
		})
		if err != nil {
			return err
		}
		if err := r.freeze(ctx, tx, taken, epoch); err != nil {
			return err
		}
		batch = batch[:0]
		ranks := map[string]int{r.d.origin.name(): len(taken)} // what others left has left before
		for i, m := range taken {
			if _, ok := ranks[m.Client]; !ok {
				ranks[m.Client] = i
			}
			batch = append(batch, *m)
		}
		slices.SortStableFunc(batch, func(a, b Mutation) int {
			if a.Client != b.Client {
				return ranks[a.Client] - ranks[b.Client]
			}
			return int(a.Seq - b.Seq)
		})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("take from outbox: %w", err)
	}
	return batch, nil
}

const noID = "00000000-0000-0000-0000-000000000000"

// freeze names those that have not left.
func (r *Records) freeze(ctx context.Context, tx *sql.Tx, taken []*Mutation, epoch int64) error {
	const count = `
		INSERT INTO client (id, seq) VALUES ($1, $2)
		ON CONFLICT (id) DO UPDATE SET seq = excluded.seq`
	client, seq := r.d.origin.name(), int64(0)
	err := tx.QueryRowContext(ctx, "SELECT seq FROM client WHERE id = $1", client).Scan(&seq)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	began := seq
	for _, m := range taken {
		if m.State != Queued {
			if m.Seen && m.Left < 2 {
				m.Left++
				if err := r.write(ctx, tx, m); err != nil {
					return err
				}
			}
			continue
		}
		if m.ID, err = NewID(); err != nil {
			return err
		}
		seq++
		m.Client, m.Seq, m.State, m.Epoch = client, seq, Sending, epoch
		err := tx.QueryRowContext(ctx, "SELECT ver FROM shadow WHERE mark = $1", r.mark(m.Ref)).Scan(&m.Base)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if err := r.write(ctx, tx, m); err != nil {
			return err
		}
	}
	if seq == began {
		return nil
	}
	_, err = tx.ExecContext(ctx, count, client, seq)
	return err
}

// Outcomes of a mutation, as sync/wire names them.
const (
	outApplied  = "applied"
	outMerged   = "merged"
	outDup      = "dup"
	outConflict = "conflict"
	outRejected = "rejected"
	outRetry    = "retry"
)

const (
	reasonForbidden = "forbidden"
	reasonGone      = "gone"
	reasonOther     = "other_mutation"
)

// Result is the server's answer to a mutation.
type Result struct {
	ID      string
	Outcome string
	First   string // of one that was there already, the outcome of then; "": as the rest tells
	Reason  string
	Ver     int64
	Body    record.Doc
	Fields  []string
	By      string
	At      time.Time
}

func (r Result) outcome() string {
	switch {
	case r.Outcome != outDup:
		return r.Outcome
	case r.First != "" && r.First != outDup:
		return r.First
	case r.Reason != "" && r.Reason != WhyConfirm:
		return outRejected
	case len(r.Fields) > 0:
		return outConflict
	case r.Body != nil:
		return outMerged
	}
	return outApplied
}

// Settle takes the server's answers, of an epoch, and says how many were of something that
// waits and end that. Only an answer takes anything out of the outbox. ErrEpoch: pull first
// ([Records.Restored]); nothing was taken.
func (r *Records) Settle(ctx context.Context, epoch int64, results []Result, now time.Time) (ended int, err error) {
	err = r.d.own.Write(ctx, func(tx *sql.Tx) error {
		ended = 0
		if err := r.sameEpoch(ctx, tx, epoch); err != nil {
			return err
		}
		for _, x := range results {
			var mark string
			const find = "SELECT mark FROM mutation WHERE id = $1 AND state = 'sending'"
			err := tx.QueryRowContext(ctx, find, r.idMark(x.ID)).Scan(&mark)
			if errors.Is(err, sql.ErrNoRows) {
				continue // answered before
			}
			if err != nil {
				return err
			}
			done, err := r.settle(ctx, tx, mark, x, now)
			if err != nil {
				return err
			}
			if done {
				ended++
			}
		}
		_, err := tx.ExecContext(ctx, "DELETE FROM mutation WHERE state = 'acked' AND settled < $1", millis(now.Add(-replayed)))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("settle outbox: %w", err)
	}
	return ended, nil
}

func (r *Records) settle(ctx context.Context, tx *sql.Tx, mark string, x Result, now time.Time) (done bool, err error) {
	found, err := r.mutations(ctx, tx, "WHERE mark = $1 AND state <> 'acked' ORDER BY n LIMIT 1", mark)
	if err != nil {
		return false, err
	}
	h, err := r.load(ctx, tx, found[0].Ref)
	if err != nil {
		return false, err
	}
	at := slices.IndexFunc(h.chain, func(m *Mutation) bool { return m.ID == x.ID && m.State == Sending })
	m := h.chain[at]
	m.Attempts++
	m.dirty = true
	before := h.shadow
	for _, e := range h.chain[:at] {
		before = h.step(before, e)
	}
	mine := h.step(before, m)
	next, ver, by, when := h.shadow, h.ver, h.by, h.at
	news := x.Ver > h.ver || x.Ver == h.ver && h.shadow == nil
	if x.Outcome == outDup && m.Seen && h.shadow == nil {
		if m.Left < 2 {
			news = false // it was removed since
		} else if err := r.forget(ctx, tx, h.Partition); err != nil { // it may have been: the next pull tells
			return false, err
		}
	}
	if news && x.Body != nil {
		next, ver, by, when = x.Body, x.Ver, x.By, x.At
	}
	park := func(why string) (bool, error) {
		m.State, m.Why, m.Outcome, m.Fields = Parked, why, x.outcome(), x.Fields
		if record.Equal(next, h.shadow) {
			return true, r.keep(ctx, tx, h)
		}
		return true, r.turn(ctx, tx, h, next, ver, by, when)
	}
	var clashes []record.Conflict
	switch out := x.outcome(); out {
	case outApplied, outMerged:
		switch {
		case m.Delete:
			next, ver = nil, max(ver, x.Ver)
		case news && x.Body == nil && next != nil:
			next, ver = h.step(next, m), x.Ver
		case news && x.Body == nil:
			next, ver = h.step(record.Doc{}, m), x.Ver
		}
	case outConflict:
		switch {
		case m.Command != "" && x.Reason == WhyConfirm:
			return park(WhyConfirm)
		case m.Command != "":
			return park(WhyConflict)
		case m.Delete:
			if x.Body != nil {
				clashes = append(clashes, record.Conflict{Base: whole(h.shadow), Theirs: whole(x.Body)})
			}
		case slices.Contains(x.Fields, "") || x.Body == nil:
			next, ver = nil, x.Ver
			if clashes, err = r.gone(ctx, tx, h, m, mine); err != nil {
				return false, err
			}
		default:
			for _, f := range x.Fields {
				clashes = append(clashes, record.Conflict{Field: f, Base: none(m.Was[f]), Mine: none(m.Patch[f]), Theirs: none(x.Body[f])})
			}
		}
	case outRejected:
		switch {
		case x.Reason == reasonOther && !m.Reborn:
			// A twin of this file counted on in our name: from here on we have another.
			r.d.origin.renew()
			m.again()
			m.Reborn = true
			return false, r.keep(ctx, tx, h)
		case x.Reason != reasonGone:
			return park(x.Reason)
		case x.Outcome == outDup && h.shadow != nil && m.Patch != nil:
			// An answer of before the record was there again: the server was restored and
			// had yet to hear of it.
			m.again()
			return false, r.keep(ctx, tx, h)
		}
		next, ver = nil, max(ver, x.Ver)
		if m.Patch != nil {
			if clashes, err = r.gone(ctx, tx, h, m, mine); err != nil {
				return false, err
			}
		}
	case outRetry:
		m.Why = x.Reason
		return false, r.keep(ctx, tx, h)
	default: // of a newer server: it waits for a newer program
		m.Why = out
		return false, r.keep(ctx, tx, h)
	}
	m.State, m.Why, m.Outcome, m.Settled = Acked, "", x.outcome(), now
	if err := r.write(ctx, tx, m); err != nil {
		return false, err
	}
	for _, c := range clashes {
		if err := r.clash(ctx, tx, h, c, x.By, x.At); err != nil {
			return false, err
		}
	}
	// What follows was made on this one.
	h.shadow = mine
	h.chain = slices.Delete(h.chain, at, at+1)
	return true, r.turn(ctx, tx, h, next, ver, by, when)
}

// gone is the conflict of an edit with a removal: what the person has of the record. There
// is none where it was told already, with more of it.
func (r *Records) gone(ctx context.Context, tx *sql.Tx, h *held, m *Mutation, mine record.Doc) ([]record.Conflict, error) {
	if mine == nil {
		open, err := r.conflicts(ctx, tx, "WHERE mark = $1", h.mark)
		if err != nil {
			return nil, err
		}
		for _, o := range open {
			var d record.Doc
			if o.Field == "" && o.Mine != nil && json.Unmarshal(o.Mine, &d) == nil && record.Equal(was(d, m.Patch), m.Patch) {
				return nil, nil
			}
		}
		mine = record.Apply(record.Apply(nil, m.Was), m.Patch)
	}
	return []record.Conflict{{Base: whole(h.shadow), Mine: whole(mine)}}, nil
}

// Park takes a change out of the way, which the server will not take as it is.
func (r *Records) Park(ctx context.Context, n int64, why string) error {
	err := r.change(ctx, n, func(tx *sql.Tx, h *held, at int) error {
		m := h.chain[at]
		m.State, m.Why, m.dirty = Parked, why, true
		return r.keep(ctx, tx, h)
	})
	if err != nil {
		return fmt.Errorf("park change %d: %w", n, err)
	}
	return nil
}

// change does something with a change that waits; ErrNotFound.
func (r *Records) change(ctx context.Context, n int64, do func(tx *sql.Tx, h *held, at int) error) error {
	return r.d.own.Write(ctx, func(tx *sql.Tx) error {
		found, err := r.mutations(ctx, tx, "WHERE n = $1 AND state <> 'acked'", n)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return ErrNotFound
		}
		h, err := r.load(ctx, tx, found[0].Ref)
		if err != nil {
			return err
		}
		return do(tx, h, slices.IndexFunc(h.chain, func(m *Mutation) bool { return m.N == n }))
	})
}

// Outbox lists what waits, in the order in which it was done: what, when, and of what has
// to wait, why.
func (r *Records) Outbox(ctx context.Context) ([]Mutation, error) {
	var found []Mutation
	err := r.d.own.Read(ctx, func(tx *sql.Tx) error {
		found = nil
		return r.plan(ctx, tx, false, func(m *Mutation, hold string) (bool, error) {
			if hold != "" {
				m.Why = hold
			}
			found = append(found, *m)
			return true, nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("list outbox: %w", err)
	}
	return found, nil
}

// Waiting counts what waits for the server; what waits for the person is not among it.
func (r *Records) Waiting(ctx context.Context) (n int, err error) {
	const count = "SELECT count(*) FROM mutation WHERE state IN ('queued', 'sending')"
	if err := r.d.own.Reader.QueryRowContext(ctx, count).Scan(&n); err != nil {
		return 0, fmt.Errorf("count outbox: %w", r.d.own.Fault(err))
	}
	return n, nil
}

// Tally counts what is not settled.
type Tally struct {
	Waiting   int // changes that have not been answered
	Parked    int // those that the server refused: they wait for the person
	Conflicts int // fields that wait for the person
}

// Tally counts what is not settled, without opening any of it.
func (r *Records) Tally(ctx context.Context) (t Tally, err error) {
	const count = `
		SELECT count(*) FILTER (WHERE state IN ('queued', 'sending')), count(*) FILTER (WHERE state = 'parked'),
			(SELECT count(*) FROM conflict)
		FROM mutation`
	if err := r.d.own.Reader.QueryRowContext(ctx, count).Scan(&t.Waiting, &t.Parked, &t.Conflicts); err != nil {
		return Tally{}, fmt.Errorf("count outbox: %w", r.d.own.Fault(err))
	}
	return t, nil
}

// Sent lists what was acknowledged in the last 30 days, the last first.
func (r *Records) Sent(ctx context.Context) ([]Mutation, error) {
	all, err := r.mutations(ctx, r.d.own.Reader, "WHERE state = 'acked' ORDER BY settled DESC, n DESC")
	if err != nil {
		return nil, fmt.Errorf("list what was sent: %w", r.d.own.Fault(err))
	}
	found := make([]Mutation, len(all))
	for i, m := range all {
		found[i] = *m
	}
	return found, nil
}

// Retry sends a parked change again. One that a restored server did not know goes as it was
// if the record stands as it was given of; else it is another change to the server, made on
// what the person sees now.
func (r *Records) Retry(ctx context.Context, n int64) error {
	err := r.change(ctx, n, func(tx *sql.Tx, h *held, at int) error {
		m := h.chain[at]
		switch {
		case m.State != Parked:
			return nil
		case m.Why == WhyConfirm && m.Base == h.ver:
			epoch, _, err := r.epoch(ctx, tx)
			if err != nil {
				return err
			}
			m.State, m.Why, m.Epoch, m.dirty = Sending, "", epoch, true
		default:
			m.again()
		}
		return r.keep(ctx, tx, h)
	})
	if err != nil {
		return fmt.Errorf("retry change %d: %w", n, err)
	}
	return nil
}

// Cancel takes a change back that has not left or was not taken: the record is again as it
// was before it. What has left cannot be (ErrSent): the server may have it.
func (r *Records) Cancel(ctx context.Context, n int64) error {
	err := r.change(ctx, n, func(tx *sql.Tx, h *held, at int) error {
		m := h.chain[at]
		if m.State == Sending {
			return ErrSent
		}
		before := h.shadow
		for _, e := range h.chain[:at] {
			before = h.step(before, e)
		}
		out := []*Mutation{m}
		rest := slices.Clone(h.chain[at+1:])
		if m.New { // without its beginning there is nothing of it
			out, rest = append(out, rest...), nil
		}
		h.chain = append(slices.Clone(h.chain[:at]), rest...)
		for _, e := range rest { // later edits stay as they are meant
			if e.State != Sending && e.Patch != nil {
				e.Was, e.dirty = was(before, e.Patch), true
			}
			before = h.step(before, e)
		}
		for _, e := range out {
			if err := r.remove(ctx, tx, e); err != nil {
				return err
			}
		}
		return r.keep(ctx, tx, h)
	})
	if err != nil {
		return fmt.Errorf("cancel change %d: %w", n, err)
	}
	return nil
}
