package cache

// Before is how device.db was before there were accounts.
func Before() []string { return migrations[:1] }

// BeforeRecords is how a person's file was before it held the records of an account.
func BeforeRecords() []string { return personal[:1] }
