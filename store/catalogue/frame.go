package catalogue

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/klauspost/compress/zstd"

	"passerelle/store/posting"
	"passerelle/store/query"
	"passerelle/store/sqldb"
)

// A frame is one state of the catalogue as searches see it: what filters, counts and
// sorts, in columns, some 110 bytes a posting. Frames are never changed once published;
// the next one shares the pages that did not change.
type frame struct {
	gen    int64 // rises with each commit; the file holds the same number
	state  State
	pages  map[uint32]*page // by row id / pageRows
	order  []uint32         // its keys, rising
	codes  [nCodes]dict
	masks  [nMasks]dict
	staff  roster // employers
	segs   []*segment
	packs  uint32 // highest pack number
	lastSg int64  // highest number of a segment of the word index
}

const (
	pageBits = 12
	pageRows = 1 << pageBits // row ids a page covers
	maxID    = 1<<32 - 1     // of a row: bitmaps hold 32 bits
)

// Facets with one value a posting, and with several.
var (
	codeFacets = []query.Facet{query.Period, query.Term, query.WorkLang, query.Education, query.Experience,
		query.Province, query.Region, query.City, query.Category, query.NOC, query.TEER, query.Source,
		query.Workplace, query.Poster, query.Abroad}
	maskFacets = []query.Facet{query.Schedule, query.Group, query.TextLang}
)

const (
	nCodes = 16 // the facets above, and the zone
	nMasks = 3
	cCity  = 7
	cNOC   = 9
	cZone  = 15
)

// page holds the columns of the rows whose ids share all but their last 12 bits.
type page struct {
	rows     int
	has      [pageRows / 64]uint64
	code     [nCodes][pageRows]uint16
	mask     [nMasks][pageRows]uint16
	posted   [pageRows]int32
	ends     [pageRows]int32
	over     [pageRows]uint8 // 1: closed or withdrawn
	hour     [pageRows]int64 // best wage, cents; 0 unknown
	year     [pageRows]int64
	lat, lng [pageRows]float32
	employer [pageRows]uint32
	number   [pageRows]int64
	origin   [pageRows]uint64 // hash of the source's own number; 0: none
	pack     [pageRows]uint32 // where its details lie; 0: nowhere
	slot     [pageRows]uint8
	sum      [pageRows]posting.Sum
}

func (p *page) holds(i int) bool { return p.has[i>>6]&(1<<(i&63)) != 0 }

// columns lists what is written of a page, in order.
func (p *page) columns() []any {
	cs := []any{p.has[:]}
	for i := range p.code {
		cs = append(cs, p.code[i][:])
	}
	for i := range p.mask {
		cs = append(cs, p.mask[i][:])
	}
	return append(cs, p.posted[:], p.ends[:], p.over[:], p.hour[:], p.year[:], p.lat[:], p.lng[:],
		p.employer[:], p.number[:], p.origin[:], p.pack[:], p.slot[:])
}

var (
	packer   = must(zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderCRC(true)))
	unpacker = must(zstd.NewReader(nil, zstd.WithDecoderMaxMemory(256<<20), zstd.WithDecoderConcurrency(0)))
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func pack(b []byte) []byte { return packer.EncodeAll(b, make([]byte, 0, len(b)/3+64)) }

func unpack(b []byte) ([]byte, error) {
	out, err := unpacker.DecodeAll(b, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", sqldb.ErrCorrupt, err)
	}
	return out, nil
}

func (p *page) bytes() []byte {
	var b []byte
	for _, c := range p.columns() {
		b = must(binary.Append(b, binary.LittleEndian, c))
	}
	for i := range p.sum {
		b = append(b, p.sum[i][:]...)
	}
	return pack(b)
}

func readPage(b []byte) (*page, error) {
	b, err := unpack(b)
	if err != nil {
		return nil, err
	}
	p := new(page)
	for _, c := range p.columns() {
		n, err := binary.Decode(b, binary.LittleEndian, c)
		if err != nil {
			return nil, fmt.Errorf("%w: page of columns: %w", sqldb.ErrCorrupt, err)
		}
		b = b[n:]
	}
	if len(b) != len(p.sum)*len(posting.Sum{}) {
		return nil, fmt.Errorf("%w: page of columns: %d bytes of sums", sqldb.ErrCorrupt, len(b))
	}
	for i := range p.sum {
		copy(p.sum[i][:], b[i*len(posting.Sum{}):])
	}
	for i := range pageRows {
		if p.holds(i) {
			p.rows++
		}
	}
	return p, nil
}

// dict gives small numbers to the values of a facet; number 0 is no value.
type dict struct {
	values []string
	index  map[string]uint16
	shared bool // also in a published frame: copied before the next new value
}

func (d *dict) code(v string, limit int) uint16 {
	if c, ok := d.index[v]; ok {
		return c
	}
	if v == "" || len(d.values) > limit {
		return 0 // no feed has so many; what is over the limit cannot be filtered on
	}
	if d.shared || d.index == nil {
		d.index, d.shared = maps.Clone(d.index), false
		if d.index == nil {
			d.index = map[string]uint16{}
		}
	}
	if len(d.values) == 0 {
		d.values = append(d.values, "")
	}
	c := uint16(len(d.values))
	d.values = append(d.values, v)
	d.index[strings.Clone(v)] = c
	return c
}

// combinations is one more than the largest mask of the facet's values.
func (d *dict) combinations() int { return 1 << max(0, len(d.values)-1) }

// roster gives numbers to employers; their index is made when it is first written to.
type roster struct {
	names []string
	index map[string]uint32 // only in the frame that the writer keeps
}

