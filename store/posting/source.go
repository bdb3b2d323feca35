package posting

// Source is an entry of the source registry: who sends postings to this bank
//
type Source struct {
	ID       string `cbor:"1,keyasint" json:"id"`
	Name     Both   `cbor:"2,keyasint" json:"name"`
	Host     string `cbor:"3,keyasint,omitempty" json:"host,omitempty"`     // where its links lead; a link elsewhere is refused
	Icon     string `cbor:"4,keyasint,omitempty" json:"icon,omitempty"`     // name of an icon of ui/look, or empty for a drawn initial
	Accepted string `cbor:"5,keyasint,omitempty" json:"accepted,omitempty"` // version of the terms it accepted; "" or an old one: refused
	Licence  string `cbor:"6,keyasint,omitempty" json:"licence,omitempty"`
	Demo     bool   `cbor:"7,keyasint,omitempty" json:"demo,omitempty"`
	// Agreement is the id of the deployment's own agreement with the source; the
	// fetcher of the partner feed refuses to run without it. It stays on the server.
	Agreement string `cbor:"-" json:"agreement,omitempty"`
}

// Native is this bank itself.
const Native = "native"
