package replica

// Chain is the cheapest run of deltas.
var Chain = chain
