package posting

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestNormalize(t *testing.T) {
	for _, c := range []struct {
		name     string
		unit     Unit
		min, max int64 // cents
		low, top float32
		hour     [2]int64
		year     [2]int64
		flags    WageFlag
	}{
		{"hourly, stated hours", Hourly, 28_00, 34_00, 37.5, 37.5, [2]int64{28_00, 34_00}, [2]int64{54_600_00, 66_300_00}, 0},
		{"hourly, a range of hours", Hourly, 20_00, 25_00, 30, 40, [2]int64{20_00, 25_00}, [2]int64{31_200_00, 52_000_00}, 0},
		{"hourly, no hours", Hourly, 20_00, 20_00, 0, 0, [2]int64{20_00, 20_00}, [2]int64{41_600_00, 41_600_00}, WageHoursAssumed},
		{"hourly, no maximum", Hourly, 20_00, 0, 40, 0, [2]int64{20_00, 0}, [2]int64{41_600_00, 0}, 0},
		{"weekly of the Alberta file", Weekly, 810_00, 810_00, 30, 30, [2]int64{27_00, 27_00}, [2]int64{42_120_00, 42_120_00}, 0},
		{"biweekly of the open data", Biweekly, 1946_91, 2698_22, 37.5, 37.5, [2]int64{25_96, 35_98}, [2]int64{50_619_66, 70_153_72}, 0},
		{"monthly, a wide range of hours", Monthly, 2500_00, 3000_00, 30, 60, [2]int64{9_62, 23_08}, [2]int64{30_000_00, 36_000_00}, 0},
		{"yearly, a pathologist of the Alberta file", Yearly, 353_874_00, 411_650_00, 38.75, 38.75, [2]int64{175_62, 204_29}, [2]int64{353_874_00, 411_650_00}, 0},
		{"yearly, no hours", Yearly, 52_000_00, 0, 0, 0, [2]int64{25_00, 0}, [2]int64{52_000_00, 0}, WageHoursAssumed},
		{"daily, no hours: 8 a day", Daily, 200_00, 240_00, 0, 0, [2]int64{25_00, 30_00}, [2]int64{52_000_00, 62_400_00}, WageHoursAssumed},
		{"daily, 20 hours a week: 4 a day", Daily, 101_00, 101_00, 20, 20, [2]int64{25_25, 25_25}, [2]int64{26_260_00, 26_260_00}, 0},

		{"$101 a day", Daily, 101_00, 101_00, 0, 0, [2]int64{}, [2]int64{}, WageImpossible},
		{"$101 a day for 40 hours", Daily, 101_00, 101_00, 40, 40, [2]int64{}, [2]int64{}, WageImpossible},
		{"daily at the bound", Daily, 104_00, 104_00, 40, 40, [2]int64{13_00, 13_00}, [2]int64{27_040_00, 27_040_00}, 0},
		{"daily, an hourly rate", Daily, 22_00, 25_00, 40, 40, [2]int64{}, [2]int64{}, WageImpossible},
		{"a yearly figure marked hourly", Hourly, 60_000_00, 67_000_00, 40, 40, [2]int64{}, [2]int64{}, WageImpossible},
		{"hourly at the highest", Hourly, 500_00, 500_00, 40, 40, [2]int64{500_00, 500_00}, [2]int64{1_040_000_00, 1_040_000_00}, 0},
		{"hourly a cent above", Hourly, 500_01, 0, 40, 40, [2]int64{}, [2]int64{}, WageImpossible},
		{"hourly, one end impossible", Hourly, 25_00, 52_000_00, 40, 40, [2]int64{}, [2]int64{}, WageImpossible},
		{"hourly at the lowest", Hourly, 7_00, 7_00, 40, 40, [2]int64{7_00, 7_00}, [2]int64{14_560_00, 14_560_00}, 0},
		{"hourly a cent below", Hourly, 6_99, 0, 40, 40, [2]int64{}, [2]int64{}, WageImpossible},
		{"a yearly figure marked monthly", Monthly, 60_000_00, 75_000_00, 40, 40, [2]int64{}, [2]int64{}, WageImpossible},
		{"an hourly figure marked yearly", Yearly, 25_00, 30_00, 40, 40, [2]int64{}, [2]int64{}, WageImpossible},
		{"a monthly figure marked yearly", Yearly, 4_000_00, 5_000_00, 0, 0, [2]int64{}, [2]int64{}, WageImpossible},
		{"few hours make a small year possible", Yearly, 4_680_00, 4_680_00, 5, 5, [2]int64{18_00, 18_00}, [2]int64{4_680_00, 4_680_00}, 0},
		{"minimum above maximum", Hourly, 30_00, 20_00, 40, 40, [2]int64{}, [2]int64{}, WageImpossible},
		{"negative", Hourly, -20_00, 20_00, 40, 40, [2]int64{}, [2]int64{}, WageImpossible},
		{"too large to multiply", Weekly, math.MaxInt64, 0, 40, 40, [2]int64{}, [2]int64{}, WageImpossible},

		{"piece work", Piece, 30_00, 30_00, 40, 40, [2]int64{}, [2]int64{}, WageCommission},
		{"no unit", UnitUnknown, 30_00, 30_00, 40, 40, [2]int64{}, [2]int64{}, 0},
		{"no figures", Hourly, 0, 0, 40, 40, [2]int64{}, [2]int64{}, 0},
		{"hours that no week holds", Hourly, 20_00, 20_00, 160, 200, [2]int64{20_00, 20_00}, [2]int64{41_600_00, 41_600_00}, WageHoursAssumed},
		{"hours that contradict each other", Hourly, 20_00, 20_00, 40, 30, [2]int64{20_00, 20_00}, [2]int64{41_600_00, 41_600_00}, WageHoursAssumed},
	} {
		got := Normalize(Wage{Unit: c.unit, Min: c.min, Max: c.max}, c.low, c.top)
		if got.HourMin != c.hour[0] || got.HourMax != c.hour[1] || got.YearMin != c.year[0] || got.YearMax != c.year[1] || got.Flags != c.flags {
			t.Errorf("%s: hour %d–%d, year %d–%d, flags %b; want %v, %v, %b",
				c.name, got.HourMin, got.HourMax, got.YearMin, got.YearMax, got.Flags, c.hour, c.year, c.flags)
		}
		if got.Min != c.min || got.Max != c.max || got.Unit != c.unit {
			t.Errorf("%s: stated figures became %d–%d %s", c.name, got.Min, got.Max, got.Unit)
		}
	}
}

