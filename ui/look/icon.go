package look

import (
	"fmt"
	"image/color"
	"strings"
	"sync"

	"fyne.io/fyne/v2"
)

// Icon names a drawing of ours: 16 px, strokes of 1.5 px with round ends, one style.
type Icon string

// Icons.
const (
	IconSearch   Icon = "search"
	IconPlace    Icon = "place"
	IconCompare  Icon = "compare"
	IconSaved    Icon = "saved"
	IconHelp     Icon = "help"
	IconSettings Icon = "settings"
	IconClose    Icon = "close"
	IconDown     Icon = "down"
	IconBack     Icon = "back"
	IconCheck    Icon = "check"
	IconWarn     Icon = "warn"
	IconInfo     Icon = "info"
	IconOut      Icon = "out"
	IconMail     Icon = "mail"
	IconPhone    Icon = "phone"
	IconFax      Icon = "fax"
	IconLetter   Icon = "letter"
	IconPerson   Icon = "person"
	IconWeb      Icon = "web"
	IconCopy     Icon = "copy"
	IconPrint    Icon = "print"
	IconFlag     Icon = "flag"
	IconFilter   Icon = "filter"
	IconSort     Icon = "sort"
	IconOffline  Icon = "offline"
	IconOnline   Icon = "online"
	IconSync     Icon = "sync"
	IconOutbox   Icon = "outbox"
	IconClock    Icon = "clock"
	IconWork     Icon = "work"
	IconSource   Icon = "source"
	IconList     Icon = "list"
	IconLock     Icon = "lock"
	IconKey      Icon = "key"
	IconScreen   Icon = "screen"
	IconColumns  Icon = "columns"
	IconMet      Icon = "met" // how a requirement stands
	IconPartly   Icon = "partly"
	IconMissing  Icon = "missing"
	IconUnknown  Icon = "unknown"
	IconStar     Icon = "star"
	IconNoStar   Icon = "no-star"
	IconBoard    Icon = "board"
	IconBell     Icon = "bell"
	IconCalendar Icon = "calendar"
)

