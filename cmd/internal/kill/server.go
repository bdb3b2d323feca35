package kill

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/store/secret"
	"passerelle/sync/client"
	"passerelle/sync/gate"
	"passerelle/sync/hub"
	"passerelle/sync/mail"
	"passerelle/sync/server"
	"passerelle/sync/wire"
)

func keysFile(dir string) string   { return filepath.Join(dir, "keys", "secrets.json") }
func ledgerFile(dir string) string { return filepath.Join(dir, "ledger.db") }

// serve is a server's process: it dies where it was last told to, or when nobody talks to
// it any more.
func (j job) serve(ctx context.Context, p *points) (err error) {
	if err := os.MkdirAll(filepath.Join(j.Dir, "keys"), 0o700); err != nil {
		return err
	}
	keys, err := secret.Load(keysFile(j.Dir))
	if err != nil {
		return err
	}
	h, err := hub.Open(ctx, j.Dir, hub.Options{At: p.reached})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	records, err := h.Records(hub.RecordsOptions{Box: keys.Box})
	if err != nil {
		return err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	base := "http://" + l.Addr().String()
	g, err := gate.New(gate.Options{Ledger: h.Ledger(), Keys: keys, Base: base})
	if err != nil {
		return err
	}
	often := server.Rate{Burst: 1 << 30, Every: time.Nanosecond} // a drill does not wait
	s, err := server.New(server.Options{Dir: j.Dir, Bank: h, Gate: g, Records: records, Rate: often, Flows: often, Syncs: often})
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer stop()
		for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
			point, nth, _ := strings.Cut(lines.Text(), "\t")
			n, err := strconv.Atoi(nth)
			if err != nil {
				return
			}
			p.arm(point, n)
			say("armed", point)
		}
	}()
	say("listening", base)
	err = s.Run(ctx, l)
	<-done
	return errors.Join(err, s.Close())
}

// served is a server's process, from outside.
type served struct {
	url   string
	cmd   *exec.Cmd
	in    io.WriteCloser
	armed chan string
	ended chan struct{}

	mu   sync.Mutex
	died string
	all  strings.Builder
}

func serve(ctx context.Context, dir string) (*served, error) {
	c, err := again(ctx, job{Role: roleServer, Dir: dir})
	if err != nil {
		return nil, err
	}
	s := &served{cmd: c, armed: make(chan string, 1), ended: make(chan struct{})}
	if s.in, err = c.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.Stderr = s
	if err := c.Start(); err != nil {
		return nil, err
	}
	url := make(chan string, 1)
	go func() {
		defer close(s.ended)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			_, _ = s.Write(append(lines.Bytes(), '\n'))
			switch word, rest, _ := strings.Cut(lines.Text(), " "); word {
			case "listening":
				url <- rest
			case "armed":
				s.armed <- rest
			case "dying":
				s.mu.Lock()
				s.died = rest
				s.mu.Unlock()
			}
		}
		_ = c.Wait() // it was killed: what it said tells
	}()
	select {
	case s.url = <-url:
		return s, nil
	case <-s.ended:
		return nil, fmt.Errorf("the server did not start: %s", s.said())
	}
}

// Write keeps what the process says.
func (s *served) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all.Write(b)
}

func (s *served) said() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all.String()
}

// arm tells it where to die; "": nowhere.
func (s *served) arm(point string, nth int) error {
	if _, err := fmt.Fprintf(s.in, "%s\t%d\n", point, nth); err != nil {
		return fmt.Errorf("tell the server: %w: %s", err, s.said())
	}
	select {
	case <-s.armed:
		return nil
	case <-s.ended:
		return fmt.Errorf("the server ended: %s", s.said())
	}
}

// dead says whether it has ended, and at which point it died; "": by itself. A desk that was
// cut off waits for its end.
func (s *served) dead(cut bool) (point string, dead bool) {
	if cut {
		select {
		case <-s.ended:
		case <-time.After(10 * time.Second):
		}
	}
	s.mu.Lock()
	died := s.died
	s.mu.Unlock()
	if died != "" {
		<-s.ended
		return died, true
	}
	select {
	case <-s.ended:
		return "", true
	default:
		return "", false
	}
}

func (s *served) stop() error {
	err := s.in.Close()
	<-s.ended
	return err
}

// member is the account of the drill.
type member struct {
	account, access string
	session         wire.Session
	renewed         time.Time
	skills          map[string]map[string]bool // of the profiles that both desks share
}

