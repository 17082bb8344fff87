package single

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/fleetdrill/fleetdrill/drill/report/frames"
)

// browser is Chromium as it is called on this machine; a test of a page needs one.
func browser(t *testing.T) string {
	t.Helper()
	if os.Getenv("FLEETDRILL_TEST_BROWSER") == "" {
		t.Skip("SKIPPED: FLEETDRILL_TEST_BROWSER is not set; it opens the report's page in Chromium (make test-browser)")
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("FLEETDRILL_TEST_BROWSER is set, and there is neither chromium, chromium-browser nor google-chrome")
	return ""
}

// opened is a page as a browser has it in the end. Its clock is a virtual one, which does not wait for what the page waits for.
func opened(t *testing.T, page []byte) *html.Node {
	t.Helper()
	name, dir := browser(t), t.TempDir()
	path := filepath.Join(dir, "report.html")
	if err := os.WriteFile(path, page, 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"--headless", "--disable-gpu", "--user-data-dir=" + filepath.Join(dir, "profile"), "--virtual-time-budget=120000", "--dump-dom", "file://" + path}
	if os.Getuid() == 0 { // Chromium's sandbox is not for root
		args = append([]string{"--no-sandbox"}, args...)
	}
	run := exec.CommandContext(t.Context(), name, args...)
	run.WaitDelay = 10 * time.Second
	var said bytes.Buffer
	run.Stderr = &said
	out, err := run.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, said.String())
	}
	root, err := html.Parse(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// driven is what a page says once a script has used it that runs behind its own: its Content-Security-Policy would let no other one run.
func driven(t *testing.T, d Document, does string) []byte {
	t.Helper()
	was := script
	defer func() { script = was }()
	script += `
(function () {
  var said = [], id = function (name) { return document.getElementById(name); };
  var say = function (what) { said.push(what); document.body.dataset.said = JSON.stringify(said); };
  var key = function (k) { id('replay').dispatchEvent(new KeyboardEvent('keydown', {key: k, bubbles: true, cancelable: true})); };
` + does + `
})();`
	for n := range opened(t, written(t, formatOf(t, "html"), d)).Descendants() {
		if n.Type == html.ElementNode && n.Data == "body" {
			return []byte(attribute(n, "data-said"))
		}
	}
	return nil
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// Every cell of the page's replay says in each frame what the journal's state then comes to, whatever was written into the journal.
func TestBrowserPlaysEveryFrame(t *testing.T) {
	for name, d := range map[string]Document{"shipped": shipped(t), "hostile": hostile(t)} {
		said := driven(t, d, `
  var cells = document.querySelectorAll('[data-cell]'), last = +id('at').max, n;
  for (n = last; n >= 0; n--) {
    id('at').value = n;
    id('at').dispatchEvent(new Event('input'));
    say(Array.prototype.map.call(cells, function (e) { return [+e.dataset.cell, e.dataset.as === 'state' ? e.dataset.state : e.textContent]; }));
  }`)
		var got [][][2]any
		if err := json.Unmarshal(said, &got); err != nil {
			t.Fatalf("%s: %v: %.200s", name, err, said)
		}
		play, _ := frames.Of(d.Events)
		if len(got) != len(play.Frames) || len(got) < 3 {
			t.Fatalf("%s: the page has %d frames, the journal %d", name, len(got), len(play.Frames))
		}
		shown := make([]int, play.Cells)
		for n, frame := range play.Frames {
			for i := 1; i < len(frame); i += 2 {
				shown[frame[i]] = frame[i+1]
			}
			on := got[len(got)-1-n]
			if len(on) < play.Cells {
				t.Fatalf("%s: the page has %d cells of %d", name, len(on), play.Cells)
			}
			for _, cell := range on {
				if want := play.Texts[shown[int(cell[0].(float64))]]; cell[1] != want {
					t.Fatalf("%s: frame %d has %q in cell %v, and should have %q", name, n, cell[1], cell[0], want)
				}
			}
		}
	}
}

// A person gets from moment to moment by every way that docs/report.md names.
func TestBrowserGoesWhereItIsSent(t *testing.T) {
	d := shipped(t)
	said := driven(t, d, `
  var last = +id('at').max, lines = document.querySelectorAll('table.timeline button');
  var check = function (what, is) { say([what, is === true]); };
  check('it is shown', !id('replay').hidden);
  check('it begins at the first frame', id('at').value === '0');
  id('on').click();
  check('one frame on', id('at').value === '1');
  id('back').click(); id('back').click();
  check('and no further back than the first', id('at').value === '0');
  key('End');
  check('End', +id('at').value === last && document.querySelectorAll('tr.later').length === 0);
  key('ArrowLeft');
  check('an arrow', +id('at').value === last - 1);
  key('Home');
  check('Home', id('at').value === '0' && document.querySelectorAll('tr.later').length > 0);
  var middle = lines[Math.floor(lines.length / 2)];
  middle.click();
  check('a time of the timeline', id('clock').textContent === middle.textContent && !middle.closest('tr').classList.contains('later'));
  check('what was told then', id('news').textContent.indexOf(middle.textContent + '  ') >= 0);
  window.location.hash = '#at=2';
  window.setTimeout(function () {
    check('an address', id('at').value === '2');
    id('speed').value = '16';
    key(' ');
    check('space plays', id('play').textContent === 'Pause');
    window.setTimeout(function () {
      check('to the end', +id('at').value === last && id('play').textContent === 'Play');
    }, 60000);
  }, 100);`)
	var got [][2]any
	if err := json.Unmarshal(said, &got); err != nil {
		t.Fatalf("%v: %.200s", err, said)
	}
	const checks = 12
	if len(got) != checks {
		t.Errorf("%d of %d checks were made: %v", len(got), checks, got)
	}
	for _, c := range got {
		if c[1] != true {
			t.Errorf("%s: not so", c[0])
		}
	}
}

// Of a page whose script somebody changed none runs: it is the report alone.
func TestBrowserRunsNoOtherScript(t *testing.T) {
	page := written(t, formatOf(t, "html"), shipped(t))
	for name, tt := range map[string]struct {
		page  []byte
		plays bool
	}{
		"as it is": {page, true},
		"changed":  {bytes.Replace(page, []byte("'use strict';"), []byte("'use strict'; "), 1), false},
		"another":  {bytes.Replace(page, []byte("</main>"), []byte("</main><script>document.getElementById('replay').remove()</script>"), 1), true},
	} {
		found, plays := false, false
		for n := range opened(t, tt.page).Descendants() {
			if n.Type == html.ElementNode && attribute(n, "id") == "replay" {
				found = true
				plays = !strings.Contains(attributes(n), " hidden ")
			}
		}
		if !found || plays != tt.plays {
			t.Errorf("%s: the replay is there %v, and plays %v", name, found, plays)
		}
	}
}

func attributes(n *html.Node) string {
	names := " "
	for _, a := range n.Attr {
		names += a.Key + " "
	}
	return names
}
