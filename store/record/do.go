package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"passerelle/store/account"
)

// What [Kind.Do] and [Decode] answer beside problems of fields.
var (
	ErrCommand = errors.New("the kind has no such command")
	ErrState   = errors.New("not in a state in which this can be asked")
	ErrMend    = errors.New("has to be mended first")
)

const stateField = "state"

// State is the state of a record: that of its field, or the first one of its kind.
func (k Kind) State(d Doc) string {
	if s := text(d, stateField); s != "" {
		return s
	}
	return k.First
}

// Do is what a command makes of a record: a copy in another state. The server decides with
// it and the desktop shows with it what will be. The errors are [ErrCommand], [ErrState],
// and [ErrMend] with the problems. Who may ask is not its business: see [Command.Server].
func (k Kind) Do(command string, d Doc) (Doc, []account.Problem, error) {
	c, ok := k.Commands[command]
	if !ok {
		return nil, nil, fmt.Errorf("%s %s: %w", command, k.Name, ErrCommand)
	}
	if state := k.State(d); !c.Can(state) {
		return nil, nil, fmt.Errorf("%s %s in state %s: %w", command, k.Name, state, ErrState)
	}
	done := Apply(d, Doc{stateField: quote(c.To)})
	if c.Count != "" {
		n, _ := whole64(d[c.Count]) // none yet, or none that can be read: 0
		done[c.Count] = json.RawMessage(fmt.Sprint(n + 1))
	}
	if c.Final {
		if found := k.Verify(done, true); len(found) > 0 {
			return nil, found, fmt.Errorf("%s %s: %w", command, k.Name, ErrMend)
		}
	}
	if c.Keep != "" {
		done[c.Keep] = whole(k.edited(d))
	}
	return done, nil, nil
}

// Pending are the fields that were edited since a command last kept a copy in a field
// "changes not activated"); none when there is no copy yet.
func (k Kind) Pending(d Doc, keep string) []string {
	var was Doc
	if absent(d[keep]) || json.Unmarshal(d[keep], &was) != nil {
		return nil
	}
	return names(Diff(was, k.edited(d)))
}

// Forbidden are the fields of a patch that only commands may write.
func (k Kind) Forbidden(patch Doc) []string {
	var found []string
	for _, name := range names(patch) {
		if k.reserved(name) {
			found = append(found, name)
		}
	}
	return found
}

func (k Kind) reserved(name string) bool {
	return name == stateField || slices.ContainsFunc(k.Fields, func(f Field) bool { return f.Name == name && f.Kept })
}

// edited is what people wrote of a record.
func (k Kind) edited(d Doc) Doc {
	c := Doc{}
	for name, v := range d {
		if !k.reserved(name) && !absent(v) {
			c[name] = v
		}
	}
	return c
}

// States are the states that a kind knows, in order of the alphabet.
func (k Kind) States() []string {
	if k.First == "" {
		return nil
	}
	all := []string{k.First}
	for _, c := range k.Commands {
		all = append(append(all, strings.Fields(c.From)...), c.To)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
