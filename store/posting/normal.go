package posting

import "math"

// What a wage is compared by: 52 weeks of 5 days, and 40 hours a week where the
// posting states none.
const (
	weeksYear    = 52
	daysWeek     = 5
	assumedHours = 40
)

// A stated wage that lies outside these bounds cannot be right in its unit: a yearly
// salary marked hourly, an hourly rate marked daily. They are wide on purpose, because
// a wage that is only low or only high is the reader's to judge, and whether it is
// lawful depends on its place and date.
//
// lowest is in cents an hour, over the hours stated: about 60 % of the lowest general
// minimum wage of any province since 2019. Pay by the day has a higher one, that of the
// lowest student rates of these years, because nearly all that is stated below it is an
// hourly rate in the wrong unit ($101 a day).
//
// highest is in cents per unit: 500 $ an hour, and for longer units what surgeons, the
// best paid of the national tables, come near to. It is lower for the units in
// which yearly salaries are found by mistake.
var bounds = map[Unit]struct{ lowest, highest int64 }{
	Hourly:   {7_00, 500_00},
	Daily:    {13_00, 4_000_00},
	Weekly:   {7_00, 10_000_00},
	Biweekly: {7_00, 20_000_00},
	Monthly:  {7_00, 40_000_00},
	Yearly:   {7_00, 1_000_000_00},
}

// Normalize fills what a wage comes to an hour and a year, in cents, from its stated
// unit and the hours a week (0: not stated; 40 are then assumed and
// [WageHoursAssumed] says so). Where the hours are a range, the figures are the widest
// that the posting allows: a yearly salary makes its least hourly value over the most
// hours, and an hourly wage its least yearly value over the fewest.
//
// A wage that cannot be right as stated gets [WageImpossible] and no value; so does one
// whose minimum is above its maximum. It is never put right in silence. Piece work has
// [WageCommission] and no value. Other flags stay, and a second call changes nothing.
func Normalize(w Wage, hoursMin, hoursMax float32) Wage {
	w.HourMin, w.HourMax, w.YearMin, w.YearMax = 0, 0, 0, 0
	w.Flags &^= WageImpossible | WageHoursAssumed
	if w.Unit == Piece {
		w.Flags |= WageCommission
		return w
	}
	limit, known := bounds[w.Unit]
	if !known || w.Min == 0 && w.Max == 0 {
		return w
	}
	if w.Min < 0 || w.Max < 0 || w.Max > 0 && w.Min > w.Max || max(w.Min, w.Max) > limit.highest {
		w.Flags |= WageImpossible
		return w
	}
	few, many, stated := hours(hoursMin, hoursMax)

	// The kindest reading decides: the greatest figure over the fewest hours.
	if best := hourly(max(w.Min, w.Max), w.Unit, few); best < limit.lowest {
		w.Flags |= WageImpossible
		return w
	}
	if !stated {
		w.Flags |= WageHoursAssumed
	}
	w.HourMin, w.HourMax = hourly(w.Min, w.Unit, many), hourly(w.Max, w.Unit, few)
	w.YearMin, w.YearMax = yearly(w.Min, w.Unit, few), yearly(w.Max, w.Unit, many)
	return w
}

// hours are the fewest and the most a week. One that is missing is the other; those
// that no week can hold, or that contradict each other, count as not stated.
func hours(low, high float32) (few, many float64, stated bool) {
	ok := func(h float32) bool { return h > 0 && h <= 7*24 } // false for NaN too
	switch {
	case ok(low) && ok(high) && low <= high:
		return float64(low), float64(high), true
	case ok(low) && high == 0:
		return float64(low), float64(low), true
	case ok(high) && low == 0:
		return float64(high), float64(high), true
	}
	return assumedHours, assumedHours, false
}

// periods is how many times a year a unit is paid.
var periods = map[Unit]float64{
	Daily: daysWeek * weeksYear, Weekly: weeksYear, Biweekly: weeksYear / 2, Monthly: 12, Yearly: 1,
}

func hourly(cents int64, u Unit, week float64) int64 {
	if u == Hourly {
		return cents
	}
	return int64(math.Round(float64(cents) * periods[u] / weeksYear / week))
}

func yearly(cents int64, u Unit, week float64) int64 {
	if u == Hourly {
		return int64(math.Round(float64(cents) * week * weeksYear))
	}
	return int64(math.Round(float64(cents) * periods[u]))
}
