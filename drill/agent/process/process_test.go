package process

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/build"
)

func TestRegionAnnouncesServesAndStops(t *testing.T) {
	t.Setenv(TokenVariable, "a-fleet-secret")
	dir := t.TempDir()
	logFile := filepath.Join(dir, "region.log")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out, announced := io.Pipe()
	args := []string{Word, "--region", "us-east", "--data", filepath.Join(dir, "data"), "--web-replicas", "3", "--capacity", "300", "--log", logFile}
	ended := make(chan error, 1)
	go func() {
		err := Run(ctx, args, strings.NewReader(""), announced, io.Discard)
		_ = announced.CloseWithError(io.EOF)
		ended <- err
	}()
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		t.Fatalf("%v; ended with %v", err, <-ended)
	}
	var a wire.Announcement
	if err := json.Unmarshal(line, &a); err != nil || a.Region != "us-east" || a.PID != os.Getpid() || a.Build != build.Version() {
		t.Fatalf("%s: %v", line, err)
	}
	c := wire.NewClient(wire.ClientConfig{Base: "http://" + a.Addr, Region: "us-east", Token: "a-fleet-secret"})
	asking, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if replicas, err := c.Web(asking); err != nil || len(replicas) != 3 {
		t.Errorf("web replicas: %v, %v", replicas, err)
	}
	st, err := c.Status(asking)
	if err != nil || len(st.Run) != 16 {
		t.Errorf("status: %+v, %v", st, err)
	}
	health, err := c.Health(asking)
	if err != nil || build.Same(build.Version(), health.Build) != nil {
		t.Errorf("health: %+v, %v", health, err)
	}
	began := time.Now()
	stop()
	if err := <-ended; err != nil {
		t.Errorf("stopped with %v", err)
	}
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("stopping took %s", took)
	}
	said, err := os.ReadFile(logFile)
	if err != nil || !bytes.Contains(said, []byte(`"listening"`)) || bytes.Contains(said, []byte("a-fleet-secret")) {
		t.Errorf("log: %s, %v", said, err)
	}
}

func TestRegionRefuses(t *testing.T) {
	tests := []struct {
		name, token string
		args        []string
		says        string
	}{
		{"no token", "", []string{"--region", "us-east", "--data", "d"}, TokenVariable},
		{"no region", "t", []string{"--data", "d"}, "region"},
		{"a role that is none", "t", []string{"--region", "us-east", "--role", "mesh"}, "mesh"},
		{"a log that cannot be", "t", []string{"--region", "us-east", "--data", "d", "--log", filepath.Join("no", "such", "folder", "x")}, "us-east"},
		{"a word that is no flag", "t", []string{Word, "--region", "us-east", "west"}, "west"},
		{"a token on the command line", "t", []string{"--region", "us-east", "--token", "x"}, "token"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv(TokenVariable, tt.token)
			err := Run(t.Context(), tt.args, strings.NewReader(""), io.Discard, io.Discard)
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%v, want it to say %q", err, tt.says)
			}
		})
	}
}

func TestDialable(t *testing.T) {
	for addr, want := range map[string]string{
		"127.0.0.1:80": "127.0.0.1:80", "0.0.0.0:8080": "127.0.0.1:8080", "[::]:8080": "127.0.0.1:8080", "10.1.2.3:1": "10.1.2.3:1",
	} {
		if got := dialable(addr); got != want {
			t.Errorf("dialable(%s) = %s, want %s", addr, got, want)
		}
	}
}

func TestRunsDiffer(t *testing.T) {
	a, errA := newRun()
	b, errB := newRun()
	if errA != nil || errB != nil || a == b {
		t.Errorf("%s, %s, %v, %v", a, b, errA, errB)
	}
}

func TestVersionAndHelp(t *testing.T) {
	for flag, want := range map[string]string{"--version": "fleetdrill-agent " + build.Version(), "--help": "-die-with-parent"} {
		var out strings.Builder
		if err := Run(t.Context(), []string{flag}, strings.NewReader(""), &out, io.Discard); err != nil || !strings.Contains(out.String(), want) {
			t.Errorf("%s: %v, prints %q", flag, err, out.String())
		}
	}
}

func TestListsOfURLs(t *testing.T) {
	o, err := parse([]string{"--region", "a", "--role=gateway", "--web-url", "http://1,http://2", "--web-url=http://3"}, io.Discard)
	if err != nil || strings.Join(o.config.Web, " ") != "http://1 http://2 http://3" || o.config.Role != "gateway" {
		t.Errorf("%+v, %v", o, err)
	}
}