func (r *roster) code(v string) uint32 {
	if v == "" {
		return 0
	}
	if r.index == nil {
		r.index = make(map[string]uint32, len(r.names))
		for i, n := range r.names {
			r.index[n] = uint32(i)
		}
	}
	if len(r.names) == 0 {
		r.names = append(r.names, "")
	}
	c, ok := r.index[v]
	if !ok {
		c = uint32(len(r.names))
		r.names = append(r.names, v)
		r.index[v] = c
	}
	return c
}

func joined(vs []string) []byte {
	var b []byte
	for _, v := range vs {
		b = append(binary.AppendUvarint(b, uint64(len(v))), v...)
	}
	return pack(b)
}

func split(b []byte) ([]string, error) {
	b, err := unpack(b)
	if err != nil {
		return nil, err
	}
	text, vs := string(b), []string(nil)
	for at := 0; at < len(b); {
		n, m := binary.Uvarint(b[at:])
		if at += m; m <= 0 || n > uint64(len(b)-at) {
			return nil, fmt.Errorf("%w: list of values", sqldb.ErrCorrupt)
		}
		vs = append(vs, text[at:at+int(n)])
		at += int(n)
	}
	return vs, nil
}

// originHash is the same on every machine and run: FNV-1a of the lower-case text.
func originHash(id string) uint64 {
	if id == "" {
		return 0
	}
	h := uint64(14695981039346656037)
	for _, c := range []byte(strings.ToLower(id)) {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return max(h, 1)
}

func newFrame() *frame { return &frame{pages: map[uint32]*page{}} }

// clone is a frame to change: pages are copied when they are first written to.
func (f *frame) clone() *frame {
	g := *f
	g.pages = maps.Clone(f.pages)
	g.order = slices.Clone(f.order)
	g.segs = slices.Clone(f.segs)
	for i := range g.codes {
		g.codes[i].shared = true
		g.codes[i].values = slices.Clip(g.codes[i].values)
	}
	for i := range g.masks {
		g.masks[i].shared = true
		g.masks[i].values = slices.Clip(g.masks[i].values)
	}
	g.staff.names = slices.Clip(g.staff.names)
	g.staff.index = nil
	return &g
}

func (f *frame) rows() int {
	n := 0
	for _, p := range f.pages {
		n += p.rows
	}
	return n
}

// at finds a row's page and its place there; nil when there is no such row.
func (f *frame) at(id int64) (*page, int) {
	if id <= 0 || id > maxID {
		return nil, 0
	}
	p, i := f.pages[uint32(id)>>pageBits], int(id&(pageRows-1))
	if p == nil || !p.holds(i) {
		return nil, 0
	}
	return p, i
}

func (f *frame) indexed() int {
	n := 0
	for _, s := range f.segs {
		n += int(s.live.GetCardinality())
	}
	return n
}

// set writes a card's columns.
func (f *frame) set(p *page, i int, c posting.Card) {
	for k, facet := range codeFacets {
		p.code[k][i] = 0
		query.Values(c, facet, func(v string) { p.code[k][i] = f.codes[k].code(v, 1<<16-1) })
	}
	for k, facet := range maskFacets {
		p.mask[k][i] = 0
		query.Values(c, facet, func(v string) {
			if n := f.masks[k].code(v, 16); n > 0 {
				p.mask[k][i] |= 1 << (n - 1)
			}
		})
	}
	p.code[cZone][i] = f.codes[cZone].code(c.Zone, 1<<16-1)
	p.posted[i], p.ends[i] = int32(c.Posted), int32(c.Ends)
	p.over[i] = 0
	if c.State != posting.Shown {
		p.over[i] = 1
	}
	p.hour[i], p.year[i] = max(c.Wage.HourMin, c.Wage.HourMax), max(c.Wage.YearMin, c.Wage.YearMax)
	p.lat[i], p.lng[i] = c.Place.Lat, c.Place.Lng
	p.employer[i] = f.staff.code(c.Employer)
	p.number[i], p.origin[i] = c.Number, originHash(c.SourceID)
	if !p.holds(i) {
		p.has[i>>6] |= 1 << (i & 63)
		p.rows++
	}
}

// lastEnded gives, for each zone, the last day that is over at a moment.
func (f *frame) lastEnded(now time.Time) []int32 {
	out := make([]int32, max(1, len(f.codes[cZone].values)))
	for z := range out {
		zone := ""
		if z < len(f.codes[cZone].values) {
			zone = f.codes[cZone].values[z]
		}
		ended := func(d posting.Day) bool { return posting.Card{Ends: d, Zone: zone}.Ended(now) }
		if now.IsZero() {
			out[z] = math.MinInt32
			continue
		}
		d := posting.DayOf(now)
		for ended(d) {
			d++
		}
		for !ended(d) {
			d--
		}
		out[z] = int32(d)
	}
	return out
}

// universe is every row the word index covers.
func (f *frame) universe() *roaring.Bitmap {
	all := make([]*roaring.Bitmap, len(f.segs))
	for i, s := range f.segs {
		all[i] = s.live
	}
	return roaring.FastOr(all...)
}

func bitmapBytes(b *roaring.Bitmap) []byte { return must(b.ToBytes()) }

func readBitmap(b []byte) (*roaring.Bitmap, error) {
	bm := roaring.New()
	if _, err := bm.ReadFrom(bytes.NewReader(b)); err != nil {
		return nil, fmt.Errorf("%w: bitmap: %w", sqldb.ErrCorrupt, err)
	}
	return bm, nil
}
