package webhook

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/journal"
	"github.com/fleetdrill/fleetdrill/drill/journal/sample"
)

// shipped is the events of the journal that ships, as the bus hands them out.
func shipped(t *testing.T) []drill.Event {
	t.Helper()
	r, err := sample.Open()
	if err != nil {
		t.Fatal(err)
	}
	l, err := journal.Read(r)
	if err != nil {
		t.Fatal(err)
	}
	return l.Events
}

func fed(events []drill.Event) <-chan []drill.Event {
	c := make(chan []drill.Event, 1)
	c <- events
	close(c)
	return c
}

// target is an address with pauses that a test can wait for.
func target(t *testing.T, address, token string) *Target {
	t.Helper()
	to, err := NewTarget(address, token, "v1")
	if err != nil {
		t.Fatal(err)
	}
	to.client.RetryWaitMin, to.client.RetryWaitMax = time.Millisecond, 2*time.Millisecond
	return to
}

// inbox is a web address that keeps what it is sent, and answers as it is told.
type inbox struct {
	mu      sync.Mutex
	bodies  []string
	headers []http.Header
	answer  func(n int) int // of the request of that number, from 1
}

func (i *inbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	i.mu.Lock()
	defer i.mu.Unlock()
	i.bodies, i.headers = append(i.bodies, r.Method+" "+string(body)), append(i.headers, r.Header)
	if i.answer != nil {
		w.WriteHeader(i.answer(len(i.bodies)))
	}
}

func serve(t *testing.T, h http.Handler) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func never(t *testing.T) func(error) {
	return func(err error) { t.Errorf("told %v", err) }
}

func TestADrillIsToldInFourMessages(t *testing.T) {
	in := &inbox{}
	target(t, serve(t, in)+"/hook?x=1", "s3cret").Start(fed(shipped(t)), never(t)).Wait()
	var kinds []string
	for n, body := range in.bodies {
		var m map[string]any
		if err := json.Unmarshal([]byte(strings.TrimPrefix(body, "POST ")), &m); err != nil {
			t.Fatalf("%q: %v", body, err)
		}
		kinds = append(kinds, m["kind"].(string))
		if m["drill"] != "lose-the-authority" || m["fleet"] != "three-regions" || m["text"] == "" {
			t.Errorf("message %d: %s", n, body)
		}
		h := in.headers[n]
		if h.Get("Authorization") != "Bearer s3cret" || h.Get("Content-Type") != "application/json" || h.Get("User-Agent") != "fleetdrill/v1" {
			t.Errorf("message %d has %v", n, h)
		}
	}
	if got := fmt.Sprint(kinds); got != "[start fault recovery verdict]" {
		t.Errorf("told %s", got)
	}
}

// Before anything is measured it is null, never 0; at the end it is what the report has.
func TestNumbersAreMeasuredOrNull(t *testing.T) {
	s, all := drill.NewState(), map[Kind]Message{}
	for _, e := range shipped(t) {
		s.Apply(e)
		if m, tells := Of(s, e); tells {
			all[m.Kind] = m
		}
	}
	start, err := json.Marshal(all[Start].Numbers)
	if err != nil {
		t.Fatal(err)
	}
	for key, value := range map[string]string{"users_asked": "null", "rto_s": "null", "rpo_s": "null", "lost_writes": "null", "requests": "null"} {
		if !strings.Contains(string(start), fmt.Sprintf("%q:%s", key, value)) {
			t.Errorf("at the start: %s, want %s %s", start, key, value)
		}
	}
	end := all[Verdict]
	if end.Outcome.Verdict != "passed" || len(end.Outcome.Objectives) == 0 || end.Numbers.RTO == nil || *end.Numbers.RTO <= 0 ||
		end.Numbers.Affected == nil || *end.Numbers.Affected == 0 || end.Numbers.Lost == nil || end.Numbers.LostAtLeast {
		t.Errorf("at the end: %+v, %+v", end.Numbers, end.Outcome)
	}
	if f := all[Fault].Of; f.Kind != "kill" || f.Region == nil || f.Recovered != nil {
		t.Errorf("of the fault: %+v", f)
	}
	if r := all[Recovery].Of; r.Recovered == nil || *r.Recovered <= 0 || all[Recovery].Text == "" {
		t.Errorf("of the recovery: %+v", all[Recovery])
	}
}

