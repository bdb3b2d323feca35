package measure

import (
	"context"
	"errors"
	"testing"
)

// TestMeasure takes every figure on a few rows: that they are taken, not what they are.
func TestMeasure(t *testing.T) {
	ctx := context.Background()
	set := Postings(600)
	words := Words(set, 40)
	if len(set.Rows) != 600 || len(words) != 40 {
		t.Fatalf("%d rows, %d words", len(set.Rows), len(words))
	}
	s, built, err := Catalogue(ctx, t.TempDir(), set)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if built.Browsable <= 0 || built.Searchable < built.Browsable || built.Size == 0 || built.Open <= 0 {
		t.Errorf("Catalogue = %+v", built)
	}
	if l, err := Search(ctx, s, set, words); err != nil || l.Max < l.P95 || l.P95 < l.P50 || l.P50 <= 0 {
		t.Errorf("Search = %v, %v", l, err)
	}
	if d, err := Delta(ctx, s, set, 100); err != nil || d <= 0 {
		t.Errorf("Delta = %v, %v", d, err)
	}
	if p, err := Bleve(ctx, t.TempDir(), set, words); err != nil || p.Size == 0 || p.Search.P50 <= 0 {
		t.Errorf("Bleve = %+v, %v", p, err)
	}
	if p, err := FTS5(ctx, t.TempDir(), set, words); err != nil || p.Size == 0 || p.Search.P50 <= 0 {
		t.Errorf("FTS5 = %+v, %v", p, err)
	}
	if p, err := Shell(ctx, t.TempDir(), set); errors.Is(err, ErrNoShell) {
		t.Log(err)
	} else if err != nil || p.Size == 0 {
		t.Errorf("Shell = %+v, %v", p, err)
	}
}
