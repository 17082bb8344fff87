# fleetdrill. `make help` lists the targets.

GO      ?= go
BIN     := bin
# The build, which program and agent must share. A tree with changes has their hash in
# it, so that two of them differ.
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
ifneq ($(filter %-dirty,$(VERSION)),)
VERSION := $(VERSION)-$(shell git diff HEAD | git hash-object --stdin | cut -c1-7)
endif
LDFLAGS := -s -w -X github.com/fleetdrill/fleetdrill/drill/build.version=$(VERSION)
HOST    := $(shell $(GO) env GOOS)
ARCH    := $(shell $(GO) env GOARCH)

# Static, because the regions' image holds the agent and nothing else.
export CGO_ENABLED := 0

.PHONY: help build agent man run test race test-drills test-impact test-data test-soak test-postgres test-kind test-kind-ten test-screen test-browser bench demo sample docs lint clean

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

# The Linux agent is embedded too, so that bin/fleetdrill can be copied alone.
EMBEDDED := drill/agent/binary/agent.gz
ifeq ($(HOST),linux)
LINUX_AGENT := $(BIN)/fleetdrill-agent
else
LINUX_AGENT := $(BIN)/fleetdrill-agent-linux-$(ARCH)
endif

build: agent ## build bin/fleetdrill and bin/fleetdrill-agent
	gzip -9nc $(LINUX_AGENT) > $(EMBEDDED)
	$(GO) build -tags embedagent -ldflags '$(LDFLAGS)' -o $(BIN)/fleetdrill ./cmd/fleetdrill

agent: ## build what runs inside a region, also for Linux where this machine is not
	$(GO) build -ldflags '$(LDFLAGS)' -o $(BIN)/fleetdrill-agent ./cmd/fleetdrill-agent
ifneq ($(HOST),linux)
	GOOS=linux GOARCH=$(ARCH) $(GO) build -ldflags '$(LDFLAGS)' -o $(LINUX_AGENT) ./cmd/fleetdrill-agent
endif

man: build ## write the manual page, bin/man/fleetdrill.1
	$(BIN)/fleetdrill man $(BIN)/man

run: build ## open the screen
	@exec $(BIN)/fleetdrill

# The tests are processor-bound. go vet looks at all that go test would look at once more, and collecting garbage
# less often takes a quarter of the processor time from what draws, for some ten megabytes more.
SPARING = GOGC=400

# Whole drills are timed, so that they come last, when nothing is compiled beside them. Linking 190 programs without what a
# debugger reads takes half as long.
LIVE := -e /cmd/fleetdrill$$ -e /drill/engine$$
test: ## vet and every test that needs no Docker, PostgreSQL or tmux (under 3 minutes)
	@./.ci/timed "make test" env $(SPARING) sh -ec '$(GO) vet ./...; all=$$($(GO) list ./...); \
	  $(GO) test -vet=off -ldflags=-w $$(echo "$$all" | grep -v $(LIVE)); $(GO) test -vet=off -ldflags=-w $$(echo "$$all" | grep $(LIVE))'

# Not cmd/…, whose tests start programs that are built without the detector; and -short
# leaves out what does the same on real agents at full rate (each says so with -v).
# The engine's come last and alone: a lab's limits of time want the processors.
RACE = env CGO_ENABLED=1 $(SPARING) $(GO) test -race -vet=off -short -timeout 9m
race: ## the tests that run in one process under the race detector (needs a C compiler; under 10 minutes)
	@echo "make race: without ./cmd/..., and with -short: see the Makefile"
	@./.ci/timed "make race" sh -ec '$(RACE) $$($(GO) list ./... | grep -v -e /cmd/ -e /drill/engine$$) && $(RACE) ./drill/engine'

# KIND_DRILLS is how often three kind clusters lose their authority in a row; ten is what
# has to hold, one is what continuous integration has time for.
KIND_DRILLS ?= 1

test-kind: build ## real drills on real kind clusters (needs Docker)
	@./.ci/timed "make test-kind" env FLEETDRILL_TEST_KIND=1 FLEETDRILL_KIND_DRILLS=$(KIND_DRILLS) FLEETDRILL_BIN=$(CURDIR)/$(BIN)/fleetdrill $(GO) test -p 1 -count=1 -timeout 20m -v -run Kind ./drill/fleet/kindfleet ./cmd/fleetdrill

