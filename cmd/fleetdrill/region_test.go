package main

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
)

func TestRegionAnnouncesServesAndStops(t *testing.T) {
	t.Setenv(tokenVariable, "a-fleet-secret")
	dir := t.TempDir()
	logFile := filepath.Join(dir, "region.log")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out, announced := io.Pipe()
	cmd := newRegionCommand()
	cmd.SetArgs([]string{"--region", "us-east", "--data", filepath.Join(dir, "data"), "--web-replicas", "3", "--capacity", "300", "--log", logFile})
	cmd.SetOut(announced)
	ended := make(chan error, 1)
	go func() {
		err := cmd.ExecuteContext(ctx)
		_ = announced.CloseWithError(io.EOF)
		ended <- err
	}()
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		t.Fatalf("%v; ended with %v", err, <-ended)
	}
	var a wire.Announcement
	if err := json.Unmarshal(line, &a); err != nil || a.Region != "us-east" || a.PID != os.Getpid() {
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
		{"no token", "", []string{"--region", "us-east", "--data", "d"}, tokenVariable},
		{"no region", "t", []string{"--data", "d"}, "region"},
		{"a role that is none", "t", []string{"--region", "us-east", "--role", "mesh"}, "mesh"},
		{"a log that cannot be", "t", []string{"--region", "us-east", "--data", "d", "--log", filepath.Join("no", "such", "folder", "x")}, "us-east"},
		{"a token on the command line", "t", []string{"--region", "us-east", "--token", "x"}, "token"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv(tokenVariable, tt.token)
			cmd := newRegionCommand()
			cmd.SetArgs(tt.args)
			cmd.SetOut(io.Discard)
			cmd.SetErr(io.Discard)
			if err := cmd.ExecuteContext(t.Context()); err == nil || !strings.Contains(err.Error(), tt.says) {
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
