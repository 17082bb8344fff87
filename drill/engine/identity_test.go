package engine

import (
	"bytes"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/identity"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/trust"
)

// secured is a lab whose regions have identities, with users near c too.
func secured(t *attempt, id topology.Identity, keys string) *lab {
	return newLab(t, func(c *Config) {
		c.Keys, c.Spec.Identity = keys, &id
		c.Spec.Datasets[0].Regions = []string{"a", "b"} // so that b alone can lead next, wherever replication had come to
		far := c.Spec.Users[0].RTT
		c.Spec.Users = append(c.Spec.Users, topology.Population{
			Name: "near-c", Count: 40, Rate: labRate, Writes: 0.5, Timeout: 2 * time.Second,
			Reads: topology.ReadsAuthority, // of b its writes would find connections open that were trusted before
			RTT:   map[string]time.Duration{"a": far["b"], "b": far["c"], "c": time.Millisecond},
		})
	})
}

// holds reports whether everybody has a certificate, and the bundle of every domain.
func holds(s *drill.State) bool {
	for _, who := range append(s.Fleet.RegionNames(), topology.EndControl) {
		i := s.Identity(who)
		if i == nil || i.SVID == nil || len(i.Bundles) != len(s.Fleet.Regions)+1 {
			return false
		}
	}
	return true
}

// A failover to a region that has no bundle of another one's: its prediction says so, the other's writes are refused by name and
// reason, and all is well once the bundle is there.
func TestAFailoverToWhoDoesNotTrust(t *testing.T) {
	beside(t)
	attempts(t, func(t *attempt) {
		keys := filepath.Join(t.TempDir(), "identity")
		l := secured(t, topology.Identity{Trust: topology.TrustFederated, TTL: time.Hour, RotateBefore: 20 * time.Minute}, keys)
		l.undisturbed()
		l.until("everybody has a certificate and all bundles", holds)
		l.send(runbook.Command{Verb: "withhold-bundles", Region: "b"})
		const said = "b refuses c: unknown authority of domain c.lab"
		l.until("b lacks bundles", func(s *drill.State) bool { return len(s.Region("b").Parts) == 1 && len(s.Identity("b").Bundles) == 2 })
		if l.state.Dataset("orders").Authority != "a" || l.state.OpenFailover("orders") != nil {
			l.lost = true
			l.Fatal("another region leads already")
		}
		p, _ := action.Predict(l.state, runbook.Command{Verb: runbook.VerbKill, Region: "a"})
		if !strings.Contains(strings.Join(p.Lines, "\n"), said) {
			t.Errorf("a kill of a is predicted without it: %q", p.Lines)
		}
		l.send(runbook.Command{Verb: runbook.VerbKill, Region: "a"})
		l.until("b leads", func(s *drill.State) bool { return s.Dataset("orders").Authority == "b" })
		untrusted := func(s *drill.State) int { return s.Population("near-c").Last.Failures["untrusted"] }
		l.until("users of c are told why", func(s *drill.State) bool { return untrusted(s) > 0 })
		l.until("the timeline has who refused whom", func(*drill.State) bool { return strings.Contains(l.told(), said) })
		if n := l.state.Population("near-b").Last.Failures["untrusted"]; n > 0 {
			t.Errorf("%d requests of b's own users failed for it", n)
		}
		l.send(runbook.Command{Verb: "mend-trust", Region: "b"})
		l.until("nothing of b is broken", func(s *drill.State) bool { return len(s.Region("b").Parts) == 0 })
		mended := l.state.Now
		l.until("users of c are served", func(s *drill.State) bool {
			return s.Now > mended+time.Second && untrusted(s) == 0 && s.Population("near-c").Last.OK > 0
		})
		l.end()
		var journal []byte
		for _, e := range l.journal.events {
			raw, err := e.MarshalJSON()
			if err != nil {
				t.Fatal(err)
			}
			journal = append(journal, raw...)
		}
		files := 0
		err := filepath.WalkDir(keys, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			info, err := d.Info()
			if err == nil && info.Mode().Perm() != 0o600 {
				t.Errorf("%s is %s", path, info.Mode())
			}
			raw, failed := os.ReadFile(path)
			for block, rest := pem.Decode(raw); block != nil; block, rest = pem.Decode(rest) {
				if block.Type == "PRIVATE KEY" {
					files++
					if bytes.Contains(journal, []byte(base64.StdEncoding.EncodeToString(block.Bytes))) {
						t.Errorf("the journal has the key of %s", path)
					}
				}
			}
			return errors.Join(err, failed)
		})
		if err != nil || files != 4 {
			t.Errorf("%d keys are kept, want one of each domain: %v", files, err)
		}
		if bytes.Contains(journal, []byte(wire.Inside(labToken, "a"))) || bytes.Contains(journal, []byte("PRIVATE KEY")) {
			t.Error("the journal has a secret")
		}
	})
}

