package cache

// Before is how device.db was before there were accounts.
func Before() []string { return migrations[:1] }
