package mail_test

import (
	"fmt"
	"strings"
	"time"

	"passerelle/store/secret"
	"passerelle/sync/mail"
)

func ExampleCompose() {
	box, err := secret.NewBox([]byte(strings.Repeat("k", secret.KeySize)))
	if err != nil {
		panic(err)
	}
	house := mail.House{Base: "https://banque.exemple.ca", Box: box}
	m := mail.Message{Kind: mail.FactorCode, To: "ada@exemple.ca", Lang: "fr", First: "Ada", Code: "123456", Minutes: 10}
	l, err := mail.Compose(house, m, time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))
	if err != nil {
		panic(err)
	}
	fmt.Println(l.Subject)
	fmt.Println(strings.Contains(l.Text, "Valable 10 minutes"))
	// Output:
	// Votre code de vérification
	// true
}
