package posting

// Unit is the unit a wage is stated in.
type Unit string

// Wage units. Piece and commission wages have no hourly or yearly value.
const (
	UnitUnknown Unit = ""
	Hourly      Unit = "h"
	Daily       Unit = "d"
	Weekly      Unit = "w"
	Biweekly    Unit = "b"
	Monthly     Unit = "m"
	Yearly      Unit = "y"
	Piece       Unit = "p"
)

// Wage is a wage as it was stated, and as it compares.
type Wage struct {
	Unit Unit  `cbor:"1,keyasint,omitempty"`
	Min  int64 `cbor:"2,keyasint,omitempty"` // cents per Unit as stated; 0 is unknown
	Max  int64 `cbor:"3,keyasint,omitempty"`
	// Cents per hour and per year, from the stated hours (40 a week when none are
	// stated, flagged HoursAssumed). 0 when they cannot be known. Never "fixed":
	// an impossible wage keeps its stated figures and its flag, and has neither.
	HourMin int64    `cbor:"4,keyasint,omitempty"`
	HourMax int64    `cbor:"5,keyasint,omitempty"`
	YearMin int64    `cbor:"6,keyasint,omitempty"`
	YearMax int64    `cbor:"7,keyasint,omitempty"`
	Flags   WageFlag `cbor:"8,keyasint,omitempty"`
	Text    string   `cbor:"9,keyasint,omitempty"` // as the source worded it, when it says more
}

// WageFlag says what is odd about a wage.
type WageFlag uint8

// Wage flags.
const (
	WageImpossible   WageFlag = 1 << iota // the unit cannot be right ($101 a day, a yearly figure marked hourly)
	WageHoursAssumed                      // converted at 40 hours a week
	WageCommission                        // commission, piece work or bonus is part of it
	WageBelowMinimum                      // under the minimum of its place and date, where that is known
)

// Known says whether the wage can be compared.
func (w Wage) Known() bool { return w.HourMin > 0 || w.HourMax > 0 }
