package server

import "net/http"

// Route is one thing that can be asked.
type Route struct {
	Method, Path string
	// Takes says what a request may carry; empty: nothing.
	Takes  string
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
}