// strokes are the drawings, on a grid of 16.
var strokes = map[Icon]string{
	IconSearch:   `<circle cx="7" cy="7" r="4.5"/><path d="M10.4 10.4 L14 14"/>`,
	IconPlace:    `<path d="M8 14.2 C5 10.8 3.5 8.6 3.5 6.4 A4.5 4.5 0 0 1 12.5 6.4 C12.5 8.6 11 10.8 8 14.2 Z"/><circle cx="8" cy="6.4" r="1.6"/>`,
	IconCompare:  `<path d="M2 2.8 H6.6 V13.2 H2 Z M9.4 2.8 H14 V13.2 H9.4 Z M3.8 6 H4.8 M11.2 6 H12.2 M11.2 9 H12.2"/>`,
	IconSaved:    `<path d="M4 2.5 H12 V13.5 L8 10.6 L4 13.5 Z"/>`,
	IconHelp:     `<circle cx="8" cy="8" r="6"/><path d="M6.2 6.4 C6.2 4.2 9.8 4.2 9.8 6.4 C9.8 7.8 8 7.8 8 9.2"/><path d="M8 11.4 V11.6"/>`,
	IconSettings: `<path d="M2 4.5 H8.4 M12.6 4.5 H14 M2 11.5 H3.4 M7.6 11.5 H14"/><circle cx="10.5" cy="4.5" r="2"/><circle cx="5.5" cy="11.5" r="2"/>`,
	IconClose:    `<path d="M3.8 3.8 L12.2 12.2 M12.2 3.8 L3.8 12.2"/>`,
	IconDown:     `<path d="M4 6 L8 10.2 L12 6"/>`,
	IconBack:     `<path d="M13.5 8 H2.8 M7 3.8 L2.8 8 L7 12.2"/>`,
	IconCheck:    `<path d="M3.2 8.4 L6.6 11.8 L12.8 4.6"/>`,
	IconWarn:     `<path d="M8 2.4 L14.4 13.4 H1.6 Z"/><path d="M8 6.4 V9.4 M8 11.4 V11.6"/>`,
	IconInfo:     `<circle cx="8" cy="8" r="6"/><path d="M8 7.4 V11.2 M8 4.8 V5"/>`,
	IconOut:      `<path d="M12.5 9.2 V13.5 H2.5 V3.5 H6.8 M9.4 2.5 H13.5 V6.6 M13.5 2.5 L7.6 8.4"/>`,
	IconMail:     `<path d="M2 3.5 H14 V12.5 H2 Z"/><path d="M2.2 4 L8 8.8 L13.8 4"/>`,
	IconPhone:    `<path d="M3.2 2.4 H5.8 L7 5.6 L5.4 6.8 C6.2 8.6 7.4 9.8 9.2 10.6 L10.4 9 L13.6 10.2 V12.8 C13.6 13.4 13 13.8 12.4 13.6 C7 12.6 3.4 9 2.4 3.6 C2.2 3 2.6 2.4 3.2 2.4 Z"/>`,
	IconFax:      `<path d="M2 6.5 H14 V13 H2 Z M4.5 6.5 V2.5 H11.5 V6.5 M4.8 9.6 H8.4 M11.2 9.4 V9.6 M11.2 11.2 V11.4"/>`,
	IconLetter:   `<path d="M2 5.8 L8 2.2 L14 5.8 V13.5 H2 Z"/><path d="M2.2 6.2 L8 10 L13.8 6.2"/>`,
	IconPerson:   `<circle cx="8" cy="5" r="2.7"/><path d="M2.6 14 C3 10.4 5.2 9.4 8 9.4 C10.8 9.4 13 10.4 13.4 14"/>`,
	IconWeb:      `<circle cx="8" cy="8" r="6"/><path d="M2 8 H14 M8 2 C4.8 5.4 4.8 10.6 8 14 M8 2 C11.2 5.4 11.2 10.6 8 14"/>`,
	IconCopy:     `<path d="M5.5 5.5 H13.5 V13.5 H5.5 Z M10.5 5.4 V2.5 H2.5 V10.5 H5.4"/>`,
	IconPrint:    `<path d="M4.5 6 V2.5 H11.5 V6 M4.5 11.5 H2 V6 H14 V11.5 H11.5 M4.5 9.5 H11.5 V13.8 H4.5 Z"/>`,
	IconFlag:     `<path d="M3.5 14 V2.5 H12.5 L10.6 5.5 L12.5 8.5 H3.6"/>`,
	IconFilter:   `<path d="M2 4 H14 M4.2 8 H11.8 M6.4 12 H9.6"/>`,
	IconSort:     `<path d="M5 2.8 V13.2 M2.4 10.6 L5 13.2 L7.6 10.6 M11 13.2 V2.8 M8.4 5.4 L11 2.8 L13.6 5.4"/>`,
	IconOffline:  `<path d="M4.6 12.5 C2.8 12.5 1.6 11.3 1.6 9.8 C1.6 8.2 2.8 7.2 4.2 7.2 M6.4 4.4 C8.8 3 11.6 4.4 11.9 7 C13.4 7.2 14.4 8.3 14.4 9.8 C14.4 10.6 14.1 11.3 13.6 11.8 M2.6 2.4 L13.6 13.8"/>`,
	IconOnline:   `<path d="M4.6 12.5 C2.8 12.5 1.6 11.3 1.6 9.8 C1.6 8.2 2.8 7.2 4.2 7.2 C4.6 2.6 11.4 2.4 11.9 7 C13.4 7.2 14.4 8.3 14.4 9.8 C14.4 11.3 13.2 12.5 11.6 12.5 Z"/>`,
	IconSync:     `<path d="M13.4 7 A5.5 5.5 0 0 0 3.6 4.6 M2.6 9 A5.5 5.5 0 0 0 12.4 11.4 M3.4 2 V4.8 H6.2 M12.6 14 V11.2 H9.8"/>`,
	IconOutbox:   `<path d="M2 9.5 V13.5 H14 V9.5 M8 10.4 V2.6 M4.8 5.8 L8 2.6 L11.2 5.8"/>`,
	IconClock:    `<circle cx="8" cy="8" r="6"/><path d="M8 4.4 V8 L10.6 9.8"/>`,
	IconWork:     `<path d="M2 5 H14 V13.2 H2 Z M5.6 5 V2.8 H10.4 V5 M2 8.6 H14"/>`,
	IconSource:   `<path d="M6.6 9.4 L9.4 6.6 M7.4 4.6 L8.8 3.2 C10 2 11.6 2 12.8 3.2 C14 4.4 14 6 12.8 7.2 L11.4 8.6 M8.6 11.4 L7.2 12.8 C6 14 4.4 14 3.2 12.8 C2 11.6 2 10 3.2 8.8 L4.6 7.4"/>`,
	IconLock:     `<path d="M3.5 7.5 H12.5 V13.5 H3.5 Z M5.2 7.4 V5.2 A2.8 2.8 0 0 1 10.8 5.2 V7.4 M8 10 V11.2"/>`,
	IconKey:      `<circle cx="5" cy="8" r="2.6"/><path d="M7.6 8 H14 V10.4 M11.4 8 V10"/>`,
	IconScreen:   `<path d="M2 3 H14 V11 H2 Z M5.4 13.6 H10.6 M8 11.2 V13.4"/>`,
	IconColumns:  `<path d="M2.5 2.5 H5.5 V13.5 H2.5 Z M6.7 2.5 H9.7 V9 H6.7 Z M10.9 2.5 H13.9 V11.5 H10.9 Z"/>`,
	IconBoard:    `<path d="M2.5 2.5 H7 V8 H2.5 Z M9 2.5 H13.5 V5.5 H9 Z M2.5 10 H7 V13.5 H2.5 Z M9 7.5 H13.5 V13.5 H9 Z"/>`,
	IconBell:     `<path d="M3.2 11.8 C4.2 10.8 4.4 9.6 4.4 7.2 A3.6 3.6 0 0 1 11.6 7.2 C11.6 9.6 11.8 10.8 12.8 11.8 Z M8 3.4 V2.2 M6.8 13.8 H9.2"/>`,
	IconCalendar: `<path d="M2.5 3.5 H13.5 V13.5 H2.5 Z M2.5 6.6 H13.5 M5.2 2.2 V4.6 M10.8 2.2 V4.6 M5.2 9.2 H6.4 M9.6 9.2 H10.8 M5.2 11.4 H6.4"/>`,
	IconMet:      `<circle cx="8" cy="8" r="5.4" fill="currentColor"/>`,
	IconPartly:   `<circle cx="8" cy="8" r="5.4"/><path d="M8 2.6 A5.4 5.4 0 0 0 8 13.4 Z" fill="currentColor"/>`,
	IconMissing:  `<circle cx="8" cy="8" r="5.4"/>`,
	IconUnknown:  `<path d="M5.4 8 H10.6"/>`,
	IconStar:     `<path d="M8 2.6 L9.7 6.1 L13.6 6.6 L10.7 9.2 L11.5 13.1 L8 11.2 L4.5 13.1 L5.3 9.2 L2.4 6.6 L6.3 6.1 Z" stroke-width="1.2" fill="currentColor"/>`,
	IconNoStar:   `<path d="M8 2.6 L9.7 6.1 L13.6 6.6 L10.7 9.2 L11.5 13.1 L8 11.2 L4.5 13.1 L5.3 9.2 L2.4 6.6 L6.3 6.1 Z" stroke-width="1.2"/>`,
	IconList:     `<path d="M5.4 4 H14 M5.4 8 H14 M5.4 12 H14 M2.2 4 H2.4 M2.2 8 H2.4 M2.2 12 H2.4"/>`,
}

var drawn sync.Map // "name#colour" → fyne.Resource

// Draw gives an icon in a colour.
func Draw(i Icon, c color.NRGBA) fyne.Resource {
	name := fmt.Sprintf("%s-%02x%02x%02x.svg", i, c.R, c.G, c.B)
	if r, ok := drawn.Load(name); ok {
		return r.(fyne.Resource)
	}
	ink := fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B)
	svg := fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="0 0 16 16" fill="none" stroke="%s" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round">%s</svg>`,
		ink, strings.ReplaceAll(strokes[i], "currentColor", ink))
	r := fyne.NewStaticResource(name, []byte(svg))
	drawn.Store(name, r)
	return r
}

// Has says whether an icon is drawn.
func Has(i Icon) bool { return strokes[i] != "" }
