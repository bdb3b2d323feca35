package intake_test

import (
	"context"
	"fmt"
	"strings"

	"passerelle/i18n"
	"passerelle/store/posting"
	"passerelle/sync/intake"
)

func ExampleRead() {
	table := "WIC Job Location Snapshot ID\tJob Title\tFirst Posting Date\tNOC21 Code\tCity\tProvince/Territory\n" +
		"15630831\tbaker\t2026/06/12\t63202\tRegina\tSaskatchewan\n" +
		"NA\tcook\t2026/06/12\t63200\tRegina\tSaskatchewan\n"
	source := posting.Source{ID: "open-data", Accepted: intake.TermsVersion}
	rep, err := intake.Read(context.Background(), strings.NewReader(table), intake.Options{File: "june.tsv", Source: source},
		func(p posting.Posting) error {
			fmt.Println(p.SourceID, p.Title.EN, p.NOC, p.Place.Province, p.Ends, p.Estimated)
			return nil
		})
	fmt.Println(rep.Format, rep.Kept, "of", rep.Read, err)
	for _, problem := range rep.Problems {
		fmt.Println(problem.Say(i18n.For(i18n.English)))
	}
	// Output:
	// 15630831 baker 63202 SK 2026-07-12 true
	// opendata 1 of 2 <nil>
	// june.tsv, line 3: no posting number. Ask the source for it: without it, the posting cannot be updated or withdrawn.
}
