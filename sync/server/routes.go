package server

import (
	"net/http"

	"passerelle/sync/mail"
	"passerelle/sync/wire"
)

// Route is one thing that can be asked.
type Route struct {
	Method, Path string
	// Takes says what a request may carry; empty: nothing.
	Takes string
	// Needs says what a request has to show: "flow", "access", "refresh" or "link"; empty:
	// nothing, for anyone may ask.
	Needs  string
	with   func(Options) bool // nil: always there
	answer func(*Server, http.ResponseWriter, *http.Request)
}

const (
	healthPath  = "/health"
	metricsPath = "/metrics"
)

// Routes is everything that can be asked.
var Routes = []Route{
	{Method: "GET", Path: "/v1/cat/{scope}/{file}", answer: (*Server).named}, // {scope}/head and root/{version}
	{Method: "GET", Path: "/v1/cat/o/sha256/{hex}", answer: (*Server).object},
	{Method: "POST", Path: "/v1/reports", Takes: "report", answer: (*Server).report},
	{Method: "GET", Path: healthPath, answer: (*Server).health},
	{Method: "GET", Path: metricsPath, answer: (*Server).metrics},

	{Method: "GET", Path: wire.DeploymentPath, with: gated, answer: (*Server).deployment},
	{Method: "POST", Path: wire.FlowPath, Takes: "begin", with: gated, answer: (*Server).begin},
	{Method: "GET", Path: wire.FlowPath, Needs: needsFlow, with: gated, answer: (*Server).look},
	{Method: "DELETE", Path: wire.FlowPath, Needs: needsFlow, with: gated, answer: (*Server).drop},
	{Method: "POST", Path: wire.FlowPath + "/resend", Needs: needsFlow, with: gated, answer: (*Server).resend},
	{Method: "POST", Path: wire.FlowPath + "/{step}", Takes: "answer", Needs: needsFlow, with: gated, answer: (*Server).step},
	{Method: "POST", Path: wire.SessionPath, Takes: "renewal", Needs: needsRefresh, with: gated, answer: (*Server).renew},
	{Method: "DELETE", Path: wire.SessionPath, Needs: needsAccess, with: gated, answer: (*Server).signOut},
	{Method: "GET", Path: wire.MePath, Needs: needsAccess, with: gated, answer: (*Server).me},
	{Method: "POST", Path: wire.MePath + "/{act}", Takes: "answer", Needs: needsAccess, with: gated, answer: (*Server).change},
	{Method: "GET", Path: wire.DataPath, Needs: needsAccess, with: gated, answer: (*Server).data},
	{Method: "POST", Path: wire.DisputePath, Takes: "dispute", Needs: needsAccess, with: gated, answer: (*Server).dispute},
	{Method: "GET", Path: wire.AgentPath, Needs: needsAccess, with: gated, answer: (*Server).requests},
	{Method: "POST", Path: wire.AgentPath + "/{act}", Takes: "act", Needs: needsAccess, with: gated, answer: (*Server).act},
	{Method: "POST", Path: wire.HelpPath, Takes: "help", with: gated, answer: (*Server).help},

	{Method: "POST", Path: wire.PushPath, Takes: "push", Needs: needsAccess, with: recorded, answer: (*Server).push},
	{Method: "POST", Path: wire.PullPath, Takes: "pull", Needs: needsAccess, with: recorded, answer: (*Server).pull},
	{Method: "GET", Path: wire.HintsPath, Needs: needsAccess, with: recorded, answer: (*Server).hints},

	{Method: "GET", Path: wire.MatchesPath, Needs: needsAccess, with: matched, answer: (*Server).matches},
	{Method: "GET", Path: wire.MatchesPath + "/{posting}", Needs: needsAccess, with: matched, answer: (*Server).seekers},

	{Method: "POST", Path: wire.PartnerPath, Takes: "partner", with: partnered, answer: (*Server).partner},
	{Method: "GET", Path: wire.PartnerPath + "/back", Needs: needsState, with: partnered, answer: (*Server).partnerBack},

	{Method: "GET", Path: wire.MailboxPath, with: func(o Options) bool { return o.Mailbox != nil }, answer: (*Server).mailbox},
	{Method: "GET", Path: wire.LinkPath + "{token}", Needs: needsLink, with: gated, answer: (*Server).linkPage},
	{Method: "POST", Path: wire.LinkPath + "{token}", Takes: "form", Needs: needsLink, with: gated, answer: (*Server).useLink},
	{Method: "POST", Path: wire.AlertsPath, Takes: "subscribe", with: alerted, answer: (*Server).subscribe},
	{Method: "GET", Path: wire.AlertPage + "{token}", Needs: needsLink, with: alerted, answer: (*Server).alertPage},
	{Method: "POST", Path: wire.AlertPage + "{token}", Takes: "form", Needs: needsLink, with: alerted, answer: (*Server).changeAlert},
	{Method: "GET", Path: wire.AlertPage + "{token}/end", Needs: needsLink, with: alerted, answer: (*Server).endPage},
	{Method: "POST", Path: wire.AlertPage + "{token}/end", Takes: "form", Needs: needsLink, with: alerted, answer: (*Server).endAlerts},
	{Method: "GET", Path: mail.OtherPath + "{token}", Needs: needsLink, with: func(o Options) bool { return o.Letters != nil }, answer: (*Server).otherLetter},
}

func partnered(o Options) bool { return o.Partners != nil }

func gated(o Options) bool { return o.Gate != nil }
