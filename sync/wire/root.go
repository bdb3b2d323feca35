package wire

import (
	"crypto"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/sigstore/sigstore/pkg/signature"
	"github.com/theupdateframework/go-tuf/v2/metadata"
)

// Why a root or an envelope is not believed.
var (
	// ErrSignature: the key is in force and what it signed is something else.
	ErrSignature = errors.New("signature does not fit")
	// ErrUnknownKey: no key in force signed it.
	ErrUnknownKey = errors.New("not signed by a key in force")
	// ErrVersion: not the version that follows the one in force.
	ErrVersion = errors.New("version out of order")
)

const (
	maxRoot  = 256 << 10
	maxHead  = 32 << 20
	demoMark = "x-passerelle-demo"
	headName = "head" // in the timestamp's list of files
)

// Root says which keys are in force. Begin with [FirstRoot] of a version that is trusted
// already, then walk with [Root.Next].
type Root struct {
	meta  *metadata.Metadata[metadata.RootType]
	bytes []byte
}

// Fingerprint names a publisher for good: SHA-256 of version 1 of its root.
func Fingerprint(first []byte) string {
	h := sha256.Sum256(first)
	return hex.EncodeToString(h[:])
}

// FirstRoot reads a root that is trusted for a reason of the caller's own (its fingerprint,
// or because it was kept), and checks that it is signed by its own keys.
func FirstRoot(b []byte) (*Root, error) {
	r, err := readRoot(b)
	if err != nil {
		return nil, err
	}
	if err := r.vouch(metadata.ROOT, r.meta.Signatures, func() error { return r.meta.VerifyDelegate(metadata.ROOT, r.meta) }); err != nil {
		return nil, fmt.Errorf("root %d: %w", r.Version(), err)
	}
	return r, nil
}

// Next reads the root that follows: one version up, signed by the keys of r and by its
// own. An old root may have expired; only the last one must not have.
func (r *Root) Next(b []byte) (*Root, error) {
	n, err := readRoot(b)
	if err != nil {
		return nil, err
	}
	if n.Version() != r.Version()+1 {
		return nil, fmt.Errorf("root %d after %d: %w", n.Version(), r.Version(), ErrVersion)
	}
	for _, by := range []*Root{r, n} {
		err := by.vouch(metadata.ROOT, n.meta.Signatures, func() error { return by.meta.VerifyDelegate(metadata.ROOT, n.meta) })
		if err != nil {
			return nil, fmt.Errorf("root %d by the keys of root %d: %w", n.Version(), by.Version(), err)
		}
	}
	return n, nil
}

// Version counts from 1.
func (r *Root) Version() int64 { return r.meta.Signed.Version }

// Expires is when the root stops to be good.
func (r *Root) Expires() time.Time { return r.meta.Signed.Expires }

// Demo says that the publisher is a demonstration.
func (r *Root) Demo() bool { demo, _ := r.meta.Signed.UnrecognizedFields[demoMark].(bool); return demo }

// Bytes is the root as it was read.
func (r *Root) Bytes() []byte { return r.bytes }

// Signs says whether a key may sign heads.
func (r *Root) Signs(keyID string) bool { return r.has(metadata.TIMESTAMP, keyID) }

func (r *Root) has(role, keyID string) bool {
	for _, id := range r.meta.Signed.Roles[role].KeyIDs {
		if id == keyID {
			return true
		}
	}
	return false
}

// vouch verifies, and tells a signature that does not fit from one by a stranger.
func (r *Root) vouch(role string, by []metadata.Signature, verify func() error) error {
	known := 0
	for _, s := range by {
		if r.has(role, s.KeyID) {
			known++
		}
	}
	if known < r.meta.Signed.Roles[role].Threshold {
		return ErrUnknownKey
	}
	if err := verify(); err != nil {
		return fmt.Errorf("%w: %w", ErrSignature, err)
	}
	return nil
}

