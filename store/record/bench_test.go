package record_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"passerelle/store/record"
)

func BenchmarkMerge(b *testing.B) {
	k, _ := record.Find("posting")
	base := k.Example()
	mine, theirs := record.Apply(base, doc(`{"days":20,"schedule":["day"]}`)), record.Apply(base, doc(`{"city":"Matane","schedule":["day","night","overtime"]}`))
	for b.Loop() {
		record.Merge(k, base, mine, theirs)
	}
}

func BenchmarkVerify(b *testing.B) {
	k, _ := record.Find("posting")
	d := k.Example()
	for b.Loop() {
		k.Verify(d, true)
	}
}

// BenchmarkVerifyWorst is the most that a stranger can ask of one check.
func BenchmarkVerifyWorst(b *testing.B) {
	k, _ := record.Find("posting")
	for name, text := range map[string]string{"digits": strings.Repeat("12-", 20_000), "names": names(6000), "text": strings.Repeat("é", 30_000)} {
		d := with(k, "duties_fr", quoted(text))
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				k.Verify(d, true)
			}
		})
	}
}

func names(n int) string {
	all := map[string]int{}
	for i := range n {
		all[fmt.Sprint(i)] = i
	}
	t, _ := json.Marshal(all)
	return string(t)[:min(len(t), 60_000)]
}
