package source

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-git/go-git/v5"

	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/config/change"
	"github.com/fleetdrill/fleetdrill/drill/config/render"
	"github.com/fleetdrill/fleetdrill/drill/config/repository"
	"github.com/fleetdrill/fleetdrill/drill/config/seed"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

var (
	at    = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	three = 3
	fleet = topology.Fleet{
		Name:     "two",
		Regions:  []topology.Region{{Name: "us-east"}, {Name: "eu-west", Web: &three}},
		Datasets: []topology.Dataset{{Name: "orders"}, {Name: "carts"}},
		Web:      topology.Web{Replicas: 2, Capacity: 240},
	}
)

// seeded is the repository of a fleet with its first commit.
func seeded(t *testing.T) (*repository.Repository, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.git")
	repo, err := repository.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := repo.Commit(t.Context(), repository.Change{Subject: "Begin", Author: "fleetdrill", At: at, Files: seed.Files(fleet)}); err != nil {
		t.Fatal(err)
	}
	return repo, path
}

// meant is what a region takes of the newest revision.
func meant(t *testing.T, g *Git, region string) config.Meaning {
	t.Helper()
	head, err := g.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	objects, err := g.Objects(t.Context(), head.Hash, region)
	if err != nil {
		t.Fatal(err)
	}
	m, err := config.MeaningOf(objects)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// The first commit means what the fleet file says.
func TestTheSeedMeansTheFleetFile(t *testing.T) {
	repo, _ := seeded(t)
	g := New(repo, fleet.RegionNames())
	head, err := g.Head(t.Context())
	if err != nil || g.Check(t.Context(), head.Hash) != nil {
		t.Fatal(err, g.Check(t.Context(), head.Hash))
	}
	for region, replicas := range map[string]int{"us-east": 2, "eu-west": 3} {
		m := meant(t, g, region)
		other := map[string]string{"us-east": "eu-west", "eu-west": "us-east"}[region]
		if *m.Replicas != replicas || *m.Capacity != 120 || m.Version != seed.Version || m.Secret != seed.Secret || m.Flags[config.FlagReadOnly] != "false" {
			t.Errorf("%s: %+v", region, m)
		}
		if !m.Isolated || !m.Reaches(other) || m.Reaches(region) || !m.Writes("orders") || !m.Writes("carts") || m.Writes("other") {
			t.Errorf("%s reaches %v and writes %v", region, m.Reach, m.Writers)
		}
	}
}

// A change in words changes what it says, where it says, and the comments stay.
func TestChanges(t *testing.T) {
	for _, c := range []struct {
		words string
		is    func(us, eu config.Meaning) bool
	}{
		{"version v2", func(us, eu config.Meaning) bool { return us.Version == "v2" && eu.Version == "v2" }},
		{"version v2-bad in eu-west", func(us, eu config.Meaning) bool { return us.Version == "v1" && eu.Version == "v2-bad" }},
		{"replicas 5 in us-east", func(us, eu config.Meaning) bool { return *us.Replicas == 5 && *eu.Replicas == 3 }},
		{"replicas 4", func(us, eu config.Meaning) bool { return *us.Replicas == 4 && *eu.Replicas == 4 }},
		{"capacity 60/s", func(us, eu config.Meaning) bool { return *us.Capacity == 60 && *eu.Capacity == 60 }},
		{"capacity 1 in us-east", func(us, eu config.Meaning) bool { return *us.Capacity == 1 && *eu.Capacity == 120 }},
		{"flag read-only true", func(us, eu config.Meaning) bool {
			return us.Flags["read-only"] == "true" && eu.Flags["read-only"] == "true"
		}},
		{"flag new-cart on in eu-west", func(us, eu config.Meaning) bool { return us.Flags["new-cart"] == "" && eu.Flags["new-cart"] == "on" }},
		{"secret web-credentials-2 in eu-west", func(us, eu config.Meaning) bool {
			return us.Secret == "web-credentials-1" && eu.Secret == "web-credentials-2"
		}},
	} {
		repo, _ := seeded(t)
		g := New(repo, fleet.RegionNames())
		if err := commit(t, repo, c.words); err != nil {
			t.Fatal(err)
		}
		if us, eu := meant(t, g, "us-east"), meant(t, g, "eu-west"); !c.is(us, eu) {
			t.Errorf("%s: us-east %+v, eu-west %+v", c.words, us, eu)
		}
		head, _ := repo.Head(t.Context())
		files, _, err := repo.Tree(t.Context(), head.Hash)
		if err != nil || !strings.Contains(string(files["base/web.yaml"]), "# Requests per second of one replica") {
			t.Errorf("%s: %v\n%s", c.words, err, files["base/web.yaml"])
		}
	}
	for words, says := range map[string]string{
		"replicas many":                  "a region has 0 to",
		"version V2":                     "lower-case",
		"replicas 3 in nowhere":          "it has us-east, eu-west",
		"colour blue":                    "write one like version v2",
		"":                               "write one like",
		"weights":                        "write one like",
		"weights us-east=100 in eu-west": "weights are the global router's",
		"weights us-east=50 us-east=50":  "give each region its weight once",
		"weights us-east 100":            "give each region its weight once",
		"weights us-east=60 eu-west=30":  "weights are 90% together",
		"weights nowhere=100":            "it has us-east, eu-west",
	} {
		if _, err := change.Parse(words, fleet.RegionNames()); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want %q", words, err, says)
		}
	}
}

