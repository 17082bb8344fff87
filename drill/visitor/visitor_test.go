package visitor

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// fleet has two populations; the second uses one dataset of two.
var fleet = topology.Fleet{
	Name: "shop",
	Users: []topology.Population{
		{Name: "europe"},
		{Name: "asia", Datasets: []string{"carts"}},
	},
	Datasets: []topology.Dataset{{Name: "orders"}, {Name: "carts"}},
}

// started is a server that is ended with the test.
func started(t *testing.T, ask func(context.Context, Request) (Answer, error)) *Server {
	t.Helper()
	s, err := Start(Config{Fleet: fleet, Ask: ask, Now: func() time.Duration { return 3 * time.Second }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}

// send sends a request with headers by name and value.
func send(t *testing.T, s *Server, method, path, body string, headers ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		} else {
			r.Header.Set(headers[i], headers[i+1])
		}
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	out, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(out)
}

// What a path asks for, and which answer it gets.
func TestRequests(t *testing.T) {
	var asked Request
	var answer Answer
	s := started(t, func(_ context.Context, r Request) (Answer, error) { asked = r; return answer, nil })
	fine := Answer{ID: "1-7", Region: "eu-west", Took: 12 * time.Millisecond, Found: true, Acked: true, Payload: []byte("an order")}
	written := Answer{ID: "1-8", Region: "eu-west", Authority: "us-east", Took: 90 * time.Millisecond}
	form := []string{"Content-Type", "application/x-www-form-urlencoded"}
	for _, tt := range []struct {
		name, method, path, body string
		headers                  []string
		answer                   Answer
		asked                    Request
		status                   int
		says                     string
	}{
		{"the first population's", "GET", "/", "", nil, fine, Request{Population: "europe", Dataset: "orders"}, 200, "eu-west answered a user of europe in 12.0 ms\norders 1-7 is here: “an order”\n"},
		{"named by the query", "GET", "/?as=asia", "", nil, fine, Request{Population: "asia", Dataset: "carts"}, 200, "a user of asia"},
		{"named by the path", "GET", "/asia/", "", nil, fine, Request{Population: "asia", Dataset: "carts"}, 200, "a user of asia"},
		{"a dataset", "GET", "/europe/carts", "", nil, fine, Request{Population: "europe", Dataset: "carts"}, 200, "carts 1-7 is here"},
		{"one write", "GET", "/europe/carts/1-7", "", nil, fine, Request{Population: "europe", Dataset: "carts", ID: "1-7"}, 200, "is here"},
		{"one that is not there", "GET", "/europe/carts/1-9", "", nil, Answer{ID: "1-9", Region: "eu-west"}, Request{Population: "europe", Dataset: "carts", ID: "1-9"}, 404, "carts 1-9 is not here\n"},
		{"a stale one", "GET", "/", "", nil, Answer{ID: "1-9", Region: "eu-west", Acked: true}, Request{Population: "europe", Dataset: "orders"}, 200, "a stale read"},
		{"none yet", "GET", "/", "", nil, Answer{Region: "eu-west"}, Request{Population: "europe", Dataset: "orders"}, 200, "nothing was written to orders yet"},
		{"a write", "POST", "/europe/orders", "hello", nil, written, Request{Population: "europe", Dataset: "orders", Write: true, Payload: []byte("hello")}, 201, "orders 1-8 written, confirmed by us-east"},
		{"as curl -d has it", "POST", "/europe/orders", "hello", form, written, Request{Population: "europe", Dataset: "orders", Write: true, Payload: []byte("hello")}, 201, "written"},
		{"of the page's form", "POST", "/europe/orders", "text=an+order", form, written, Request{Population: "europe", Dataset: "orders", Write: true, Payload: []byte("an order")}, 201, "written"},
		{"in vain", "GET", "/", "", nil, Answer{Region: "eu-west", Failure: "timeout", Took: 2 * time.Second}, Request{Population: "europe", Dataset: "orders"}, 504, "eu-west did not answer a user of europe in 2.0 s\nno answer in time\n"},
		{"shed", "GET", "/", "", nil, Answer{Region: "eu-west", Failure: "shed"}, Request{Population: "europe", Dataset: "orders"}, 503, "at its capacity"},
		{"refused", "GET", "/", "", nil, Answer{Region: "eu-west", Failure: "refused"}, Request{Population: "europe", Dataset: "orders"}, 502, "refuses connections"},
		{"without a web tier", "GET", "/", "", nil, Answer{Region: "eu-west", Failure: "no web"}, Request{Population: "europe", Dataset: "orders"}, 503, "its region has no web replica"},
		{"by law", "GET", "/", "", nil, Answer{Failure: "jurisdiction"}, Request{Population: "europe", Dataset: "orders"}, 451, "refused: no region in its jurisdiction is up"},
		{"nowhere to go", "GET", "/", "", nil, Answer{Failure: "no region"}, Request{Population: "europe", Dataset: "orders"}, 503, "nobody answered a user of europe"},
		{"nobody of that name", "GET", "/mars/", "", nil, fine, Request{}, 404, "no users are called \"mars\"; ask as one of europe, asia\n"},
		{"no dataset of theirs", "GET", "/asia/orders", "", nil, fine, Request{}, 404, "asia use no dataset \"orders\"; they use carts\n"},
		{"an empty write", "POST", "/europe/orders", "", nil, fine, Request{}, 400, "curl -d 'an order' http://127.0.0.1"},
		{"an id of one's own", "POST", "/europe/orders/1-2", "x", nil, fine, Request{}, 400, "post to /europe/orders"},
		{"too large", "POST", "/europe/orders", strings.Repeat("x", MostBody+1), nil, fine, Request{}, 413, "at most 65536 bytes"},
		{"another verb", "DELETE", "/europe/orders", "", nil, fine, Request{}, 405, "GET reads and POST writes; there is no \"DELETE\" here\n"},
		{"a path too deep", "GET", "/europe/orders/1-7/2", "", nil, fine, Request{}, 404, "ask for /POPULATION/DATASET, as one of europe, asia\n"},
		{"by another name", "GET", "/", "", []string{"Host", "shop.example"}, fine, Request{}, 421, "by the address"},
		{"a page of elsewhere writes", "POST", "/europe/orders", "x", []string{"Sec-Fetch-Site", "cross-site"}, fine, Request{}, 403, ""},
		{"a browser's icon", "GET", "/favicon.ico", "", nil, fine, Request{}, 404, ""},
	} {
		asked, answer = Request{}, tt.answer
		res, body := send(t, s, tt.method, tt.path, tt.body, tt.headers...)
		if res.StatusCode != tt.status || !strings.Contains(body, tt.says) {
			t.Errorf("%s: %s, %q", tt.name, res.Status, body)
		}
		if asked.Population != tt.asked.Population || asked.Dataset != tt.asked.Dataset || asked.ID != tt.asked.ID || asked.Write != tt.asked.Write || string(asked.Payload) != string(tt.asked.Payload) {
			t.Errorf("%s: asked for %+v, want %+v", tt.name, asked, tt.asked)
		}
		if tt.asked.Population != "" && (res.Header.Get(HeaderRegion) != tt.answer.Region || res.Header.Get(HeaderFailure) != tt.answer.Failure || res.Header.Get(HeaderPopulation) != tt.asked.Population) {
			t.Errorf("%s: headers %v", tt.name, res.Header)
		}
	}
}

// A browser gets a page with the last requests, a program JSON.
func TestAnswersAreAsTheyAreAskedFor(t *testing.T) {
	failure := "timeout"
	s := started(t, func(_ context.Context, r Request) (Answer, error) {
		return Answer{ID: "1-7", Region: "<eu>", Failure: failure, Took: 1500 * time.Microsecond, Found: true}, nil
	})
	_, body := send(t, s, "GET", "/", "", "Accept", "application/json")
	if want := `{"population":"europe","region":"\u003ceu\u003e","dataset":"orders","id":"1-7","found":null,"stale":null,"confirmed_by":null,"failure":"timeout","took_ms":1.5,"bytes":0}` + "\n"; body != want {
		t.Errorf("JSON is %s", body)
	}
	failure = ""
	res, body := send(t, s, "GET", "/?every=2", "", "Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	for _, want := range []string{"&lt;eu&gt; answered a user of europe in 1.5 ms", "no answer in time", `content="2"`, `href="/asia/"`, `action="/europe/orders"`} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q: %s", want, body)
		}
	}
	if strings.Contains(body, "<eu>") || !strings.HasPrefix(res.Header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("what regions say is no markup: %s", body)
	}
	if _, body = send(t, s, "GET", "/?every=0", "", "Accept", "text/html"); strings.Contains(body, `http-equiv="refresh"`) {
		t.Error("a page asks without a pause")
	}
}

