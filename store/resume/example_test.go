package resume_test

import (
	"fmt"
	"time"

	"passerelle/i18n"
	"passerelle/store/resume"
)

// A file of another tool is changed in one place; the rest of it stays as it came.
func ExampleImport() {
	d, err := resume.Import([]byte(`{"basics":{"name":"Ada Test","x-team":[1.0]},"languages":[{"language":"English"}]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	d.Basics.Email = "ada@exemple.ca"
	fmt.Println(string(d.Bytes()))
	for _, f := range resume.Check(d, time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)) {
		fmt.Println(f.Say(i18n.For(i18n.English)))
	}
	// Output:
	// {"basics":{"name":"Ada Test","x-team":[1.0],"email":"ada@exemple.ca"},"languages":[{"language":"English"}]}
	// Languages, entry 1: Say how well you speak this language.
}

// A résumé goes to Europass and comes back as it was.
func ExampleDocument_Europass() {
	d, err := resume.Parse([]byte(`{"basics":{"name":"Ada Test"},"interests":[{"name":"Sailing"}]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	back, err := resume.Import(d.Europass(i18n.English, resume.Whole))
	fmt.Println(string(back.Bytes()), err)
	// Output: {"basics":{"name":"Ada Test"},"interests":[{"name":"Sailing"}]} <nil>
}
