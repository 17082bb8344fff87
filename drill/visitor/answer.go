package visitor

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/fleetdrill/fleetdrill/drill/clean"
	"github.com/fleetdrill/fleetdrill/drill/format"
)

// Body is the answer where JSON is asked for.
type Body struct {
	Population string  `json:"population"`
	Region     *string `json:"region"` // who answered, or was asked in vain; null where nobody said whom to ask
	Dataset    *string `json:"dataset"`
	ID         *string `json:"id"`    // of the write
	Found      *bool   `json:"found"` // of a read
	Stale      *bool   `json:"stale"` // of a read: it is not there, though it was confirmed before
	// ConfirmedBy is of a write.
	ConfirmedBy *string `json:"confirmed_by"`
	Failure     *string `json:"failure"`
	Took        float64 `json:"took_ms"`
	Bytes       int     `json:"bytes"` // of what was read
}

// answer writes what came of a request, as its sender takes it: a page, JSON or a few lines of text.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, q Request, a Answer) {
	h := w.Header()
	h.Set(HeaderPopulation, q.Population)
	h.Set("Cache-Control", "no-store")
	h.Set("Vary", "Accept")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Server-Timing", fmt.Sprintf("fleet;dur=%.1f", a.Took.Seconds()*1000))
	if a.Region != "" {
		h.Set(HeaderRegion, a.Region)
	}
	if a.Failure != "" {
		h.Set(HeaderFailure, a.Failure)
	}
	if q.Write && a.Failure == "" {
		h.Set("Location", "/"+q.Population+"/"+q.Dataset+"/"+a.ID)
	}
	body, kind := []byte(lines(q, a)), "text/plain; charset=utf-8"
	switch accepts(r.Header.Get("Accept")) {
	case "text/html":
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		body, kind = s.page(r, q, a), "text/html; charset=utf-8"
	case "application/json":
		body, kind = asJSON(q, a), "application/json"
	}
	h.Set("Content-Type", kind)
	w.WriteHeader(status(q, a))
	_, _ = w.Write(body) // an error means that the client has gone
}

// accepts is which of the kinds of answers a request asks for first; "" is text.
func accepts(header string) string {
	for _, one := range strings.Split(header, ",") {
		kind, _, _ := strings.Cut(strings.TrimSpace(one), ";")
		if kind == "text/html" || kind == "application/json" || kind == "text/plain" {
			return kind
		}
	}
	return ""
}

// status is the answer's: what a web tier behind a name or a load balancer would give.
func status(q Request, a Answer) int {
	switch {
	case a.Failure == "timeout":
		return http.StatusGatewayTimeout
	case a.Failure == "shed", a.Failure == "no region", a.Failure == "no web", a.Failure == "no authority":
		return http.StatusServiceUnavailable
	case a.Failure == "jurisdiction":
		return http.StatusUnavailableForLegalReasons
	case a.Failure != "":
		return http.StatusBadGateway
	case q.Write:
		return http.StatusCreated
	case q.ID != "" && !a.Found:
		return http.StatusNotFound
	}
	return http.StatusOK
}

// lines is the answer in words: who answered whom in which time, and what.
func lines(q Request, a Answer) string {
	return headline(q, a) + "\n" + detail(q, a) + "\n"
}

func headline(q Request, a Answer) string {
	switch {
	case a.Failure == "":
		return fmt.Sprintf("%s answered a user of %s in %s", a.Region, q.Population, format.Fine(a.Took))
	case a.Region == "":
		return fmt.Sprintf("nobody answered a user of %s in %s", q.Population, format.Fine(a.Took))
	}
	return fmt.Sprintf("%s did not answer a user of %s in %s", a.Region, q.Population, format.Fine(a.Took))
}

func detail(q Request, a Answer) string {
	switch {
	case a.Failure != "":
		return format.Failure(a.Failure)
	case q.Dataset == "":
		return "it is up"
	case q.Write:
		return fmt.Sprintf("%s %s written, confirmed by %s", q.Dataset, a.ID, a.Authority)
	case a.ID == "":
		return "nothing was written to " + q.Dataset + " yet"
	case !a.Found && a.Acked:
		return fmt.Sprintf("%s %s is not here, though it was confirmed before: a stale read", q.Dataset, a.ID)
	case !a.Found:
		return fmt.Sprintf("%s %s is not here", q.Dataset, a.ID)
	}
	return fmt.Sprintf("%s %s is here: %s", q.Dataset, a.ID, contents(a.Payload))
}

// contents is a write's payload as a person may read it: its text, or how long it is where it is none.
func contents(payload []byte) string {
	const most = 200
	if text := clean.Text(string(payload)); utf8.Valid(payload) && text == string(payload) && len(text) <= most {
		return "“" + text + "”"
	}
	return format.Bytes(float64(len(payload)))
}

func asJSON(q Request, a Answer) []byte {
	some := func(s string) *string {
		if s == "" {
			return nil
		}
		return &s
	}
	b := Body{
		Population: q.Population, Region: some(a.Region), Dataset: some(q.Dataset), ID: some(a.ID), ConfirmedBy: some(a.Authority),
		Failure: some(a.Failure), Took: float64(a.Took.Microseconds()) / 1000, Bytes: len(a.Payload),
	}
	if !q.Write && q.Dataset != "" && a.Failure == "" {
		stale := !a.Found && a.Acked
		b.Found, b.Stale = &a.Found, &stale
	}
	out, err := json.Marshal(b)
	if err != nil { // strings, numbers and yes or no are always JSON
		return []byte("{}")
	}
	return append(out, '\n')
}

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// view is what the page shows.
type view struct {
	Fleet, Population, Dataset string
	Populations, Datasets      []string
	Headline, Detail           string
	Failed                     bool
	Path                       string
	Refresh                    int // seconds; 0 is not
	Past                       []row
}

// row is one of the last requests.
type row struct {
	Ago, Verb, Region, Took, Failure string
}

// leastRefresh and mostRefresh bound how often a page may ask by itself, in seconds.
const leastRefresh, mostRefresh = 1, 60

// page is the answer for a browser, with the last requests as the same population's users.
func (s *Server) page(r *http.Request, q Request, a Answer) []byte {
	v := view{
		Fleet: s.cfg.Fleet.Name, Population: q.Population, Dataset: q.Dataset, Populations: names(s.cfg.Fleet.Users),
		Headline: headline(q, a), Detail: detail(q, a), Failed: a.Failure != "", Path: "/" + q.Population + "/",
	}
	for _, p := range s.cfg.Fleet.Users {
		if p.Name == q.Population {
			v.Datasets = s.cfg.Fleet.DatasetsOf(p)
		}
	}
	if q.Dataset != "" {
		v.Path += q.Dataset
	}
	if every, err := strconv.Atoi(r.URL.Query().Get("every")); err == nil && every >= leastRefresh && every <= mostRefresh && !q.Write {
		v.Refresh = every
	}
	now := s.cfg.Now()
	for _, p := range s.tally.past(q.Population) {
		line := row{Ago: format.Age(now - p.At), Verb: format.Either(p.Write, "write", "read"), Region: p.Region, Took: format.Fine(p.Took)}
		if p.Failure != "" {
			line.Failure = format.Failure(p.Failure)
		}
		v.Past = append(v.Past, line)
	}
	var out bytes.Buffer
	if err := pageTemplate.Execute(&out, v); err != nil {
		return []byte(lines(q, a))
	}
	return out.Bytes()
}
