package intake

import "passerelle/i18n"

// Reason is why a row, a field or a file was not taken.
type Reason string

// Problem is one thing that was not taken, and where it stands.
type Problem struct {
	File   string
	Line   int // 1 is the first; 0: the file as a whole
	Reason Reason
	Detail string // the value or the field it is about
	Row    bool   // the whole row was left out, not only a field
	Fatal  bool   // reading stopped here
}

// Say puts a problem in words, with what to do next.
func (p Problem) Say(w *i18n.Words) string { return string(p.Reason) }