// Flags of others stay, those of this function are worked out anew.
func TestNormalizeKeepsOtherFlags(t *testing.T) {
	w := Wage{Unit: Hourly, Min: 20_00, Max: 20_00, Flags: WageCommission | WageBelowMinimum | WageImpossible | WageHoursAssumed}
	if got := Normalize(w, 40, 40); got.Flags != WageCommission|WageBelowMinimum || got.HourMin != 20_00 {
		t.Errorf("flags %b, hour %d; want %b, 2000", got.Flags, got.HourMin, WageCommission|WageBelowMinimum)
	}
}

// For any wage: stated figures stay, a second call changes nothing, an impossible wage
// has no value, and least values are never above greatest ones.
func TestNormalizeProperties(t *testing.T) {
	units := []Unit{UnitUnknown, Hourly, Daily, Weekly, Biweekly, Monthly, Yearly, Piece, "x"}
	rapid.Check(t, func(t *rapid.T) {
		w := Wage{
			Unit:  rapid.SampledFrom(units).Draw(t, "unit"),
			Min:   rapid.OneOf(rapid.Int64Range(0, 500_000_00), rapid.Int64()).Draw(t, "min"),
			Max:   rapid.OneOf(rapid.Int64Range(0, 500_000_00), rapid.Int64()).Draw(t, "max"),
			Flags: WageFlag(rapid.Uint8Range(0, 15).Draw(t, "flags")),
		}
		low, top := rapid.Float32().Draw(t, "low"), rapid.Float32Range(0, 80).Draw(t, "top")
		got := Normalize(w, low, top)
		if again := Normalize(got, low, top); again != got {
			t.Fatalf("a second call gave %+v after %+v", again, got)
		}
		if got.Min != w.Min || got.Max != w.Max || got.Unit != w.Unit {
			t.Fatalf("stated figures changed: %+v from %+v", got, w)
		}
		values := [4]int64{got.HourMin, got.HourMax, got.YearMin, got.YearMax}
		if got.Flags&WageImpossible != 0 && values != [4]int64{} {
			t.Fatalf("impossible, and yet %v", values)
		}
		for _, v := range values {
			if v < 0 {
				t.Fatalf("negative value in %v", values)
			}
		}
		if got.HourMax > 0 && got.HourMin > got.HourMax || got.YearMax > 0 && got.YearMin > got.YearMax {
			t.Fatalf("least above greatest: %v", values)
		}
	})
}

func ExampleNormalize() {
	w := Normalize(Wage{Unit: Weekly, Min: 802_00, Max: 802_00}, 30, 30)
	fmt.Println(w.HourMin, w.YearMin)
	w = Normalize(Wage{Unit: Hourly, Min: 60_000_00}, 0, 0)
	fmt.Println(w.Flags&WageImpossible != 0, w.Known())
	// Output:
	// 2673 4170400
	// true false
}
