package record

import (
	"net/url"
	"regexp"
	"strings"

	"passerelle/store/account"
	"passerelle/store/occupation"
	"passerelle/store/place"
	"passerelle/store/skill"
)

// Form is how a text must be written. Those of the taxonomy let no free text into what is
// matched.
type Form string

// Forms. Of [NOC], [Skill] and [Where] a draft may name what this version of the lists does
// not have, since the desk that wrote it may be newer; what is submitted may not.
const (
	NOC      Form = "noc"     // unit group, five digits
	Skill    Form = "skill"   // id of a concept
	Where    Form = "where"   // "Rimouski, QC", "QC", or "CA" for all of Canada
	Email    Form = "email"   // address
	Phone    Form = "phone"   // ten digits or more, as people write them
	Postal   Form = "postal"  // A1A 1A1
	Link     Form = "link"    // https or http
	Payroll  Form = "payroll" // 123456789RP0001
	Country  Form = "country" // two letters
	NAICS    Form = "naics"   // two to six digits
	Waiver   Form = "waiver"  // code of an exemption, as in C10
	Province Form = "province"
	Row      Form = "row" // of the catalogue
)

var shapes = map[Form]*regexp.Regexp{
	NOC:      regexp.MustCompile(`^[0-9]{5}$`),
	Skill:    regexp.MustCompile(`^(ps|jb|oasis):[0-9A-Za-z-]{1,100}$`),
	Where:    regexp.MustCompile(`^([A-Z]{2}|[^,\n]{1,80}, [A-Z]{2})$`),
	Phone:    regexp.MustCompile(`^\+?[0-9]([ .()-]*[0-9]){9,14}$`),
	Postal:   regexp.MustCompile(`^[A-Z][0-9][A-Z] [0-9][A-Z][0-9]$`),
	Payroll:  regexp.MustCompile(`^[0-9]{9}RP[0-9]{4}$`),
	Country:  regexp.MustCompile(`^[A-Z]{2}$`),
	NAICS:    regexp.MustCompile(`^[0-9]{2,6}$`),
	Waiver:   regexp.MustCompile(`^[A-Z][0-9]{2}$`),
	Province: regexp.MustCompile(`^[A-Z]{2}$`),
	Row:      regexp.MustCompile(`^[1-9][0-9]{0,14}$`),
}

// check is what is wrong with a text of the form; "" is right.
func (f Form) check(text string, final bool) account.Code {
	if shape := shapes[f]; shape != nil && !shape.MatchString(text) {
		switch f {
		case Phone:
			return account.PhoneFormat
		case Postal:
			return account.PostalFormat
		case Payroll:
			return account.PayrollFormat
		}
		return account.NotListed
	}
	switch f {
	case Email:
		return account.CheckEmail(text)
	case Link:
		at, err := url.Parse(text)
		if err != nil || at.Scheme != "https" && at.Scheme != "http" || at.Hostname() == "" || at.User != nil {
			return account.LinkFormat
		}
	}
	if final && !f.listed(text) {
		return account.NotListed
	}
	return ""
}

// listed says whether this version of the lists has it.
func (f Form) listed(text string) bool {
	switch f {
	case NOC:
		return occupation.Title(text).FR != ""
	case Skill:
		_, ok := skill.Get(text)
		return ok
	case Province:
		return place.Province(text).FR != ""
	case Where:
		name, province, city := strings.Cut(text, ", ")
		if !city {
			return name == "CA" || place.Province(name).FR != ""
		}
		_, ok := place.FindCity(name, province)
		return ok
	}
	return true
}
