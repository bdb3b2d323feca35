package state

// Library is a licence and the libraries that are part of the window's program under it, on
// whichever system.
type Library struct {
	Licence string
	Paths   []string // of their modules, each of which is an address, too
}

// Libraries are those that the licences ask to be named. A test holds the list to what the
// program is made of.
var Libraries = []Library{
	{"Apache-2.0", []string{
		"fyne.io/systray", "github.com/RoaringBitmap/roaring", "github.com/arran4/golang-ical", "github.com/google/go-containerregistry",
		"github.com/klauspost/compress", "github.com/opencontainers/go-digest", "github.com/pquerna/otp", "github.com/rymdport/portal",
		"github.com/sigstore/protobuf-specs", "github.com/sigstore/sigstore", "github.com/theupdateframework/go-tuf",
		"github.com/tink-crypto/tink-go", "google.golang.org/genproto/googleapis/api",
	}},
	{"BSD 2-Clause", []string{"github.com/godbus/dbus", "github.com/pkg/errors"}},
	{"BSD 3-Clause", []string{
		"fyne.io/fyne", "github.com/FyshOS/fancyfs", "github.com/bits-and-blooms/bitset", "github.com/fsnotify/fsnotify",
		"github.com/fyne-io/image", "github.com/fyne-io/oksvg", "github.com/go-gl/glfw", "github.com/go-text/render",
		"github.com/go-text/typesetting", "github.com/gofrs/flock", "github.com/google/uuid", "github.com/remyoudompheng/bigfft",
		"github.com/srwiley/oksvg", "github.com/srwiley/rasterx", "golang.org/x/crypto", "golang.org/x/image", "golang.org/x/net",
		"golang.org/x/sync", "golang.org/x/sys", "golang.org/x/term", "golang.org/x/text", "google.golang.org/protobuf",
		"modernc.org/libc", "modernc.org/mathutil", "modernc.org/memory", "modernc.org/sqlite",
	}},
	{"ISC", []string{"github.com/nfnt/resize"}},
	{"MIT", []string{
		"github.com/BurntSushi/toml", "github.com/anthonynsimon/bild", "github.com/boombuler/barcode", "github.com/clipperhouse/uax29",
		"github.com/danieljoos/wincred", "github.com/mattn/go-isatty", "github.com/ncruces/go-strftime",
		"github.com/dustin/go-humanize", "github.com/fxamacker/cbor", "github.com/go-gl/gl", "github.com/go-resty/resty",
		"github.com/jeandeaual/go-locale", "github.com/jsummers/gobmp", "github.com/mattn/go-runewidth", "github.com/nicksnyder/go-i18n",
		"github.com/phpdave11/gofpdi", "github.com/secure-systems-lab/go-securesystemslib", "github.com/signintech/gopdf",
		"github.com/x448/float16", "github.com/yuin/goldmark", "github.com/zalando/go-keyring",
	}},
}
