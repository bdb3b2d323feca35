package query

import "passerelle/store/posting"

// Hide is what a person does not want to see again. Nil hides nothing. Once made it
// is not changed: one may serve many searches at once.
type Hide struct {
	numbers   map[int64]bool
	rows      map[int64]bool // of those whose number is not known
	employers map[string]bool
}

// HiddenPosting names a posting by its public number, which it keeps when a catalogue is
// fetched anew, or by its row where the number is not known (0).
type HiddenPosting struct{ Row, Number int64 }

// NewHide hides postings, and all those of employers, by their names. It gives nil where
// nothing is hidden.
func NewHide(postings []HiddenPosting, employers []string) *Hide {
	h := &Hide{map[int64]bool{}, map[int64]bool{}, map[string]bool{}}
	for _, p := range postings {
		switch {
		case p.Number > 0:
			h.numbers[p.Number] = true
		case p.Row > 0:
			h.rows[p.Row] = true
		}
	}
	for _, e := range employers {
		if f := FoldEmployer(e); f != "" {
			h.employers[f] = true
		}
	}
	if len(h.numbers)+len(h.rows)+len(h.employers) == 0 {
		return nil
	}
	return h
}

// FoldEmployer is a name as names are compared: postings of one employer differ in case,
// accents and punctuation. It is "" for a name without letters or digits.
func FoldEmployer(name string) string {
	var folded []byte
	EachToken(name, nil, func(token []byte) {
		if len(folded) > 0 {
			folded = append(folded, ' ')
		}
		folded = append(folded, token...)
	})
	return string(folded)
}

// Has says whether a posting is hidden, by itself or with its employer.
func (h *Hide) Has(c posting.Card) bool {
	return h.Posting(c.ID, c.Number) || h.Employer(c.Employer)
}

// Posting says whether a posting is hidden by itself.
func (h *Hide) Posting(row, number int64) bool {
	return h != nil && (h.numbers[number] || h.rows[row])
}

// Employer says whether an employer is hidden.
func (h *Hide) Employer(name string) bool {
	return h != nil && len(h.employers) > 0 && name != "" && h.employers[FoldEmployer(name)]
}
