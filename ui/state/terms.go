package state

import (
	"strings"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/sync/wire"
)

// Clause is a part of the terms: a heading, and paragraphs.
type Clause struct {
	Title string
	Text  []string
}

// Terms are the terms of use and the privacy statement, of version [account.TermsVersion],
// in a language: they are read without a network, before an account and after (A-082,
// What depends on the server is what it told when it was last met.
func Terms(l i18n.Lang, d wire.Deployment) []Clause {
	w := i18n.For(l)
	of := func(title i18n.Key, text ...i18n.Key) Clause {
		c := Clause{Title: w.S(title)}
		for _, k := range text {
			c.Text = append(c.Text, w.S(k))
		}
		return c
	}
	kept := of(i18n.TermsKept, i18n.TermsKeptWhat, i18n.TermsKeptHow, i18n.TermsKeptHere)
	sin := of(i18n.TermsSin, i18n.TermsSinOnce, i18n.TermsSinPrint, i18n.TermsSinYours)
	law := of(i18n.TermsLaw)
	basis := d.LegalBasis.FR
	if l == i18n.English {
		basis = d.LegalBasis.EN
	}
	if basis = strings.TrimSpace(basis); basis == "" {
		basis = w.S(i18n.TermsLawNone)
	}
	law.Text = append(law.Text, basis)
	rights := of(i18n.TermsRights, i18n.TermsRightsWhat)
	if d.Contact != "" {
		rights.Text = append(rights.Text, w.S(i18n.TermsRightsContact, "Contact", d.Contact))
	}
	return []Clause{
		of(i18n.TermsWho, i18n.AppNeutral, i18n.TermsWhoServer),
		of(i18n.TermsFree, i18n.TermsFreeWhat, i18n.TermsFreeChoice),
		of(i18n.TermsYou, i18n.TermsYouOnly, i18n.TermsYouOne, i18n.TermsYouTrue),
		kept, sin,
		of(i18n.TermsSeen, i18n.TermsSeenAgents, i18n.TermsSeenNobody),
		law,
		of(i18n.TermsLong, i18n.TermsLongSuspended, i18n.TermsLongClosed),
		rights,
	}
}

// TermsVersion says which version it is.
func TermsVersion(l i18n.Lang) string {
	return i18n.For(l).S(i18n.TermsVersion, "Version", account.TermsVersion)
}