func commit(t *testing.T, repo *repository.Repository, words string) error {
	t.Helper()
	c, err := change.Parse(words, fleet.RegionNames())
	if err != nil {
		return err
	}
	head, err := repo.Head(t.Context())
	if err != nil {
		return err
	}
	files, _, err := repo.Tree(t.Context(), head.Hash)
	if err != nil {
		return err
	}
	files, err = c.Files(files, fleet.RegionNames())
	if err != nil {
		return err
	}
	_, err = repo.Commit(t.Context(), repository.Change{Subject: c.String(), Author: "Ada", At: at.Add(time.Minute), Files: files})
	return err
}

// A revert takes one commit back and leaves what came after it, or refuses where that changed the same file.
func TestRevert(t *testing.T) {
	repo, _ := seeded(t)
	g := New(repo, fleet.RegionNames())
	for _, words := range []string{"version v2-bad", "flag read-only true"} {
		if err := commit(t, repo, words); err != nil {
			t.Fatal(err)
		}
	}
	log, err := repo.Log(t.Context(), 9)
	if err != nil || len(log) != 3 {
		t.Fatal(log, err)
	}
	back, err := repo.Revert(t.Context(), log[1].Hash, "Ada", at.Add(time.Hour))
	if err != nil || back.Reverts != log[1].Hash || back.Subject != `Revert "Set version to v2-bad"` {
		t.Fatal(back, err)
	}
	if m := meant(t, g, "us-east"); m.Version != "v1" || m.Flags["read-only"] != "true" {
		t.Errorf("%+v", m)
	}
	if err := commit(t, repo, "version v3"); err != nil {
		t.Fatal(err)
	}
	if _, err := repo.Revert(t.Context(), log[1].Hash, "Ada", at); err == nil || !strings.Contains(err.Error(), "was changed since") {
		t.Errorf("a commit on top of which more was changed: %v", err)
	}
	if _, err := repo.Revert(t.Context(), log[2].Hash, "Ada", at); err == nil {
		t.Error("the first commit was taken back")
	}
}

