package visitor

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Headers of an answer.
const (
	HeaderRegion     = "Fleetdrill-Region"     // who answered, or was asked in vain
	HeaderPopulation = "Fleetdrill-Population" // as one of whose users it was asked
	HeaderFailure    = "Fleetdrill-Failure"    // why it was not answered
)

// handler takes GET and POST of /, /POPULATION/, /POPULATION/DATASET and, to read one, /POPULATION/DATASET/ID. Requests whose
// Host is none of the loopback's names are refused, so that no page of elsewhere comes by a name of its own; a write that a
// page of elsewhere has a browser send is, too.
func (s *Server) handler(port int) http.Handler {
	mux := http.NewServeMux()
	for _, path := range []string{"/{$}", "/{population}/{$}", "/{population}", "/{population}/{dataset}", "/{population}/{dataset}/{id}"} {
		mux.HandleFunc("GET "+path, s.ask)
		mux.HandleFunc("POST "+path, s.ask)
	}
	mux.HandleFunc("GET /favicon.ico", http.NotFound)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodPost {
			w.Header().Set("Allow", "GET, HEAD, POST")
			http.Error(w, fmt.Sprintf("GET reads and POST writes; there is no %.20q here", r.Method), http.StatusMethodNotAllowed)
			return
		}
		http.Error(w, "ask for /POPULATION/DATASET, as one of "+strings.Join(names(s.cfg.Fleet.Users), ", "), http.StatusNotFound)
	})
	hosts := []string{"127.0.0.1", "localhost", "[::1]"}
	own := http.NewCrossOriginProtection().Handler(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, host := range hosts {
			if r.Host == host+":"+strconv.Itoa(port) {
				own.ServeHTTP(w, r)
				return
			}
		}
		http.Error(w, "ask by the address that fleetdrill shows", http.StatusMisdirectedRequest)
	})
}

// errSize is of a write that is larger than MostBody.
var errSize = fmt.Errorf("write at most %d bytes", MostBody)

// ask has a request sent as a user's, and answers with what came of it.
func (s *Server) ask(w http.ResponseWriter, r *http.Request) {
	q, err := s.request(w, r)
	switch {
	case errors.Is(err, errSize):
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	case errors.As(err, new(unknownError)):
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	a, err := s.cfg.Ask(r.Context(), q)
	if err != nil {
		w.Header().Set("Retry-After", "1")
		http.Error(w, "not sent: "+err.Error(), http.StatusServiceUnavailable)
		return
	}
	if r.Context().Err() != nil && a.Failure != "" {
		return // who asked has gone, or the drill has ended: it says nothing of the fleet
	}
	s.tally.ended(q, a, s.cfg.Now())
	s.answer(w, r, q, a)
}

// unknownError is of a path that names what the fleet does not have; it says what it has.
type unknownError string

func (e unknownError) Error() string { return string(e) }

// unknown words an unknownError.
func unknown(format string, args ...any) error { return unknownError(fmt.Sprintf(format, args...)) }

// request reads who asks, for what.
func (s *Server) request(w http.ResponseWriter, r *http.Request) (Request, error) {
	name := cmp.Or(r.PathValue("population"), r.URL.Query().Get("as"), s.cfg.Fleet.Users[0].Name)
	i := slices.IndexFunc(s.cfg.Fleet.Users, func(p topology.Population) bool { return p.Name == name })
	if i < 0 {
		return Request{}, unknown("no users are called %.70q; ask as one of %s", name, strings.Join(names(s.cfg.Fleet.Users), ", "))
	}
	q := Request{Population: name, Dataset: r.PathValue("dataset"), ID: r.PathValue("id"), Write: r.Method == http.MethodPost}
	sets := s.cfg.Fleet.DatasetsOf(s.cfg.Fleet.Users[i])
	switch {
	case q.Dataset == "" && len(sets) > 0:
		q.Dataset = sets[0]
	case q.Dataset != "" && !slices.Contains(sets, q.Dataset):
		return Request{}, unknown("%s use no dataset %.70q; they use %s", name, q.Dataset, strings.Join(sets, ", "))
	}
	if !q.Write {
		return q, nil
	}
	if q.Dataset == "" {
		return Request{}, unknown("this fleet has no dataset to write to; read: %s", "curl http://"+r.Host+"/"+name)
	}
	if q.ID != "" {
		return Request{}, fmt.Errorf("post to /%s/%s: a write gets an id of its own", q.Population, q.Dataset)
	}
	var err error
	q.Payload, err = payload(w, r)
	return q, err
}

func names(users []topology.Population) (all []string) {
	for _, p := range users {
		all = append(all, p.Name)
	}
	return all
}

// payload is what is to be written: the body, or where it is a form's that has one, its field text.
func payload(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MostBody))
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		return nil, errSize
	case err != nil:
		return nil, fmt.Errorf("read the body: %w", err)
	}
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "application/x-www-form-urlencoded" {
		if form, err := url.ParseQuery(string(body)); err == nil && form.Has("text") {
			body = []byte(form.Get("text"))
		}
	}
	if len(body) == 0 {
		return nil, errors.New("write something: curl -d 'an order' " + "http://" + r.Host + r.URL.Path)
	}
	return body, nil
}