// What is sampled is a sum, however many ask, and says when the answers turn.
func TestSamples(t *testing.T) {
	answer, why := Answer{Region: "us-east", Took: time.Millisecond}, error(nil)
	s := started(t, func(context.Context, Request) (Answer, error) { return answer, why })
	ask := func(n int, path string) {
		for range n {
			send(t, s, "GET", path, "")
		}
	}
	if _, any := s.Sample(); any {
		t.Error("nobody asked, and there is a sample")
	}
	ask(3, "/asia/")
	send(t, s, "POST", "/asia/", "x")
	first, _ := s.Sample()
	if v := first.Visitors[0]; len(first.Visitors) != 1 || v.Population != "asia" || v.Requests != 4 || v.TotalWrites != 1 || v.ServedBy["us-east"] != 4 || !v.Turned || v.LastRegion != "us-east" || v.TotalP50 == nil || v.TotalP99 != nil {
		t.Errorf("the first sample is %+v", first)
	}
	ask(1, "/asia/")
	if next, _ := s.Sample(); next.Visitors[0].Turned || next.Visitors[0].Requests != 1 || next.Visitors[0].TotalRequests != 5 {
		t.Errorf("the next is %+v", next)
	}
	answer = Answer{Region: "us-east", Failure: "reset"}
	ask(2, "/asia/")
	failed, _ := s.Sample()
	if v := failed.Visitors[0]; !v.Turned || v.Failed != 2 || v.LastRegion != "" || v.LastFailure != "reset" || v.TotalFailures["reset"] != 2 || v.ServedBy["us-east"] != 0 {
		t.Errorf("one of failures is %+v", failed)
	}
	why = errors.New("the users have ended")
	if res, _ := send(t, s, "GET", "/asia/", ""); res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("what was not sent is answered %s", res.Status)
	}
	if _, any := s.Sample(); any {
		t.Error("what was not sent is counted")
	}
	if first.Visitors[0].TotalServedBy["us-east"] != 4 {
		t.Errorf("a sample changed later: %+v", first)
	}
}