func (m *member) shared(id string) map[string]bool {
	if m.skills[id] == nil {
		m.skills[id] = map[string]bool{}
	}
	return m.skills[id]
}

// join registers the account at a server, whose ledger tells the code of the letter.
func join(ctx context.Context, dir, url string) (*member, error) {
	c, err := client.New(url, client.Options{})
	if err != nil {
		return nil, err
	}
	const password = "fourteen brown Geese 7"
	var five []account.QA
	for _, id := range account.QuestionIDs[:5] {
		five = append(five, account.QA{Question: id, Answer: "answer " + id})
	}
	p, err := c.Begin(ctx, "", wire.Begin{Kind: account.Register, Lang: "fr", Device: "drill"})
	flow := p.Flow
	for _, answer := range []func() (wire.Answer, error){
		func() (wire.Answer, error) {
			return wire.Answer{Accept: true, Terms: account.TermsVersion, Lang: "fr"}, nil
		},
		func() (wire.Answer, error) {
			return wire.Answer{First: "Ada", Last: "Test", Email: "ada@exemple.ca", Password: password, Again: password, Lang: "fr"}, nil
		},
		func() (wire.Answer, error) {
			code, err := letter(ctx, dir)
			return wire.Answer{Code: code}, err
		},
		func() (wire.Answer, error) { return wire.Answer{Questions: five}, nil },
	} {
		var in wire.Answer
		if err == nil {
			in, err = answer()
		}
		if err == nil {
			p, err = c.Step(ctx, flow, p.Step, in)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("register, at %s: %w", p.Step, err)
	}
	if p.Session == nil {
		return nil, fmt.Errorf("register: stands at %s, want a session", p.Step)
	}
	return &member{
		account: p.Session.Account, access: p.Session.Access, session: *p.Session, renewed: time.Now(),
		skills: map[string]map[string]bool{},
	}, nil
}

// letter is the code of the letter that waits.
func letter(ctx context.Context, dir string) (code string, err error) {
	keys, err := secret.Load(keysFile(dir))
	if err != nil {
		return "", err
	}
	l, err := ledger.Open(ctx, ledgerFile(dir), ledger.Options{})
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	j, err := l.TakeJob(ctx, []string{mail.Job}, time.Now(), time.Minute)
	if err != nil {
		return "", err
	}
	m, err := mail.Open(keys.Box, j.Body)
	return m.Code, err
}

// renew asks for another access token before the one there is ends.
func (m *member) renew(ctx context.Context, url string) error {
	if time.Since(m.renewed) < 4*time.Minute {
		return nil
	}
	c, err := client.New(url, client.Options{})
	if err != nil {
		return err
	}
	s, err := c.Renew(ctx, wire.Renewal{Refresh: m.session.Refresh})
	if err != nil {
		return fmt.Errorf("renew session: %w", err)
	}
	m.session, m.access, m.renewed = s, s.Access, time.Now()
	return nil
}

// pull is everything that the server has of the account.
func (m *member) pull(ctx context.Context, url string) (map[string]string, error) {
	c, err := client.New(url, client.Options{})
	if err != nil {
		return nil, err
	}
	got, err := c.Pull(ctx, m.access, wire.Pull{})
	if err != nil {
		return nil, err
	}
	rows := map[string]string{}
	for _, part := range got.Parts {
		if !part.Snapshot || part.More {
			return nil, fmt.Errorf("pull of %s: not a whole snapshot", part.Partition)
		}
		for _, ch := range part.Changes {
			rows[ch.Record] = told(ch.Kind, ch.Body)
		}
	}
	return rows, nil
}

// effects counts the submissions of an account, by record, and the reports, by key; and looks
// at every page of the ledger.
func effects(ctx context.Context, dir, account string) (submitted, filed map[string]int, err error) {
	l, err := ledger.Open(ctx, ledgerFile(dir), ledger.Options{})
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	if err := l.Check(ctx); err != nil {
		return nil, nil, err
	}
	err = l.View(ctx, func(t *ledger.Tx) error {
		all, err := t.Submissions(ctx, "person/"+account)
		submitted = map[string]int{}
		for _, s := range all {
			submitted[s.Doc]++
		}
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	reports, err := l.Reports(ctx, 1<<30)
	filed = map[string]int{}
	for _, r := range reports {
		filed[r.Key]++
	}
	return submitted, filed, err
}
