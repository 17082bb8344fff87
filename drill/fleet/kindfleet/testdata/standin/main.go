// Standin is the least that can stand in for the agent in tests of kindfleet: it
// takes the agent's flags, answers /healthz as each role does, and dials out when
// asked, so that a test sees what a pod can reach.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

func main() {
	if len(os.Args) < 2 || os.Args[1] != "region" {
		fail(fmt.Errorf("want: standin region --role ROLE …, have %q", os.Args))
	}
	f := flag.NewFlagSet("region", flag.ExitOnError)
	role := f.String("role", "", "")
	region := f.String("region", "", "")
	listen := f.String("listen", "", "")
	data := f.String("data", "", "")
	web := f.String("web-url", "", "")
	store := f.String("store-url", "", "")
	f.String("gateway-url", "", "")
	f.Float64("capacity", 0, "")
	f.Duration("queue", 0, "")
	_ = f.Parse(os.Args[2:])
	if os.Getenv("FLEETDRILL_TOKEN") == "" {
		fail(fmt.Errorf("FLEETDRILL_TOKEN is empty"))
	}
	started := time.Now()
	host, _ := os.Hostname()
	mux := http.NewServeMux()
	mux.HandleFunc("/livez", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"region": *region, "replica": host, "started": started})
	})
	switch *role {
	case "web":
		mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) {
			_ = json.NewEncoder(w).Encode(map[string]any{"region": *region, "replica": host, "started": started})
		})
	case "gateway":
		mux.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { pass(w, r, *web+"/healthz") })
		mux.HandleFunc("/starts", func(w http.ResponseWriter, r *http.Request) { pass(w, r, *store+"/starts") })
		// It keeps no dataset, of whose disk something could be said (wire.RegionStatus).
		mux.HandleFunc("/v1/status", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Fleetdrill-Region", *region)
			_ = json.NewEncoder(w).Encode(map[string]any{"region": *region, "stores": []any{}})
		})
		mux.HandleFunc("/dial", func(w http.ResponseWriter, r *http.Request) {
			conn, err := net.DialTimeout("tcp", r.URL.Query().Get("to"), 2*time.Second)
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadGateway)
				return
			}
			defer conn.Close()
			_, _ = io.Copy(w, conn)
		})
	case "store":
		// As a store it has to be able to write where its volume is.
		starts, err := os.OpenFile(filepath.Join(*data, "starts"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		fail(err)
		_, err = fmt.Fprintln(starts, started.Format(time.RFC3339Nano))
		fail(err)
		fail(starts.Sync())
		mux.HandleFunc("/starts", func(w http.ResponseWriter, r *http.Request) {
			http.ServeFile(w, r, filepath.Join(*data, "starts"))
		})
	default:
		fail(fmt.Errorf("unknown role %q", *role))
	}
	fail(http.ListenAndServe(*listen, mux))
}

// fresh keeps no connection: a node that has just started has no rules for its Services, and what was dialled then leads
// elsewhere for as long as it is kept.
var fresh = http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

func pass(w http.ResponseWriter, r *http.Request, url string) {
	req, err := http.NewRequestWithContext(r.Context(), http.MethodGet, url, nil)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	res, err := fresh.Do(req)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer res.Body.Close()
	w.WriteHeader(res.StatusCode)
	_, _ = io.Copy(w, res.Body)
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "standin:", err)
		os.Exit(1)
	}
}
