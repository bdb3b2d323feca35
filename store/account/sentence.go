package account

import (
	"strings"

	"passerelle/i18n"
)

// Key is the sentence that says what a code means and how to mend it.
func (c Code) Key() i18n.Key { return i18n.Key("code." + strings.ReplaceAll(string(c), "_", "-")) }
