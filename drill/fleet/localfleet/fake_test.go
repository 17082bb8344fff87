package localfleet

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent"
	"github.com/fleetdrill/fleetdrill/drill/agent/process"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
)

// The test binary plays other processes: a region, as `fleetdrill region` would be, and
// a fleetdrill that is killed.
const (
	roleVariable = "LOCALFLEET_TEST_ROLE"
	// modesVariable is how regions misbehave: "b=mute,c=dies".
	modesVariable = "LOCALFLEET_TEST_MODES"
	stateVariable = "LOCALFLEET_TEST_STATE"
	// realVariable has regions be real agents.
	realVariable = "LOCALFLEET_TEST_REAL"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "region" && os.Getenv(realVariable) != "" {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		defer stop()
		if err := process.Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if len(os.Args) > 1 && os.Args[1] == "region" {
		os.Exit(fakeRegion(os.Args[2:]))
	}
	if len(os.Args) > 1 && os.Args[1] == "engine" {
		os.Exit(fakeEngine(os.Args[2:]))
	}
	if os.Getenv(roleVariable) == "parent" {
		os.Exit(parent(os.Getenv(stateVariable)))
	}
	os.Exit(m.Run())
}

// fakeRegion takes the flags of `fleetdrill region` and does what the tests ask of it.
func fakeRegion(args []string) int {
	flags := flag.NewFlagSet("region", flag.ExitOnError)
	role := flags.String("role", "", "")
	name := flags.String("region", "", "")
	listen := flags.String("listen", "", "")
	data := flags.String("data", "", "")
	replicas := flags.Int("web-replicas", 0, "")
	capacity := flags.Float64("capacity", -1, "")
	_ = flags.String("queue", "", "")
	withParent := flags.Bool("die-with-parent", false, "")
	_ = flags.Parse(args)
	token := os.Getenv("FLEETDRILL_TOKEN")
	if *role != "all" || *replicas < 1 || *capacity < 0 || !*withParent || token == "" || strings.Contains(strings.Join(args, " "), token) {
		fmt.Fprintln(os.Stderr, "bad flags:", args)
		return 2
	}
	mode := ""
	for _, m := range strings.Split(os.Getenv(modesVariable), ",") {
		if region, what, _ := strings.Cut(m, "="); region == *name {
			mode = what
		}
	}
	stdin := make(chan struct{})
	go func() {
		agent.WithParent(os.Stdin, func() { close(stdin) })
	}()
	if mode == "deaf" { // only the kernel ends it with its parent
		stdin = nil
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	switch mode {
	case "dies":
		fmt.Fprintln(os.Stderr, "disk of cheese")
		return 3
	case "silent":
		<-stdin
		return 4
	case "babbles":
		fmt.Println("hello")
		<-stdin
		return 4
	}
	// How often the region was started is its data.
	if err := appendLine(filepath.Join(*data, "starts"), strconv.Itoa(os.Getpid())); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 5
	}
	l, err := net.Listen("tcp", *listen)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 6
	}
	says := *name
	if mode == "impostor" {
		says = "elsewhere"
	}
	if mode != "mute" { // accepts by the kernel alone, and never answers
		go func() { _ = http.Serve(l, fakeGateway(says, token, *replicas, mode)) }()
	}
	if mode == "engine" {
		if err := startEngine(*data); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 7
		}
	}
	line, _ := json.Marshal(wire.Announcement{Region: *name, Addr: l.Addr().String(), PID: os.Getpid(), Build: "fake"})
	fmt.Println(string(line))
	for {
		select {
		case <-stdin:
			return 4
		case <-stop:
			if mode != "stubborn" {
				return 0
			}
		}
	}
}

func fakeGateway(region, token string, replicas int, mode string) http.Handler {
	started := time.Now()
	mux := http.NewServeMux()
	give := func(w http.ResponseWriter, v any) {
		w.Header().Set(wire.HeaderRegion, region)
		_ = json.NewEncoder(w).Encode(v)
	}
	mux.HandleFunc("GET "+wire.PathHealth, func(w http.ResponseWriter, _ *http.Request) {
		give(w, wire.Health{Region: region, Replica: "web-1", Started: started})
	})
	mux.HandleFunc("GET "+wire.PathWeb, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get(wire.HeaderToken) != wire.Inside(token, region) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		// One of its replicas is gone while there is a file that says so.
		all := replicas
		if _, err := os.Stat(strings.TrimPrefix(mode, "limps:")); mode != "" && err == nil {
			all--
		}
		list := []wire.Health{}
		for i := range all {
			list = append(list, wire.Health{Region: region, Replica: "web-" + strconv.Itoa(i+1), Started: started})
		}
		give(w, list)
	})
	mux.HandleFunc("GET "+wire.PathStatus, func(w http.ResponseWriter, _ *http.Request) { give(w, wire.RegionStatus{Region: region}) })
	mux.HandleFunc("GET "+wire.PathZones, func(w http.ResponseWriter, _ *http.Request) { give(w, []wire.ZoneProcess{}) })
	return mux
}

func appendLine(path, line string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(file, line)
	return errors.Join(err, file.Close())
}

// parent is a fleetdrill with a local fleet. It freezes region b when told to, and
// otherwise waits to be killed.
func parent(state string) int {
	self, err := os.Executable()
	if err != nil {
		return 1
	}
	f, err := New(Config{Fleet: spec(), StateDir: state, Binary: self})
	if err == nil {
		err = f.Up(context.Background())
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println("up")
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		proof, err := f.Do(context.Background(), lines.Text(), fleet.OpFreeze)
		if err != nil {
			fmt.Println(err)
			return 1
		}
		fmt.Println(proof.Text)
	}
	return 0
}