// Certificates of seconds are renewed under traffic, and no request fails for it; one that is renewed no more runs out, and
// is refused by who connects anew. Nobody gets one while the signer is killed, and all do once it is back with the keys in its folder.
func TestCertificatesOfSeconds(t *testing.T) {
	beside(t)
	attempts(t, func(t *attempt) {
		l := secured(t, topology.Identity{Trust: topology.TrustShared, TTL: 4 * time.Second, RotateBefore: 2 * time.Second}, filepath.Join(t.TempDir(), "identity"))
		l.undisturbed()
		renewed := func(s *drill.State) (n int) {
			for _, e := range s.Timeline {
				if b, is := e.Body.(drill.IdentitySampled); is && b.Renewed {
					n++
				}
			}
			return n
		}
		l.until("each region has had another certificate", func(s *drill.State) bool { return renewed(s) >= 3 })
		for _, p := range l.state.Populations {
			if n := p.Last.Failures["untrusted"]; n > 0 {
				t.Errorf("%d requests of %s failed while certificates were renewed", n, p.Spec.Name)
			}
		}
		l.send(runbook.Command{Verb: "stop-renewal", Region: "b"})
		l.until("it is stopped", func(s *drill.State) bool { return len(s.Region("b").Parts) == 1 })
		until := l.state.Identity("b").SVID.Until
		l.until("b's certificate is over", func(s *drill.State) bool {
			return trust.Held(s, s.Identity("a")).Now.After(until)
		})
		p, _ := action.Predict(l.state, runbook.Command{Verb: runbook.VerbKill, Region: "a"})
		if !strings.Contains(strings.Join(p.Lines, "\n"), "c refuses b: certificate expired") {
			t.Errorf("a kill of a is predicted without it: %q", p.Lines)
		}
		l.send(runbook.Command{Verb: "mend-trust", Region: "b"})
		l.until("b is mended", func(s *drill.State) bool { return len(s.Region("b").Parts) == 0 })
		l.send(runbook.Command{Verb: "kill-signer"})
		l.until("the signer is gone", func(s *drill.State) bool { return trust.Unsigned(s) != nil })
		gone := trust.Unsigned(l.state)
		if !strings.HasPrefix(gone.Proof, "3 gateways asked for a certificate, and got none within 1.0 s; the first to run out is ") {
			t.Errorf("it is gone, by this: %s", gone.Proof)
		}
		held := map[string]identity.SVID{}
		for _, r := range l.state.Fleet.RegionNames() {
			held[r] = *l.state.Identity(r).SVID
			if i := l.state.Identity(r); i.Renewed && i.At > gone.Proved-900*time.Millisecond {
				t.Errorf("%s got a certificate at %s, the signer was gone at %s", r, i.At, gone.Proved)
			}
		}
		l.send(runbook.Command{Verb: "stop-renewal", Region: "a"})
		l.until("without a signer nothing is stopped", func(s *drill.State) bool {
			return slices.ContainsFunc(s.Commands, func(c *drill.CommandState) bool {
				return c.Command.Region == "a" && strings.Contains(c.Error, "the signer is killed")
			})
		})
		l.send(runbook.Command{Verb: "restore-signer"})
		l.until("the signer is back, and all have got certificates", func(s *drill.State) bool {
			return gone.Lifted != nil && !slices.ContainsFunc(s.Fleet.RegionNames(), func(r string) bool { return *s.Identity(r).SVID == held[r] })
		})
		l.end()
	})
}

// A fleet with a hub signs by way of it.
func TestTheHubSigns(t *testing.T) {
	beside(t)
	attempts(t, func(t *attempt) {
		l := newLab(t, func(c *Config) {
			c.Spec.Hub = &topology.Hub{Name: "hub"}
			c.Spec.Identity = &topology.Identity{Trust: topology.TrustFederated, TTL: time.Hour, RotateBefore: 20 * time.Minute}
		})
		l.undisturbed()
		l.until("everybody has a certificate and all bundles", holds)
		if i := l.state.Identity("hub"); i == nil || i.SVID == nil || i.ID != "spiffe://hub.lab/region/hub/gateway" {
			t.Errorf("the hub holds %+v", i)
		}
		l.end()
	})
}
