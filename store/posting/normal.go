package posting

// Normalize stub.
func Normalize(w Wage, hoursMin, hoursMax float32) Wage { return w }
