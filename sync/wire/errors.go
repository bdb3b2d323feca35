package wire

import (
	"errors"
	"fmt"
	"time"

	"passerelle/store/account"
)

// What else a bank can answer, whatever it travels over (B-016, B-018).
var (
	ErrInsecure = errors.New("no secure connection")   // the certificate does not hold, or plain HTTP off loopback
	ErrDown     = errors.New("bank under maintenance") // its own words: come back later
)

// Down is a bank that asks to be left alone for a while, as its client gives it.
type Down struct {
	Code  string        // Maintenance, or what went wrong there
	After time.Duration // when it may be asked again; 0: it does not say
}

func (d *Down) Error() string { return fmt.Sprintf("%v (%s)", ErrDown, d.Code) }

// Unwrap is ErrDown.
func (d *Down) Unwrap() error { return ErrDown }

// Refused is a refusal of a bank, as its client gives it.
type Refused struct {
	Code   account.Code
	Fields []account.Problem
	After  time.Duration // when it may be tried again; 0: not by waiting
	Epoch  int64         // of CodeEpoch
	Prompt *Prompt       // where the flow stands, of account.WrongStep and of a refusal that moved it
}

func (r *Refused) Error() string {
	if len(r.Fields) > 0 {
		return fmt.Sprintf("bank refused: %s %v", r.Code, r.Fields)
	}
	return "bank refused: " + string(r.Code)
}

// Unwrap is ErrRefused.
func (r *Refused) Unwrap() error { return ErrRefused }