test-kind-ten: build ## ten drills in a row on three kind clusters (needs Docker; half an hour on two cores)
	@./.ci/timed "make test-kind-ten" env FLEETDRILL_TEST_KIND=1 FLEETDRILL_KIND_DRILLS=10 FLEETDRILL_BIN=$(CURDIR)/$(BIN)/fleetdrill $(GO) test -count=1 -timeout 1h -v -run TestKindRow ./cmd/fleetdrill

test-screen: build ## the screen, driven in tmux (needs tmux)
	@./.ci/timed "make test-screen" env FLEETDRILL_TEST_SCREEN=1 FLEETDRILL_BIN=$(CURDIR)/$(BIN)/fleetdrill $(GO) test -count=1 -p 1 -timeout 10m -v -run 'Screen|Terminal' ./tui ./cmd/fleetdrill

test-browser: ## the report's page, opened and used in Chromium
	@./.ci/timed "make test-browser" env FLEETDRILL_TEST_BROWSER=1 $(GO) test -count=1 -timeout 5m -v -run Browser ./drill/report/single

# FLEETS is how many local fleets drill at once: mostly they wait. Of two processors three take a third.
FLEETS ?= 3

# The platform goes first, with the built agent. The journals are played back afterwards, state by state.
test-drills: build ## every shipped drill on a local fleet, three at once, a comparison, and the replay of each
	@rm -rf $(BIN)/reports
	@./.ci/timed "make test-drills" sh -ec 'FLEETDRILL_BIN=$(CURDIR)/$(BIN)/fleetdrill-agent $(GO) test -count=1 -v -run "^TestRealAgent\$$" ./drill/fleet/localfleet; \
	  FLEETDRILL_TEST_DRILLS=$(CURDIR)/$(BIN)/reports FLEETDRILL_BIN=$(CURDIR)/$(BIN)/fleetdrill $(GO) test -v -count=1 -timeout 20m -parallel $(FLEETS) -run "^TestEveryDrillPasses\$$" ./cmd/fleetdrill; \
	  FLEETDRILL_TEST_JOURNALS=$(CURDIR)/$(BIN)/reports $(GO) test -count=1 -v -run TestEveryDrillReplays ./drill/journal/player'

# IMPACT is "few" (1 min), which continuous integration has time for, "all" (every fleet that ships, some 315 faults, 3 h with
# FLEETS=1), or "again": the model anew against runs that were kept in $FLEETDRILL_TEST_IMPACT_KEEP.
IMPACT ?= few

test-impact: build ## what is predicted of single faults against what they do, on local fleets
	@./.ci/timed "make test-impact" env FLEETDRILL_TEST_IMPACT=$(IMPACT) FLEETDRILL_BIN=$(CURDIR)/$(BIN)/fleetdrill $(GO) test -v -count=1 -timeout 4h -parallel $(FLEETS) -run TestImpact ./cmd/fleetdrill

# SEEDS is how many random sequences an engine gets, SEED is one alone, ENGINE one engine.
SEEDS  ?= 200
SEED   ?=
ENGINE ?=
# DATA is which of the suites, as a regular expression; JOBS how many fleets drill at once.
DATA   ?= TestEveryMode|TestADatabase|TestAPostmaster|TestAsync|TestRandomSequences|TestOrders
JOBS   ?= 2

test-data: build ## every mode under every fault, their histories judged, and random sequences, on child processes (needs PostgreSQL)
	@./.ci/timed "make test-data" env FLEETDRILL_TEST_DATA=1 FLEETDRILL_BIN=$(CURDIR)/$(BIN)/fleetdrill-agent FLEETDRILL_SEEDS=$(SEEDS) FLEETDRILL_SEED=$(SEED) FLEETDRILL_TEST_ENGINE=$(ENGINE) $(GO) test -v -count=1 -timeout 4h -parallel $(JOBS) -run '$(if $(SEED),TestRandomSequences,$(DATA))' ./drill/engine

