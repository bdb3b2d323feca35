package secret_test

import (
	"bytes"
	"errors"
	"path/filepath"
	"testing"

	"passerelle/store/secret"
)

func TestKeysQuick(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys", "secrets.json")
	k, err := secret.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := k.Box.Seal("a/1", []byte("hello"))
	if err != nil {
		t.Fatal(err)
	}
	k2, err := secret.Rotate(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := k2.Box.Open("a/1", s); err != nil || string(got) != "hello" {
		t.Fatal(got, err)
	}
	if _, err := k2.Box.Open("a/2", s); !errors.Is(err, secret.ErrSealed) {
		t.Fatal(err)
	}
	if !bytes.Equal(k.MAC("a", []byte("b")), k2.MAC("a", []byte("b"))) {
		t.Fatal("mac")
	}
	if h := secret.Cheap.Hash("x"); !secret.Matches(h, "x") || secret.Matches(h, "y") || secret.Matches("", "x") {
		t.Fatal("hash")
	}
}
