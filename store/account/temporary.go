package account

// TemporaryChance is how many bytes of chance a temporary password is made of.
const TemporaryChance = 16

// TemporaryPassword makes a temporary password, as in "k7mw-3xq9-hd2t-v0ra": 80
// bits, in letters and digits that are not taken for one another. chance is
// [TemporaryChance] random bytes.
func TemporaryPassword(chance []byte) string { return grouped(chance[:TemporaryChance], lower) }

// TemporaryTyped is a temporary password as it was made, from what a person typed or pasted:
// case, spaces and hyphens do not count. What is none stays as it is.
func TemporaryTyped(text string) string {
	if s, ok := ungrouped(text, TemporaryChance, lower); ok {
		return s
	}
	return text
}
