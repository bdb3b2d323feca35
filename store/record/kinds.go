package record

// Kinds are all kinds, in the order in which they are documented.
var Kinds []Kind