// readRoot reads a root and refuses shapes that only hostile bytes have, before the
// library sees their keys.
func readRoot(b []byte) (*Root, error) {
	if len(b) > maxRoot {
		return nil, fmt.Errorf("root of %d bytes: %w", len(b), ErrMalformed)
	}
	m, err := metadata.Root().FromBytes(b)
	if err != nil {
		return nil, fmt.Errorf("read root: %w: %w", ErrMalformed, err)
	}
	for id, k := range m.Signed.Keys {
		if k == nil || k.Type != metadata.KeyTypeEd25519 || len(k.Value.PublicKey) != 64 {
			return nil, fmt.Errorf("root key %.16q is not Ed25519: %w", id, ErrMalformed)
		}
		if own, err := k.ID(); err != nil || own != id {
			return nil, fmt.Errorf("root key %.16q is not the one it names: %w", id, ErrMalformed)
		}
	}
	for _, role := range []string{metadata.ROOT, metadata.TIMESTAMP} {
		rl := m.Signed.Roles[role]
		if rl == nil || rl.Threshold < 1 || len(rl.KeyIDs) < rl.Threshold {
			return nil, fmt.Errorf("root without keys for %s: %w", role, ErrMalformed)
		}
		for _, id := range rl.KeyIDs {
			if m.Signed.Keys[id] == nil {
				return nil, fmt.Errorf("root names a key for %s that it lacks: %w", role, ErrMalformed)
			}
		}
	}
	if m.Signed.Version < 1 {
		return nil, fmt.Errorf("root version %d: %w", m.Signed.Version, ErrMalformed)
	}
	return &Root{meta: m, bytes: b}, nil
}

// RootSpec is a root to be written.
type RootSpec struct {
	Version   int64
	Expires   time.Time
	Threshold int
	Roots     []crypto.PublicKey
	Timestamp []crypto.PublicKey
	Demo      bool
}

// WriteRoot writes a root, signed by every signer given.
func WriteRoot(s RootSpec, signers ...signature.Signer) ([]byte, error) {
	m := metadata.Root(s.Expires.UTC().Truncate(time.Second))
	m.Signed.Version = s.Version
	m.Signed.Roles[metadata.ROOT].Threshold = s.Threshold
	if s.Demo {
		m.Signed.UnrecognizedFields = map[string]any{demoMark: true}
	}
	for role, keys := range map[string][]crypto.PublicKey{metadata.ROOT: s.Roots, metadata.TIMESTAMP: s.Timestamp} {
		for _, k := range keys {
			key, err := metadata.KeyFromPublicKey(k)
			if err != nil {
				return nil, fmt.Errorf("key for %s: %w", role, err)
			}
			if err := m.Signed.AddKey(key, role); err != nil {
				return nil, fmt.Errorf("key for %s: %w", role, err)
			}
		}
	}
	for _, by := range signers {
		if _, err := m.Sign(by); err != nil {
			return nil, fmt.Errorf("sign root %d: %w", s.Version, err)
		}
	}
	b, err := m.ToBytes(false)
	if err != nil {
		return nil, fmt.Errorf("write root %d: %w", s.Version, err)
	}
	return b, nil
}

// Spec is what a root says, from which the next one is made.
func (r *Root) Spec() (RootSpec, error) {
	s := RootSpec{Version: r.Version(), Expires: r.Expires(), Threshold: r.meta.Signed.Roles[metadata.ROOT].Threshold, Demo: r.Demo()}
	for role, into := range map[string]*[]crypto.PublicKey{metadata.ROOT: &s.Roots, metadata.TIMESTAMP: &s.Timestamp} {
		for _, id := range r.meta.Signed.Roles[role].KeyIDs {
			k, err := r.meta.Signed.Keys[id].ToPublicKey()
			if err != nil {
				return RootSpec{}, fmt.Errorf("root %d: %w", s.Version, err)
			}
			*into = append(*into, k)
		}
	}
	return s, nil
}

// KeyID is the name a root gives to a key.
func KeyID(public crypto.PublicKey) (string, error) {
	k, err := metadata.KeyFromPublicKey(public)
	if err != nil {
		return "", fmt.Errorf("name key: %w", err)
	}
	return k.ID()
}

// Envelope is how a head travels.
type Envelope struct {
	// Timestamp is TUF timestamp metadata: the hash and length of Head under the name
	// "head", the moment it was created as its version (seconds since 1970), its expiry.
	Timestamp []byte `cbor:"1,keyasint"`
	Head      []byte `cbor:"2,keyasint"`
}

// Seal signs a head. The same head and key give the same bytes.
func Seal(h Head, signer signature.Signer) ([]byte, error) {
	h.Fmt, h.Schema = Format, Schema
	h.MinReader = max(h.MinReader, 1)
	h.Created, h.Expires = h.Created.UTC().Truncate(time.Second), h.Expires.UTC().Truncate(time.Second)
	body, err := enc.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("write head of %s: %w", h.Scope, err)
	}
	sum := HashOf(body)
	m := metadata.Timestamp(h.Expires)
	m.Signed.Version = h.Created.Unix()
	m.Signed.Meta = map[string]*metadata.MetaFiles{headName: {
		Length: int64(len(body)), Version: m.Signed.Version,
		Hashes: metadata.Hashes{"sha256": metadata.HexBytes(sum[:])},
	}}
	if _, err := m.Sign(signer); err != nil {
		return nil, fmt.Errorf("sign head of %s: %w", h.Scope, err)
	}
	ts, err := m.ToBytes(false)
	if err != nil {
		return nil, fmt.Errorf("sign head of %s: %w", h.Scope, err)
	}
	b, err := enc.Marshal(Envelope{Timestamp: ts, Head: body})
	if err != nil {
		return nil, fmt.Errorf("seal head of %s: %w", h.Scope, err)
	}
	return b, nil
}