# CYCLES of kill and freeze in one drill, MOMENTS at which fleetdrill gets SIGKILL; SOAK is which of the suites.
CYCLES  ?= 1000
MOMENTS ?= 50
SOAK    ?= TestSoak|TestSIGKILL|TestAFullDisk

test-soak: build ## kills and freezes by the thousand, SIGKILL of fleetdrill, and a full disk (about 90 minutes; a few seconds a cycle)
	@./.ci/timed "make test-soak" env FLEETDRILL_TEST_SOAK=1 CYCLES=$(CYCLES) MOMENTS=$(MOMENTS) SEED=$(SEED) sh -ec ' \
	  FLEETDRILL_TEST_DATA=1 FLEETDRILL_BIN=$(CURDIR)/$(BIN)/fleetdrill-agent $(GO) test -v -count=1 -timeout 12h -run "^($(SOAK))\$$" ./drill/engine; \
	  FLEETDRILL_BIN=$(CURDIR)/$(BIN)/fleetdrill $(GO) test -v -count=1 -timeout 2h -run "^($(SOAK))\$$" ./cmd/fleetdrill'

test-postgres: ## the PostgreSQL engine by itself (needs PostgreSQL 15 or later)
	@./.ci/timed "make test-postgres" env FLEETDRILL_TEST_POSTGRES=1 $(GO) test -count=1 -timeout 10m ./drill/store/postgres

bench: build ## the measurements that need no person
	$(GO) test -run '^$$' -bench . -benchtime 2s ./drill/link ./drill/store/log ./drill/agent
	FLEETDRILL_BENCH=1 $(GO) test -count=1 -v -run Measure ./drill/journal/player ./drill/identity/workload ./drill/config/governor
	FLEETDRILL_BENCH=1 FLEETDRILL_TEST_ENGINE=$(ENGINE) FLEETDRILL_BIN=$(CURDIR)/$(BIN)/fleetdrill $(GO) test -count=1 -v -timeout 2h -run 'Measure' ./cmd/fleetdrill

# VHS records, and wants ttyd, ffmpeg and a browser; as root the browser wants VHS_NO_SANDBOX=1.
VHS := $(GO) run github.com/charmbracelet/vhs@v0.11.0
demo: build ## record docs/demo.gif (needs ttyd, ffmpeg, gifsicle and Chromium; a minute)
	@for p in ttyd ffmpeg gifsicle; do command -v $$p >/dev/null || { echo "make demo: $$p is missing; install ttyd, ffmpeg, gifsicle and chromium"; exit 1; }; done
	PATH="$(CURDIR)/$(BIN):$$PATH" XDG_STATE_HOME="$$(mktemp -d)" XDG_CONFIG_HOME="$$(mktemp -d)" $(VHS) docs/demo.tape
	gifsicle --batch -O3 --lossy=40 --colors 64 docs/demo.gif
	@test "$$(wc -c < docs/demo.gif)" -lt 2000000 || { echo "make demo: docs/demo.gif has 2 MB or more"; exit 1; }

# What ships is a drill that passed: look at its replay before you commit it.
SAMPLE := drill/journal/sample/lose-the-authority.jsonl.gz
sample: build ## record the journal that ships anew, on a local fleet, without this machine's paths
	@state=$$(mktemp -d) && trap 'rm -rf "$$state"' EXIT && \
	$(BIN)/fleetdrill run lose-the-authority --on local --state-dir "$$state" --journal "$$state/journal.jsonl" && \
	sed "s#$$state#~/.local/state/fleetdrill#g; s#$(CURDIR)/$(BIN)/##g" "$$state/journal.jsonl" | gzip -9n > $(SAMPLE)

docs: ## write the generated parts of docs anew
	$(GO) test . -count=1 -run Listed -update
	$(GO) test ./drill/action ./drill/feed/metrics ./tui/keys -count=1 -run 'TestTheDocIsTheList|TestDocsAreFresh' -update

lint: ## formatting and vet
	@test -z "$$(gofmt -l .)" || { gofmt -l .; exit 1; }
	$(GO) vet ./...

clean: ## remove what was built
	rm -rf $(BIN) $(EMBEDDED)
