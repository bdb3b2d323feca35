package secret

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// Argon2 is what a hash of Argon2id costs. The zero value is for passwords: what OWASP
// asks for at least, 19 MiB and two passes. A hash records its own cost, so a change
// leaves older hashes good.
type Argon2 struct {
	Memory uint32 `json:"memory"` // KiB
	Passes uint32 `json:"passes"`
	Lanes  uint8  `json:"lanes"`
}

// Cheap is a cost for tests: microseconds.
var Cheap = Argon2{Memory: 64, Passes: 1, Lanes: 1}

// most is the greatest cost that is worked out for a hash that is read.
var most = Argon2{Memory: 1 << 20, Passes: 16, Lanes: 16}

// slots bounds how many hashes are worked out at once, and so their memory.
var slots = make(chan struct{}, max(2, runtime.NumCPU()))

func (a Argon2) orDefault() Argon2 {
	if a.Memory == 0 {
		a.Memory = 19 << 10
	}
	if a.Passes == 0 {
		a.Passes = 2
	}
	if a.Lanes == 0 {
		a.Lanes = 1
	}
	return a
}

// key derives 32 bytes.
func (a Argon2) key(value, salt []byte) []byte {
	a = a.orDefault()
	slots <- struct{}{}
	defer func() { <-slots }()
	return argon2.IDKey(value, salt, a.Passes, a.Memory, a.Lanes, 32)
}

// Hash is the hash of a password or an answer, in PHC form, with a salt of its own.
func (a Argon2) Hash(value string) string {
	a = a.orDefault()
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, a.Memory, a.Passes, a.Lanes, b64(salt), b64(a.key(typed(value), salt)))
}

// typed is what a person typed, the same on every system: é is one character or two.
func typed(value string) []byte { return norm.NFC.Bytes([]byte(value)) }

// Matches says whether a value is the one that was hashed. An empty hash takes as long and
// matches nothing: an account that is not there answers in the time of one that is.
func (a Argon2) Matches(hash, value string) bool {
	cost, salt, want, ok := parse(hash)
	if !ok {
		cost, salt, want = a, make([]byte, 16), make([]byte, 32)
	}
	got := cost.key(typed(value), salt)
	return subtle.ConstantTimeCompare(got, want) == 1 && ok
}

// parse reads the PHC form.
func parse(hash string) (cost Argon2, salt, key []byte, ok bool) {
	p := strings.Split(hash, "$")
	if len(p) != 6 || p[0] != "" || p[1] != "argon2id" || p[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return cost, nil, nil, false
	}
	if _, err := fmt.Sscanf(p[3], "m=%d,t=%d,p=%d", &cost.Memory, &cost.Passes, &cost.Lanes); err != nil || !cost.sane() ||
		p[3] != fmt.Sprintf("m=%d,t=%d,p=%d", cost.Memory, cost.Passes, cost.Lanes) {
		return cost, nil, nil, false
	}
	var err error
	if salt, err = base64.RawStdEncoding.Strict().DecodeString(p[4]); err != nil || len(salt) < 8 {
		return cost, nil, nil, false
	}
	if key, err = base64.RawStdEncoding.Strict().DecodeString(p[5]); err != nil || len(key) != 32 {
		return cost, nil, nil, false
	}
	return cost, salt, key, true
}

// sane: a file that was tampered with must not make the program work for hours.
func (a Argon2) sane() bool {
	return a.Memory > 0 && a.Memory <= most.Memory && a.Passes > 0 && a.Passes <= most.Passes && a.Lanes > 0 && a.Lanes <= most.Lanes
}
