package account

// common says whether a password is on everybody's list.
func common(password string) bool { return Fold(password) == "password" }