// The end does not wait for what is asked: it ends that.
func TestCloseEndsWhatWaits(t *testing.T) {
	asked := make(chan struct{})
	s := started(t, func(ctx context.Context, _ Request) (Answer, error) {
		close(asked)
		<-ctx.Done()
		return Answer{Failure: "stopped"}, nil
	})
	answered := make(chan error, 1)
	go func() {
		res, err := http.Get(s.URL())
		if err == nil {
			res.Body.Close()
		}
		answered <- err
	}()
	<-asked
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
	<-answered
	if _, any := s.Sample(); any {
		t.Error("a request that the end broke off is counted")
	}
	var refused *url.Error
	if _, err := http.Get(s.URL()); !errors.As(err, &refused) {
		t.Errorf("after the end: %v", err)
	}
}

// Connections that ask nothing are bounded, so that visitors leave the fleet's users descriptors; one that ends makes way.
func TestConnectionsAreBounded(t *testing.T) {
	s := started(t, func(context.Context, Request) (Answer, error) { return Answer{Region: "eu-west"}, nil })
	var idle []net.Conn
	for range mostConns {
		c, err := net.Dial("tcp", strings.TrimPrefix(s.URL(), "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		idle = append(idle, c)
	}
	asker := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answered := make(chan error, 1)
	go func() {
		res, err := asker.Get(s.URL() + "/")
		if err == nil {
			err = res.Body.Close()
		}
		answered <- err
	}()
	select {
	case err := <-answered:
		t.Fatalf("one more than %d is served (%v)", mostConns, err)
	case <-time.After(30 * time.Millisecond):
	}
	if err := idle[0].Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-answered; err != nil {
		t.Fatal(err)
	}
}

// A sender that does not read has its connection closed, but not before its request may have been answered.
func TestAnswersAreTakenInTime(t *testing.T) {
	patient := topology.Fleet{Users: []topology.Population{{Name: "few", Timeout: time.Second}, {Name: "many", Timeout: 30 * time.Second}}}
	if got, want := answeredWithin(patient), bodyWithin+30*time.Second+takenWithin; got != want {
		t.Errorf("an answer is to be taken within %s, want %s", got, want)
	}
	if s := started(t, nil); s.http.WriteTimeout != answeredWithin(fleet) || s.http.WriteTimeout <= 0 {
		t.Errorf("the server closes after %s", s.http.WriteTimeout)
	}
}