// Anybody's git reads the repository, and what they push is the next revision.
func TestGitItselfReadsAndPushes(t *testing.T) {
	program, err := exec.LookPath("git")
	if err != nil {
		t.Skip("SKIPPED: git is not installed; what it makes of a repository is not looked at")
	}
	repo, path := seeded(t)
	work := filepath.Join(t.TempDir(), "work")
	git := func(args ...string) string {
		cmd := exec.Command(program, args...)
		cmd.Env = append(os.Environ(), "GIT_AUTHOR_NAME=Ada", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=Ada", "GIT_COMMITTER_EMAIL=a@example.com", "GIT_CONFIG_GLOBAL=/dev/null")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	git("clone", "-q", path, work)
	files, err := filepath.Glob(filepath.Join(work, "overlays", "*", "kustomization.yaml"))
	if err != nil || len(files) != 2 {
		t.Fatal(files, err)
	}
	name := filepath.Join(work, "base", "web.yaml")
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(strings.Replace(string(raw), "value: v1", "value: v7", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	git("-C", work, "commit", "-q", "-a", "-m", "Take version 7")
	git("-C", work, "push", "-q", "origin", "main")
	g := New(repo, fleet.RegionNames())
	if head, err := g.Head(t.Context()); err != nil || head.Subject != "Take version 7" || head.Author != "Ada" {
		t.Fatal(head, err)
	}
	if m := meant(t, g, "eu-west"); m.Version != "v7" {
		t.Errorf("%+v", m)
	}
	if out := git("-C", path, "fsck", "--strict"); strings.Contains(out, "error") {
		t.Error(out)
	}
	// Packed by another git, it is read on.
	git("-C", path, "gc", "-q", "--prune=now")
	if err := commit(t, repo, "version v7b"); err != nil {
		t.Fatal(err)
	}
	if m := meant(t, New(repo, fleet.RegionNames()), "eu-west"); m.Version != "v7b" {
		t.Errorf("after git gc: %+v", m)
	}
	// A copy of one that is elsewhere sees what is committed there, and is pushed to it.
	mirror, err := repository.Mirror(t.Context(), "file://"+path, filepath.Join(t.TempDir(), "mirror"))
	if err != nil {
		t.Fatal(err)
	}
	if err := commit(t, mirror, "version v8"); err != nil {
		t.Fatal(err)
	}
	if head, err := repo.Head(t.Context()); err != nil || head.Subject != "Set version to v8" {
		t.Error(head, err)
	}
	if err := commit(t, repo, "version v9"); err != nil {
		t.Fatal(err)
	}
	if log, err := mirror.Log(t.Context(), 1); err != nil || len(log) != 1 || log[0].Subject != "Set version to v9" {
		t.Error("what a copy would take back is old:", log, err)
	}
	// Packed by another git, a tree in which the branch is checked out still follows.
	git("-C", work, "pull", "-q", "origin", "main")
	git("-C", work, "gc", "-q", "--prune=now")
	tree, err := repository.Open(work)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tree.Head(t.Context()); err != nil {
		t.Fatal(err)
	}
	git("-C", work, "commit", "-q", "--allow-empty", "-m", "Say nothing")
	git("-C", work, "gc", "-q", "--prune=now")
	if err := commit(t, tree, "version v10"); err != nil {
		t.Fatal(err)
	}
	if raw, err := os.ReadFile(name); err != nil || !strings.Contains(string(raw), "value: \"v10\"") && !strings.Contains(string(raw), "value: v10") {
		t.Errorf("the work tree was left behind after git gc: %v\n%s", err, raw)
	}
}

// What can't be given to a region says which file it is of, and where in it.
func TestBrokenRevisions(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string][]byte
		says  []string
	}{
		"no YAML":            {map[string][]byte{"base/web.yaml": []byte("kind: Deployment\nspec: {replicas: 2\n")}, []string{"base/web.yaml:", "this is not YAML"}},
		"an unknown overlay": {map[string][]byte{"overlays/eu-wset/kustomization.yaml": []byte("resources: [../../base]\n")}, []string{"overlays/eu-wset names no region", "us-east, eu-west"}},
		"a missing overlay":  {map[string][]byte{"overlays/eu-west/kustomization.yaml": nil}, []string{"eu-west has no overlay"}},
		"a missing file":     {map[string][]byte{"base/roles.yaml": nil}, []string{"roles.yaml"}},
		"no label":           {map[string][]byte{"base/kustomization.yaml": []byte("resources: [web.yaml, features.yaml, network.yaml]\n")}, []string{"lacks the label"}},
		"no capacity":        {map[string][]byte{"overlays/eu-west/web.yaml": []byte("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {containers: [{name: agent, env: [{name: FLEETDRILL_CAPACITY, value: lots}]}]}}}\n")}, []string{"Deployment/web", "requests per second"}},
	} {
		repo, _ := seeded(t)
		g := New(repo, fleet.RegionNames())
		head, err := repo.Commit(t.Context(), repository.Change{Subject: "Break it", Author: "Ada", At: at, Files: c.files})
		if err != nil {
			t.Fatal(err)
		}
		err = g.Check(t.Context(), head.Hash)
		if !errors.Is(err, render.ErrBroken) || slices.ContainsFunc(c.says, func(s string) bool { return !strings.Contains(fmt.Sprint(err), s) }) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
}

// A repository that another process writes is not written, and one that is gone says so.
func TestLockedAndAway(t *testing.T) {
	repo, path := seeded(t)
	lock := filepath.Join(path, "refs", "heads", "main.lock")
	if err := os.WriteFile(lock, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := commit(t, repo, "version v2"); !errors.Is(err, repository.ErrLocked) || !strings.Contains(err.Error(), lock) {
		t.Errorf("a locked one: %v", err)
	}
	if err := os.Remove(lock); err != nil {
		t.Fatal(err)
	}
	if err := commit(t, repo, "version v1"); !errors.Is(err, repository.ErrNothing) {
		t.Errorf("a change to what is: %v", err)
	}
	if err := os.Rename(path, path+".gone"); err != nil {
		t.Fatal(err)
	}
	if _, err := repo.Head(t.Context()); !errors.Is(err, repository.ErrAway) {
		t.Errorf("one that is gone: %v", err)
	}
	if _, err := repository.Open(path); !errors.Is(err, repository.ErrAway) {
		t.Errorf("none: %v", err)
	}
}

// A tree in which somebody has the branch checked out follows what is committed, unless it has changes of its own; a git that works in
// it is waited for.
func TestAWorkTreeFollows(t *testing.T) {
	bare, path := seeded(t)
	head, err := bare.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	work := filepath.Join(t.TempDir(), "work")
	if _, err := git.PlainClone(work, false, &git.CloneOptions{URL: path, ReferenceName: "refs/heads/main"}); err != nil {
		t.Fatal(err)
	}
	repo, err := repository.Open(work)
	if err != nil {
		t.Fatal(err)
	}
	web, note := filepath.Join(work, "base", "web.yaml"), filepath.Join(work, "notes.txt")
	for _, name := range []string{note, filepath.Join(work, ".git", "index.lock")} {
		if err := os.WriteFile(name, []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := commit(t, repo, "version v2"); !errors.Is(err, repository.ErrLocked) || repo.Locked() == nil {
		t.Errorf("beside another git: %v, %v", err, repo.Locked())
	}
	if err := os.Remove(filepath.Join(work, ".git", "index.lock")); err != nil {
		t.Fatal(err)
	}
	if err := commit(t, repo, "version v2"); err != nil {
		t.Fatal(err)
	}
	if raw, err := os.ReadFile(web); err != nil || !strings.Contains(string(raw), "value: v2") {
		t.Errorf("the work tree was left behind: %v\n%s", err, raw)
	}
	if raw, err := os.ReadFile(note); err != nil || string(raw) != "mine" {
		t.Errorf("a file that is not git's: %q, %v", raw, err)
	}
	if err := os.WriteFile(web, []byte("# half of an edit\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := commit(t, repo, "version v3"); !errors.Is(err, repository.ErrDirty) || !strings.Contains(err.Error(), "base/web.yaml") {
		t.Errorf("over changes that are not committed: %v", err)
	}
	if raw, _ := os.ReadFile(web); string(raw) != "# half of an edit\n" {
		t.Errorf("an edit is lost: %q", raw)
	}
	if now, err := repo.Head(t.Context()); err != nil || now.Subject != "Set version to v2" || now.Hash == head.Hash {
		t.Errorf("%+v, %v", now, err)
	}
}

// A host that takes a connection and says nothing is given up in time, and those who ask meanwhile do not wait for each other.
func TestARepositoryThatHangs(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, path := seeded(t)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err = repository.Mirror(ctx, "http://"+l.Addr().String()+"/config.git", filepath.Join(t.TempDir(), "mirror"))
	if !errors.Is(err, repository.ErrAway) || !strings.Contains(err.Error(), l.Addr().String()) || time.Since(began) > 10*time.Second {
		t.Errorf("after %s: %v", time.Since(began), err)
	}
	// What can't be opened says so too.
	if err := os.Chmod(filepath.Join(path, "objects"), 0); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.Chmod(filepath.Join(path, "objects"), 0o700) }() // the test's folder is removed
	if os.Geteuid() == 0 {
		t.Log("SKIPPED in part: root may read every folder")
		return
	}
	repo, err := repository.Open(path)
	if err == nil {
		_, err = repo.Head(t.Context())
	}
	if !errors.Is(err, repository.ErrAway) {
		t.Errorf("without permission: %v", err)
	}
}

// Two overlays differ in what their files say alone.
func TestNothingElseIsRendered(t *testing.T) {
	repo, _ := seeded(t)
	g := New(repo, fleet.RegionNames())
	head, err := g.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	objects, err := g.Objects(t.Context(), head.Hash, "us-east")
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range objects {
		if !config.Ours(o) || config.At(o, "metadata", "namespace") != config.Namespace {
			t.Errorf("%v", o)
		}
		kinds[o["kind"].(string)]++
	}
	if want := map[string]int{"Deployment": 1, "ConfigMap": 1, "NetworkPolicy": 2, "Role": 2, "RoleBinding": 2}; !maps.Equal(kinds, want) {
		t.Errorf("%v, want %v", kinds, want)
	}
}

// What a commit says of itself is a line, and no longer than one.
func TestACommitsSubjectIsALine(t *testing.T) {
	repo, _ := seeded(t)
	_, err := repo.Commit(t.Context(), repository.Change{
		Subject: "red \x1b[31m\t" + strings.Repeat("x", 100_000), Author: "a\nb", At: at, Files: map[string][]byte{"base/more.yaml": []byte("a: b")},
	})
	if err != nil {
		t.Fatal(err)
	}
	head, err := repo.Head(t.Context())
	if err != nil || !strings.HasPrefix(head.Subject, `red \u001b[31m x`) || len([]rune(head.Subject)) != 200 || strings.Contains(head.Author, "\n") {
		t.Errorf("the newest commit is %+v: %v", head, err)
	}
}

// Of many revisions the files of those that were used last are kept: what a region has stays when the repository goes.
func TestFewRevisionsAreKept(t *testing.T) {
	repo, path := seeded(t)
	g := New(repo, fleet.RegionNames())
	g.most = 3
	first, err := g.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var second config.Revision
	for i := range 6 {
		v, err := repo.Commit(t.Context(), repository.Change{Subject: "Say more", Author: "Ada", At: at, Files: map[string][]byte{"notes.txt": {byte(i)}}})
		if err != nil {
			t.Fatal(err)
		}
		for _, revision := range []string{first.Hash, v.Hash} { // regions have the first, and the newest is looked at
			if _, err := g.tree(t.Context(), revision); err != nil {
				t.Fatal(err)
			}
		}
		if i == 0 {
			second = v
		}
	}
	if err := os.Rename(path, path+".gone"); err != nil {
		t.Fatal(err)
	}
	if _, err := g.Objects(t.Context(), first.Hash, "us-east"); err != nil {
		t.Errorf("what a region has is lost with the repository: %v", err)
	}
	if _, err := g.Objects(t.Context(), second.Hash, "us-east"); !errors.Is(err, repository.ErrAway) || len(g.trees) != g.most {
		t.Errorf("of a revision that nobody used lately %v is told; %d are kept", err, len(g.trees))
	}
}

// The router's weights stand in the repository, apart from what regions run: a commit changes them, and a revision whose weights can't
// be is refused whole.
func TestTheRoutersWeights(t *testing.T) {
	weighted := fleet
	weighted.Routing.Weights = map[string]float64{"us-east": 0.7, "eu-west": 0.3}
	repo, err := repository.Create(filepath.Join(t.TempDir(), "config.git"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := repo.Commit(t.Context(), repository.Change{Subject: "Begin", Author: "fleetdrill", At: at, Files: seed.Files(weighted)}); err != nil {
		t.Fatal(err)
	}
	g := New(repo, fleet.RegionNames())
	read := func() (weights map[string]float64, bad error) {
		head, err := g.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		bad = g.Check(t.Context(), head.Hash)
		weights, _ = g.Weights(t.Context(), head.Hash)
		objects, err := g.Objects(t.Context(), head.Hash, "us-east")
		if err != nil || slices.ContainsFunc(objects, func(o config.Object) bool { return config.At(o, "metadata", "name") == "routing" }) {
			t.Errorf("a region has the router's object, or nothing: %v, %v", objects, err)
		}
		return weights, bad
	}
	if got, bad := read(); bad != nil || !maps.Equal(got, weighted.Routing.Weights) {
		t.Errorf("the first revision has %v, %v", got, bad)
	}
	if err := commit(t, repo, "weights us-east=0 eu-west=100"); err != nil {
		t.Fatal(err)
	}
	if got, bad := read(); bad != nil || !maps.Equal(got, map[string]float64{"eu-west": 1}) {
		t.Errorf("after the commit it has %v, %v", got, bad)
	}
	head, _ := repo.Head(t.Context())
	files, _, err := repo.Tree(t.Context(), head.Hash)
	if err != nil || head.Subject != "Set weights to us-east=0 eu-west=100" || !strings.Contains(string(files["router/routing.yaml"]), "us-east: \"0\"") {
		t.Errorf("%q, %v: %s", head.Subject, err, files["router/routing.yaml"])
	}
	files["router/routing.yaml"] = []byte(strings.Replace(string(files["router/routing.yaml"]), `"100"`, `"110"`, 1))
	if _, err := repo.Commit(t.Context(), repository.Change{Subject: "Too much", Author: "Ada", At: at.Add(2 * time.Minute), Files: files}); err != nil {
		t.Fatal(err)
	}
	if _, bad := read(); bad == nil || !strings.Contains(bad.Error(), `router/routing.yaml: ConfigMap/routing: eu-west has weight "110": give percent, from 0 to 100`) {
		t.Errorf("a weight that can't be is refused with %v", bad)
	}
	without, _ := seeded(t)
	if err := commit(t, without, "weights us-east=100"); err == nil || !strings.Contains(err.Error(), "the repository has no router/routing.yaml") {
		t.Errorf("a repository without weights takes a commit of them: %v", err)
	}
}