// Open reads a head that a key in force has signed. Whether it has expired, or is older
// than one already seen, is for the caller to judge.
func (r *Root) Open(envelope []byte) (Head, error) {
	if len(envelope) > maxHead {
		return Head{}, fmt.Errorf("head of %d bytes: %w", len(envelope), ErrMalformed)
	}
	var e Envelope
	if err := dec.Unmarshal(envelope, &e); err != nil {
		return Head{}, fmt.Errorf("read envelope: %w: %w", ErrMalformed, err)
	}
	m, err := metadata.Timestamp().FromBytes(e.Timestamp)
	if err != nil {
		return Head{}, fmt.Errorf("read timestamp: %w: %w", ErrMalformed, err)
	}
	err = r.vouch(metadata.TIMESTAMP, m.Signatures, func() error { return r.meta.VerifyDelegate(metadata.TIMESTAMP, m) })
	if err != nil {
		return Head{}, fmt.Errorf("head: %w", err)
	}
	f := m.Signed.Meta[headName]
	if f == nil || len(f.Hashes["sha256"]) != sha256.Size {
		return Head{}, fmt.Errorf("timestamp names no head: %w", ErrMalformed)
	}
	if err := f.VerifyLengthHashes(e.Head); err != nil {
		return Head{}, fmt.Errorf("head: %w: %w", ErrSignature, err)
	}
	h, err := parseHead(e.Head)
	if err != nil {
		return Head{}, err
	}
	if h.Created.Unix() != m.Signed.Version || !h.Expires.Equal(m.Signed.Expires) {
		return Head{}, fmt.Errorf("head and timestamp disagree on dates: %w", ErrMalformed)
	}
	return h, nil
}

// Peek reads a head without believing it: a server does, of its own files.
func Peek(envelope []byte) (Head, error) {
	var e Envelope
	if err := dec.Unmarshal(envelope, &e); err != nil {
		return Head{}, fmt.Errorf("read envelope: %w: %w", ErrMalformed, err)
	}
	return parseHead(e.Head)
}

func parseHead(b []byte) (Head, error) {
	// MinReader first: the rest may have changed its meaning.
	var least struct {
		MinReader int `cbor:"3,keyasint"`
	}
	if err := dec.Unmarshal(b, &least); err != nil {
		return Head{}, fmt.Errorf("read head: %w: %w", ErrMalformed, err)
	}
	if least.MinReader > Format {
		return Head{}, fmt.Errorf("head for readers of format %d: %w", least.MinReader, ErrTooNew)
	}
	var h Head
	if err := dec.Unmarshal(b, &h); err != nil {
		return Head{}, fmt.Errorf("read head: %w: %w", ErrMalformed, err)
	}
	h.Created, h.Expires = h.Created.UTC(), h.Expires.UTC()
	return h, h.check()
}

// ErrTooNew: the catalogue asks for a newer reader.
var ErrTooNew = errors.New("made for newer readers")

// check refuses what no publisher writes, so that those who read a head need not doubt it.
func (h Head) check() error {
	bad := func(what string) error { return fmt.Errorf("head of %q: %s: %w", h.Scope, what, ErrMalformed) }
	if _, _, err := ParseScope(h.Scope); err != nil {
		return bad("scope")
	}
	if h.Count < 0 || h.BaseCount < 0 || h.BaseSeq > h.Seq || h.Since > h.Seq {
		return bad("positions")
	}
	for _, s := range h.Base {
		if s.Size < 0 || s.Rows < 0 || s.First > s.Last || s.Layer != Cards && s.Layer != Details || s.Hash.None() {
			return bad("segment")
		}
	}
	for _, d := range h.Deltas {
		if d.Size < 0 || d.Rows < 0 || d.From >= d.To || d.To > h.Seq || d.Hash.None() {
			return bad("delta")
		}
	}
	for _, p := range h.Packs {
		if p.Size < 0 || p.Name == "" {
			return bad("pack")
		}
	}
	return nil
}
