package state

import (
	"reflect"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/sync/wire"
)

// Recover sets a new password, and reactivates an account that was suspended: name
// and address as registered, the code of a letter, a security question, a new password. Who
// is registered is not told: the pages of somebody who is not look the same.
type Recover struct {
	*Flow
	Deployment wire.Deployment

	locked bool // what is typed was typed while the desk was locked
}

func newRecover(s *State) *Recover {
	r := &Recover{Flow: s.NewFlow(account.Recover)}
	// A sign-in that was under way, or had to wait, was with the old password.
	r.Finish = func(bool) { s.SignIn.Restart() }
	return r
}

// Open reads what the server is. At a locked desk anybody can come here: they find nothing of
// the person who locked it, who finds nothing of theirs.
func (r *Recover) Open() {
	if now := r.s.Present.Locked(); now != r.locked {
		r.locked = now
		r.Abandon()
	}
	r.meet(&r.Deployment)
}

// meet asks what the server is; its pages are drawn again where that has changed.
func (f *Flow) meet(to *wire.Deployment) {
	f.s.Deployment(func(d wire.Deployment) {
		if !reflect.DeepEqual(*to, d) {
			*to = d
			f.Page++
			f.tell()
		}
	})
}

// Another asks for a different question, while there is one.
func (r *Recover) Another() { r.Answer(wire.Answer{Other: true}) }

// Agent says whether only an agent can help now: two questions were not answered.
func (r *Recover) Agent() bool { return r.Wrong(account.AgentNeeded) }

// Steps name the pages, and say which one is at hand, from 1.
func (r *Recover) Steps() (names []string, at int) {
	return r.steps([]i18n.Key{i18n.RecoverStepWho, i18n.RecoverStepCode, i18n.RecoverStepQuestion, i18n.RecoverStepPassword},
		[][]account.Step{{account.StepName}, {account.StepCode}, {account.StepQuestion}, {account.StepNewPassword}})
}

// steps say where a flow stands among named pages.
func (f *Flow) steps(keys []i18n.Key, of [][]account.Step) (names []string, at int) {
	for i, k := range keys {
		names = append(names, f.s.words.S(k))
		for _, st := range of[i] {
			if st == f.Step() {
				at = i + 1
			}
		}
	}
	return names, at
}

// Ask takes what was typed of oneself to the request for help.
func (r *Recover) Ask() { r.s.Help.From(r.In.First, r.In.Last, r.In.Email) }