// What is busy or broken is asked again; a message that was refused is not.
func TestWhatIsTriedAgain(t *testing.T) {
	for _, c := range []struct {
		answers  func(n int) int
		requests int
		told     string
	}{
		{func(n int) int { return map[bool]int{true: 503, false: 200}[n < 4] }, 3 + 4, ""},
		{func(int) int { return 429 }, 4 * tries, "4 of 4 messages were not delivered to HOST: it answered 429 Too Many Requests"},
		{func(n int) int { return map[bool]int{true: 403, false: 204}[n == 2] }, 4, "1 of 4 messages were not delivered to HOST: it answered 403 Forbidden"},
	} {
		in := &inbox{answer: c.answers}
		to := target(t, serve(t, in), "")
		var told []string
		to.Start(fed(shipped(t)), func(err error) { told = append(told, err.Error()) }).Wait()
		want := strings.ReplaceAll(c.told, "HOST", to.Host())
		if len(in.bodies) != c.requests || strings.Join(told, "\n") != want {
			t.Errorf("%d requests, told %q; want %d and once %q", len(in.bodies), told, c.requests, want)
		}
	}
}

// One that takes for ever is waited for no longer than the grace, and no event waits for it.
func TestASlowWebhookHoldsNobodyUp(t *testing.T) {
	release := make(chan struct{})
	to := target(t, serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release })), "")
	defer close(release)
	to.grace = 30 * time.Millisecond
	events, told := make(chan []drill.Event), make(chan error, 2)
	s := to.Start(events, func(err error) { told <- err })
	for _, e := range shipped(t) {
		events <- []drill.Event{e} // would wait for ever where nobody takes it
	}
	close(events)
	s.Wait()
	if err := <-told; !strings.Contains(err.Error(), "4 of 4 messages were not delivered") || !strings.Contains(err.Error(), "it did not answer in time") || len(told) != 0 {
		t.Errorf("told %v, and %d more", err, len(told))
	}
}

// More faults than the queue has room for are counted, while nobody answers.
func TestTheQueueIsBounded(t *testing.T) {
	release := make(chan struct{})
	to := target(t, serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release })), "")
	defer close(release)
	to.grace = time.Millisecond
	var flood []drill.Event
	for n := range 3 * waiting {
		flood = append(flood, drill.Event{Seq: uint64(n + 1), Body: drill.FaultProved{ID: n + 1, Fault: drill.FaultKill, Region: "us-east"}})
	}
	var told error
	to.Start(fed(flood), func(err error) { told = err }).Wait()
	if told == nil || !strings.Contains(told.Error(), fmt.Sprintf("%d of %d messages", 3*waiting, 3*waiting)) {
		t.Errorf("told %v", told)
	}
}

// Neither the messages nor the secret go to another host, and a redirect that drops the body delivers nothing.
func TestRedirects(t *testing.T) {
	other, in := &inbox{}, &inbox{}
	away := serve(t, other)
	mux := http.NewServeMux()
	mux.Handle("/in", in)
	mux.Handle("/away", http.RedirectHandler(away+"/in", http.StatusTemporaryRedirect))
	mux.Handle("/moved", http.RedirectHandler("/in", http.StatusPermanentRedirect))
	mux.Handle("/dropped", http.RedirectHandler("/in", http.StatusFound))
	here := serve(t, mux)
	for path, want := range map[string]string{"/moved": "", "/away": "it redirects elsewhere", "/dropped": "it redirects elsewhere"} {
		err := target(t, here+path, "s3cret").send(context.Background(), Message{Kind: Start})
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
	if len(other.bodies) != 0 || len(in.bodies) != 1 || !strings.HasPrefix(in.bodies[0], `POST {"kind":"start"`) {
		t.Errorf("the other host got %q, this one %q", other.bodies, in.bodies)
	}
}

// An address is often a secret itself, so it is in no error; nor is the token.
func TestNoErrorRepeatsASecret(t *testing.T) {
	for address, token := range map[string]string{
		"hooks.example/T0/sekrit": "", "https://me:sekrit@hooks.example/": "", "https://hooks.example/": "sekrit\n",
		"http://hooks.example/": "sekrit", "http://127.0.0.1:%zz/sekrit": "", "ftp://hooks.example/sekrit": "",
	} {
		if _, err := NewTarget(address, token, "v1"); err == nil || strings.Contains(err.Error(), "sekrit") {
			t.Errorf("%s: %v", address, err)
		}
	}
	gone := httptest.NewServer(nil)
	gone.Close()
	err := target(t, gone.URL+"/sekrit", "sekrit").send(context.Background(), Message{})
	if err == nil || strings.Contains(err.Error(), "sekrit") || !strings.Contains(err.Error(), "refused") {
		t.Errorf("nobody there: %v", err)
	}
}
