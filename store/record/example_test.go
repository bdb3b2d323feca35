package record_test

import (
	"fmt"

	"passerelle/store/record"
)

// Two desks were edited apart: what they did beside each other stands, a set has what each
// added, and where both wrote in one field the first to arrive stands and a person is asked.
func ExampleMerge() {
	alert, _ := record.Find("alert")
	base := doc(`{"name": "Soudage", "places": ["Rimouski, QC"], "lang": "fr"}`)
	mine := doc(`{"name": "Soudage ici", "places": ["Rimouski, QC", "Matane, QC"], "lang": "fr"}`)
	theirs := doc(`{"name": "Soudage partout", "places": ["Moncton, NB"], "lang": "en"}`)
	merged, conflicts := record.Merge(alert, base, mine, theirs)
	fmt.Println(shown(merged))
	for _, c := range conflicts {
		fmt.Printf("%s was %s: %s or %s?\n", c.Field, c.Base, c.Mine, c.Theirs)
	}
	// Output:
	// {"lang":"en","name":"Soudage partout","places":["Moncton, NB","Matane, QC"]}
	// name was "Soudage": "Soudage ici" or "Soudage partout"?
}

// A draft may be unfinished. What is asked of it is known before anything is sent.
func ExampleKind_Do() {
	alert, _ := record.Find("alert")
	draft := doc(`{"email": "anyone@exemple.ca", "lang": "fr"}`)
	_, mend, err := alert.Do("subscribe", draft)
	fmt.Println(err, mend)
	done, _, err := alert.Do("subscribe", record.Apply(draft, doc(`{"keywords": ["soudage"]}`)))
	fmt.Println(alert.State(done), err)
	// Output:
	// subscribe alert: has to be mended first [{keywords needed}]
	// pending <nil>
}
