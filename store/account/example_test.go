package account_test

import (
	"fmt"
	"time"

	"passerelle/i18n"
	"passerelle/store/account"
)

func ExampleCheckSIN() {
	fr := i18n.For(i18n.French)
	for _, typed := range []string{"1234", account.FictionalSIN(7)} {
		if c := account.CheckSIN(typed); c != "" {
			fmt.Println(fr.S(c.Key()))
		} else {
			fmt.Println(typed)
		}
	}
	// Output:
	// Le NAS comporte neuf chiffres.
	// 000000075
}

func ExampleSuspendsOn() {
	in := time.Date(2026, 8, 31, 14, 0, 0, 0, time.UTC)
	fmt.Println("signed in ", in.Format(time.DateOnly))
	fmt.Println("warned    ", account.Rules{}.WarnsOn(in).Format(time.DateOnly))
	fmt.Println("suspended ", account.SuspendsOn(in).Format(time.DateOnly))
	// Output:
	// signed in  2026-08-31
	// warned     2027-02-22
	// suspended  2027-03-01
}

func ExampleRules_OtherQuestion() {
	var r account.Rules
	mine := []string{"first-pet", "first-car", "first-job", "grandmother", "childhood-toy"}
	var asked []string
	for {
		id, ok := r.OtherQuestion(mine, asked, func(n int) int { return 0 })
		if !ok {
			fmt.Println("an agent")
			return
		}
		fmt.Println(i18n.For(i18n.English).S(account.QuestionKey(id)))
		asked = append(asked, id)
	}
	// Output:
	// What was your first pet called?
	// What model was your first car?
	// an agent
}
