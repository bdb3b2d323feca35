package replica

// AtPoints calls f at each point at which a process may die.
func AtPoints(f func(point string)) { reached = f }

// Chain is the cheapest run of deltas.
var Chain = chain
