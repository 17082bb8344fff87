// Package fleetdrill_test holds the layout of the tree: who may import whom.
package fleetdrill_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/fleetdrill/fleetdrill/"

// house is the rooms from the ground up, and what each imports of ours. An import goes
// down: it names a room that stands before it. A new arrow is a decision: it is made here,
// and one that nobody needs any more is taken out.
var house = []struct {
	room    string
	imports []string
}{
	{"docs", nil},
	{"kindconfigs", nil},
	{"drill/topology", nil},
	{"drill/identity", nil},
	{"drill/identity/authority", []string{"drill/identity"}},
	{"drill/identity/workload", []string{"drill/identity"}},
	{"drill/place", nil},
	{"drill/clean", nil},
	{"drill/quantity", nil},
	{"drill/runbook", []string{"drill/topology"}},
	{"drill/legacy", []string{"drill/runbook", "drill/topology"}},
	{"drill/series", nil},
	{"drill/fate", nil},
	{"drill/role", nil},
	{"drill/telemetry", []string{"drill/role"}},
	{"drill/replication", []string{"drill/role", "drill/series", "drill/telemetry"}},
	{"drill/config", nil},
	{"drill/config/routing", nil},
	{"drill/stage", nil},
	{"drill/config/change", []string{"drill/config", "drill/config/routing", "drill/topology"}},
	{"drill/staleness", []string{"drill/series", "drill/telemetry"}},
	{"drill/preflight", nil},
	{"drill", []string{"drill/config", "drill/fate", "drill/identity", "drill/legacy", "drill/preflight", "drill/replication", "drill/role", "drill/runbook", "drill/series", "drill/stage", "drill/staleness", "drill/telemetry", "drill/topology"}},
	{"drill/attribution", []string{"drill", "drill/role", "drill/topology"}},
	{"drill/build", nil},
	{"drill/pause", nil},
	{"drill/listen", []string{"drill/pause"}},
	{"drill/link", []string{"drill/topology"}},
	{"drill/instrument", nil},
	{"drill/measure", []string{"drill", "drill/attribution", "drill/role", "drill/runbook", "drill/staleness", "drill/telemetry", "drill/topology"}},
	{"drill/measure/domain", []string{"drill", "drill/measure", "drill/topology"}},
	{"drill/measure/gitops", []string{"drill", "drill/attribution", "drill/config", "drill/measure", "drill/runbook"}},
	{"drill/measure/cost", []string{"drill", "drill/measure", "drill/place", "drill/telemetry", "drill/topology"}},
	{"drill/measure/curve", []string{"drill", "drill/series"}},
	{"drill/measure/retry", []string{"drill"}},
	{"drill/measure/distrust", []string{"drill", "drill/identity", "drill/runbook"}},
	{"drill/scribe", nil},
	{"drill/measure/people", []string{"drill", "drill/measure", "drill/scribe"}},
	{"drill/format", []string{"drill", "drill/attribution", "drill/clean", "drill/config", "drill/fate", "drill/identity", "drill/measure", "drill/measure/cost", "drill/measure/curve", "drill/measure/distrust", "drill/measure/people", "drill/measure/retry", "drill/preflight", "drill/role", "drill/scribe", "drill/telemetry", "drill/topology"}},
	{"drill/condition", []string{"drill", "drill/format", "drill/measure", "drill/runbook"}},
	{"drill/comparison", []string{"drill", "drill/format", "drill/measure", "drill/measure/cost", "drill/measure/curve", "drill/measure/domain", "drill/measure/gitops"}},
	{"drill/estimate", []string{"drill", "drill/format"}},
	{"drill/estimate/last", []string{"drill", "drill/estimate"}},
	{"drill/traffic/policy", []string{"drill/topology"}},
	{"drill/succession", []string{"drill", "drill/format", "drill/preflight", "drill/runbook", "drill/topology"}},
	{"drill/trust", []string{"drill", "drill/format", "drill/identity", "drill/runbook", "drill/topology"}},
	{"drill/store", []string{"drill/role", "drill/topology"}},
	{"drill/gauge", []string{"drill/format", "drill/runbook", "drill/topology"}},
	{"drill/action/rule", []string{"drill", "drill/format", "drill/gauge", "drill/measure", "drill/runbook", "drill/succession", "drill/topology", "drill/trust"}},
	{"drill/impact/timing", []string{"drill/runbook", "drill/topology"}},
	{"drill/readiness", []string{"drill", "drill/action/rule", "drill/attribution", "drill/config", "drill/format", "drill/impact/timing", "drill/measure", "drill/measure/gitops", "drill/preflight", "drill/runbook", "drill/succession", "drill/topology", "drill/traffic/policy", "drill/trust"}},
	{"drill/readiness/requirement", []string{"drill", "drill/format", "drill/preflight", "drill/readiness", "drill/runbook"}},
	{"drill/impact/recovery", []string{"drill/measure"}},
	{"drill/impact/ahead", []string{"drill", "drill/runbook", "drill/topology"}},
	{"drill/impact/rollout", []string{"drill", "drill/attribution", "drill/config", "drill/format", "drill/measure", "drill/topology"}},
	{"drill/impact/ground", []string{"drill", "drill/attribution", "drill/gauge", "drill/measure", "drill/store", "drill/topology"}},
	{"drill/impact/loss", []string{"drill", "drill/impact/ground", "drill/impact/timing", "drill/measure", "drill/runbook", "drill/topology"}},
	{"drill/impact/pool", []string{"drill/impact/recovery"}},
	{"drill/impact/shift", []string{"drill", "drill/format", "drill/measure", "drill/topology", "drill/traffic/policy"}},
	{"drill/impact/wording", []string{"drill", "drill/format", "drill/measure", "drill/runbook"}},
	{"drill/impact", []string{"drill", "drill/attribution", "drill/config", "drill/format", "drill/identity", "drill/impact/ahead", "drill/impact/ground", "drill/impact/loss", "drill/impact/pool", "drill/impact/recovery", "drill/impact/rollout", "drill/impact/shift", "drill/impact/timing", "drill/impact/wording", "drill/measure", "drill/preflight", "drill/readiness", "drill/runbook", "drill/store", "drill/succession", "drill/telemetry", "drill/topology", "drill/traffic/policy", "drill/trust"}},
	{"drill/action/param", []string{"drill", "drill/action/rule", "drill/measure", "drill/quantity", "drill/runbook", "drill/topology"}},
	{"drill/action/port", []string{"drill", "drill/gauge", "drill/runbook", "drill/topology"}},
	{"drill/action/warning", []string{"drill", "drill/action/rule", "drill/format", "drill/measure", "drill/runbook", "drill/succession", "drill/topology"}},
	{"drill/action", []string{"drill", "drill/action/param", "drill/action/port", "drill/action/rule", "drill/action/warning", "drill/clean", "drill/config", "drill/config/change", "drill/fate", "drill/format", "drill/gauge", "drill/impact", "drill/impact/rollout", "drill/measure", "drill/measure/gitops", "drill/readiness", "drill/runbook", "drill/scribe", "drill/topology", "drill/traffic/policy", "drill/trust"}},
	{"drill/action/conflict", []string{"drill", "drill/action", "drill/action/param", "drill/action/rule", "drill/gauge", "drill/runbook", "drill/topology"}},
	{"drill/measure/consistency", []string{"drill", "drill/telemetry"}},
	{"drill/verdict", []string{"drill", "drill/action", "drill/format", "drill/measure", "drill/measure/consistency", "drill/measure/cost", "drill/measure/gitops", "drill/measure/retry", "drill/runbook", "drill/telemetry", "drill/topology"}},
	{"drill/limit", []string{"drill", "drill/format", "drill/runbook", "drill/verdict"}},
	{"drill/strict", []string{"drill/clean"}},
	{"drill/scenario/followup", []string{"drill", "drill/action/rule", "drill/runbook", "drill/topology"}},
	{"drill/scenario/catalog", []string{"drill/strict"}},
	{"drill/clusterconfig", []string{"drill/scenario/catalog", "drill/strict", "kindconfigs"}},
	{"drill/scenario/gateways", []string{"drill/strict", "drill/topology"}},
	{"drill/scenario/remark", []string{"drill/clusterconfig", "drill/strict", "drill/topology"}},
	{"drill/scenario/configfile", []string{"drill/strict", "drill/topology"}},
	{"drill/scenario/preparation", []string{"drill/runbook", "drill/strict"}},
	{"drill/scenario", []string{"drill", "drill/action", "drill/action/param", "drill/action/rule", "drill/clusterconfig", "drill/format", "drill/limit", "drill/place", "drill/quantity", "drill/runbook", "drill/scenario/catalog", "drill/scenario/configfile", "drill/scenario/followup", "drill/scenario/gateways", "drill/scenario/preparation", "drill/store", "drill/strict", "drill/topology", "drill/traffic/policy", "drill/verdict", "kindconfigs"}},
	{"drill/config/repository", []string{"drill/clean", "drill/config", "drill/strict"}},
	{"drill/config/render", []string{"drill/config"}},
	{"drill/config/seed", []string{"drill/config", "drill/config/routing", "drill/topology"}},
	{"drill/config/source", []string{"drill/config", "drill/config/render", "drill/config/repository", "drill/config/routing"}},
	{"drill/config/reconciler", []string{"drill", "drill/config", "drill/topology"}},
	{"drill/journal", []string{"drill", "drill/clean", "drill/telemetry"}},
	{"drill/feed/events", []string{"drill", "drill/journal"}},
	{"drill/feed/metrics", []string{"drill", "drill/listen", "drill/measure"}},
	{"drill/feed/webhook", []string{"drill", "drill/clean", "drill/format", "drill/measure"}},
	{"drill/journal/player", []string{"drill"}},
	{"drill/journal/sample", nil},
	{"drill/report/file", nil},
	{"drill/report", []string{"drill", "drill/attribution", "drill/clean", "drill/config", "drill/fate", "drill/format", "drill/identity", "drill/measure", "drill/measure/consistency", "drill/measure/cost", "drill/measure/curve", "drill/measure/domain", "drill/measure/gitops", "drill/measure/people", "drill/measure/retry", "drill/preflight", "drill/report/file", "drill/runbook", "drill/scribe", "drill/telemetry", "drill/topology", "drill/verdict"}},
	{"drill/report/markdown", []string{"drill/clean", "drill/format"}},
	{"drill/report/drawing", []string{"drill/format", "drill/measure/curve", "drill/report/markdown"}},
	{"drill/report/frames", []string{"drill", "drill/clean", "drill/condition", "drill/format", "drill/journal/player", "drill/measure"}},
	{"drill/report/single", []string{"drill", "drill/clean", "drill/format", "drill/measure", "drill/measure/curve", "drill/report", "drill/report/drawing", "drill/report/file", "drill/report/frames", "drill/report/markdown", "drill/verdict"}},
	{"drill/report/compared", []string{"drill/comparison", "drill/format", "drill/report", "drill/report/drawing", "drill/report/file", "drill/report/markdown"}},
	{"drill/ledger", []string{"drill"}},
	{"drill/history", nil},
	{"drill/history/edn", []string{"drill/history"}},
	{"drill/history/linear", []string{"drill/history"}},
	{"drill/bus", []string{"drill"}},
	{"drill/network", []string{"drill", "drill/link", "drill/telemetry", "drill/topology"}},
	{"drill/network/names", []string{"drill/listen"}},
	{"drill/store/diverged", []string{"drill/store"}},
	{"drill/store/snapshot", []string{"drill/store", "drill/topology"}},
	{"drill/store/replica", []string{"drill/role", "drill/store", "drill/topology"}},
	{"drill/store/replica/conformance", []string{"drill/role", "drill/store", "drill/store/diverged", "drill/topology"}},
	{"drill/store/log", []string{"drill/store", "drill/store/diverged", "drill/store/replica", "drill/store/snapshot", "drill/topology"}},
	{"drill/store/postgres/server", []string{"drill/pause", "drill/store", "drill/topology"}},
	{"drill/store/postgres/proxy", []string{"drill/store/postgres/server", "drill/store/replica"}},
	{"drill/store/postgres/history", []string{"drill/store", "drill/store/diverged", "drill/store/postgres/server"}},
	{"drill/store/postgres/timeline", []string{"drill/store/postgres/history", "drill/store/postgres/proxy", "drill/store/postgres/server"}},
	{"drill/store/postgres/risk", nil},
	{"drill/store/postgres", []string{"drill/pause", "drill/store", "drill/store/diverged", "drill/store/postgres/history", "drill/store/postgres/proxy", "drill/store/postgres/risk", "drill/store/postgres/server", "drill/store/postgres/timeline", "drill/store/replica", "drill/topology"}},
	{"drill/agent/wire", []string{"drill/clean", "drill/config", "drill/identity", "drill/store", "drill/topology"}},
	{"drill/config/agents", []string{"drill/agent/wire", "drill/config", "drill/config/reconciler"}},
	{"drill/agent/inprocess", nil},
	{"drill/agent/answer", []string{"drill/agent/wire", "drill/identity", "drill/topology"}},
	{"drill/agent/front", []string{"drill/agent/answer", "drill/agent/wire", "drill/identity", "drill/identity/workload"}},
	{"drill/agent/apiserver", []string{"drill/pause"}},
	{"drill/agent/discovery", []string{"drill/agent/apiserver", "drill/agent/wire", "drill/pause", "drill/role", "drill/store", "drill/topology"}},
	{"drill/agent/peers", []string{"drill/agent/answer", "drill/agent/wire", "drill/store", "drill/topology"}},
	{"drill/agent/objects", []string{"drill/agent/answer", "drill/agent/apiserver", "drill/agent/wire", "drill/config"}},
	{"drill/agent/web", []string{"drill/agent/answer", "drill/agent/wire", "drill/config", "drill/pause", "drill/store", "drill/topology"}},
	{"drill/agent/zone", []string{"drill/agent/wire"}},
	{"drill/agent", []string{"drill/agent/answer", "drill/agent/apiserver", "drill/agent/discovery", "drill/agent/front", "drill/agent/inprocess", "drill/agent/objects", "drill/agent/peers", "drill/agent/web", "drill/agent/wire", "drill/agent/zone", "drill/config", "drill/identity/workload", "drill/instrument", "drill/role", "drill/store", "drill/store/diverged", "drill/store/log", "drill/store/postgres", "drill/topology"}},
	{"drill/agent/binary", []string{"drill/build"}},
	{"drill/agent/process", []string{"drill/agent", "drill/agent/wire", "drill/agent/zone", "drill/build", "drill/topology"}},
	{"drill/traffic/zone", []string{"drill/listen", "drill/topology", "drill/traffic/policy"}},
	{"drill/traffic/failure", []string{"drill/agent/wire", "drill/telemetry", "drill/traffic/policy"}},
	{"drill/traffic/router", []string{"drill", "drill/pause", "drill/topology", "drill/traffic/failure", "drill/traffic/policy"}},
	{"drill/traffic", []string{"drill", "drill/agent/wire", "drill/history", "drill/pause", "drill/store", "drill/telemetry", "drill/topology", "drill/traffic/failure", "drill/traffic/policy", "drill/traffic/zone"}},
	{"drill/visitor", []string{"drill", "drill/clean", "drill/format", "drill/listen", "drill/telemetry", "drill/topology"}},
	{"drill/controller/acks", nil},
	{"drill/controller/candidate", []string{"drill/preflight", "drill/store", "drill/succession", "drill/topology"}},
	{"drill/controller/cause", []string{"drill/topology"}},
	{"drill/controller/exports", []string{"drill"}},
	{"drill/controller/health", []string{"drill/format", "drill/role", "drill/store", "drill/topology"}},
	{"drill/controller/round", []string{"drill/store"}},
	{"drill/controller/splitbrain", []string{"drill"}},
	{"drill/controller/exchange", []string{"drill", "drill/controller/acks", "drill/controller/cause", "drill/controller/splitbrain", "drill/preflight", "drill/runbook", "drill/store", "drill/topology"}},
	{"drill/controller/refusal", []string{"drill/controller/exchange", "drill/controller/health", "drill/runbook", "drill/store", "drill/topology"}},
	{"drill/controller", []string{"drill", "drill/controller/acks", "drill/controller/candidate", "drill/controller/cause", "drill/controller/exchange", "drill/controller/exports", "drill/controller/health", "drill/controller/refusal", "drill/controller/round", "drill/controller/splitbrain", "drill/format", "drill/preflight", "drill/role", "drill/runbook", "drill/store", "drill/telemetry", "drill/topology"}},
	{"drill/controller/runner", []string{"drill", "drill/agent/wire", "drill/attribution", "drill/controller", "drill/controller/acks", "drill/controller/exchange", "drill/controller/splitbrain", "drill/ledger", "drill/preflight", "drill/readiness", "drill/role", "drill/runbook", "drill/store", "drill/store/diverged", "drill/telemetry", "drill/topology"}},
	{"drill/fleet", []string{"drill", "drill/config", "drill/config/reconciler", "drill/store", "drill/topology"}},
	{"drill/fleet/record", []string{"drill/fleet", "drill/topology"}},
	{"drill/fleet/host", []string{"drill/format", "drill/pause", "drill/store"}},
	{"drill/fleet/gateway", []string{"drill/agent/wire", "drill/pause", "drill/store"}},
	{"drill/fleet/kube", []string{"drill", "drill/pause", "drill/store/postgres/server", "drill/telemetry", "drill/topology", "kindconfigs"}},
	{"drill/fleet/kindfleet/kindcluster", []string{"drill/clusterconfig", "drill/fleet/host", "drill/pause", "kindconfigs"}},
	{"drill/fleet/kindfleet/image", []string{"drill/agent/binary", "drill/clusterconfig", "drill/fleet/host", "drill/fleet/kube", "drill/store", "drill/topology"}},
	{"drill/fleet/kube/mcs", []string{"drill/fleet", "drill/topology"}},
	{"drill/fleet/kindfleet/removal", []string{"drill/fleet/host", "drill/fleet/record", "drill/pause"}},
	{"drill/fleet/kindfleet/underway", nil},
	{"drill/fleet/kindfleet/wanted", []string{"drill/topology"}},
	{"drill/fleet/kube/governed", []string{"drill/config", "drill/config/reconciler"}},
	{"drill/fleet/ahead", []string{"drill/config", "drill/config/reconciler", "drill/fleet"}},
	{"drill/fleet/kindfleet", []string{"drill", "drill/agent/wire", "drill/build", "drill/config", "drill/config/reconciler", "drill/fleet", "drill/fleet/ahead", "drill/fleet/gateway", "drill/fleet/host", "drill/fleet/kindfleet/image", "drill/fleet/kindfleet/kindcluster", "drill/fleet/kindfleet/removal", "drill/fleet/kindfleet/underway", "drill/fleet/kindfleet/wanted", "drill/fleet/kube", "drill/fleet/kube/governed", "drill/fleet/kube/mcs", "drill/fleet/record", "drill/format", "drill/pause", "drill/telemetry", "drill/topology"}},
	{"drill/fleet/localfleet/below", []string{"drill/fleet/record", "drill/pause", "drill/store"}},
	{"drill/fleet/localfleet/argument", []string{"drill/topology"}},
	{"drill/fleet/localfleet", []string{"drill", "drill/agent/wire", "drill/build", "drill/fleet", "drill/fleet/gateway", "drill/fleet/localfleet/argument", "drill/fleet/localfleet/below", "drill/fleet/record", "drill/format", "drill/pause", "drill/store", "drill/store/postgres/server", "drill/telemetry", "drill/topology"}},
	{"drill/fleet/platforms", []string{"drill/fleet", "drill/fleet/host", "drill/fleet/kindfleet", "drill/fleet/kindfleet/image", "drill/fleet/localfleet", "drill/topology"}},
	{"drill/hub", []string{"drill", "drill/agent/wire", "drill/controller/exchange", "drill/topology", "drill/traffic/failure", "drill/traffic/router"}},
	{"drill/control", []string{"drill/fate", "drill/preflight", "drill/runbook"}},
	{"drill/config/governor", []string{"drill", "drill/agent/wire", "drill/config", "drill/config/agents", "drill/config/change", "drill/config/reconciler", "drill/config/render", "drill/config/repository", "drill/config/routing", "drill/config/seed", "drill/config/source", "drill/fleet", "drill/format", "drill/pause", "drill/topology"}},
	{"drill/tracer", []string{"drill", "drill/agent/wire", "drill/fate", "drill/store", "drill/store/diverged", "drill/topology"}},
	{"drill/signer", []string{"drill", "drill/agent/wire", "drill/bus", "drill/format", "drill/identity", "drill/identity/authority", "drill/identity/workload", "drill/topology"}},
	{"drill/provision", []string{"drill", "drill/agent/wire", "drill/bus", "drill/config/governor", "drill/fleet", "drill/format", "drill/pause", "drill/signer", "drill/topology"}},
	{"drill/engine/unserved", []string{"drill", "drill/agent/wire"}},
	{"drill/discovery", []string{"drill", "drill/agent/wire", "drill/bus", "drill/fleet", "drill/telemetry", "drill/topology"}},
	{"drill/engine/capacity", []string{"drill/format", "drill/topology", "drill/traffic"}},
	{"drill/engine/outage", []string{"drill", "drill/measure"}},
	{"drill/engine", []string{"drill", "drill/action", "drill/action/conflict", "drill/action/param", "drill/action/port", "drill/action/rule", "drill/agent/wire", "drill/attribution", "drill/bus", "drill/config/governor", "drill/control", "drill/controller", "drill/controller/exchange", "drill/controller/runner", "drill/discovery", "drill/engine/capacity", "drill/engine/outage", "drill/engine/unserved", "drill/fate", "drill/fleet", "drill/format", "drill/history", "drill/hub", "drill/instrument", "drill/ledger", "drill/limit", "drill/measure", "drill/measure/gitops", "drill/network", "drill/network/names", "drill/readiness", "drill/readiness/requirement", "drill/role", "drill/runbook", "drill/signer", "drill/store", "drill/telemetry", "drill/topology", "drill/tracer", "drill/traffic", "drill/traffic/router", "drill/traffic/zone", "drill/verdict", "drill/visitor"}},
	{"tui/style", nil},
	{"tui/canvas", []string{"drill/clean", "tui/style"}},
	{"tui/chart", []string{"tui/canvas", "tui/style"}},
	{"tui/picture", []string{"drill/format", "drill/measure/curve", "tui/canvas", "tui/chart", "tui/style"}},
	{"tui/show", []string{"drill", "drill/condition", "drill/format", "drill/measure", "drill/role", "drill/telemetry", "drill/topology", "tui/canvas", "tui/style"}},
	{"tui/fleetmap", []string{"drill", "drill/condition", "drill/format", "drill/measure", "drill/topology", "drill/traffic/policy", "tui/canvas", "tui/chart", "tui/show", "tui/style"}},
	{"tui/written", []string{"drill", "drill/fate", "drill/format", "tui/canvas", "tui/style"}},
	{"tui/pane/data", []string{"drill", "drill/format", "drill/measure", "drill/measure/consistency", "drill/measure/cost", "drill/role", "drill/store", "drill/telemetry", "tui/canvas", "tui/chart", "tui/fleetmap", "tui/show", "tui/style", "tui/written"}},
	{"tui/pane/links", []string{"drill", "drill/format", "drill/measure", "drill/telemetry", "tui/canvas", "tui/chart", "tui/show", "tui/style"}},
	{"tui/pane/recovery", []string{"docs", "drill", "drill/format", "drill/measure", "drill/verdict", "tui/canvas", "tui/chart", "tui/show", "tui/style"}},
	{"tui/pane/traffic", []string{"drill", "drill/format", "drill/measure", "drill/measure/retry", "drill/series", "drill/telemetry", "tui/canvas", "tui/chart", "tui/show", "tui/style"}},
	{"tui/pane/configuration", []string{"drill/config", "drill/format", "drill/measure/gitops", "drill/topology", "tui/canvas", "tui/show", "tui/style"}},
	{"tui/pane", []string{"drill", "drill/config", "drill/estimate", "drill/format", "drill/identity", "drill/measure", "drill/measure/domain", "drill/measure/gitops", "drill/measure/retry", "drill/preflight", "drill/readiness", "drill/telemetry", "drill/topology", "drill/trust", "tui/canvas", "tui/chart", "tui/fleetmap", "tui/pane/configuration", "tui/pane/data", "tui/pane/links", "tui/pane/recovery", "tui/pane/traffic", "tui/show", "tui/style"}},
	{"tui/layout", []string{"drill", "tui/chart", "tui/fleetmap", "tui/pane"}},
	{"tui/keys", []string{"drill", "drill/action", "drill/action/conflict", "drill/action/param", "drill/action/rule", "drill/format", "drill/measure", "drill/runbook", "drill/topology", "tui/pane", "tui/show", "tui/style"}},
	{"tui/dialog", []string{"docs", "drill", "drill/action", "drill/action/param", "drill/clean", "drill/comparison", "drill/format", "drill/measure", "drill/runbook", "drill/verdict", "tui/canvas", "tui/keys", "tui/layout", "tui/pane", "tui/style"}},
	{"tui/page", []string{"docs", "drill", "drill/action", "drill/action/param", "drill/clean", "drill/estimate", "drill/format", "drill/journal/player", "drill/measure", "drill/runbook", "drill/telemetry", "tui/canvas", "tui/chart", "tui/fleetmap", "tui/keys", "tui/layout", "tui/pane", "tui/show", "tui/style"}},
	{"tui/page/result", []string{"drill", "drill/format", "drill/measure", "drill/measure/cost", "drill/measure/domain", "drill/measure/retry", "drill/verdict", "tui/canvas", "tui/keys", "tui/layout", "tui/page", "tui/pane", "tui/pane/data", "tui/pane/recovery", "tui/picture", "tui/show", "tui/style", "tui/written"}},
	{"tui/page/compared", []string{"drill", "drill/comparison", "drill/format", "drill/measure", "tui/canvas", "tui/keys", "tui/layout", "tui/page", "tui/picture", "tui/show", "tui/style"}},
	{"tui/page/start", []string{"drill", "drill/clean", "drill/format", "tui/canvas", "tui/keys", "tui/layout", "tui/page", "tui/style"}},
	{"tui/settings", []string{"drill/strict", "tui/keys"}},
	{"tui", []string{"drill", "drill/action", "drill/journal/player", "drill/runbook", "tui/canvas", "tui/dialog", "tui/keys", "tui/layout", "tui/page", "tui/page/compared", "tui/page/result", "tui/page/start", "tui/pane", "tui/show", "tui/style"}},
	{"cmd/fleetdrill-agent", []string{"drill/agent/process"}},
	{"cmd/fleetdrill/shipped", []string{"drill/fleet/platforms", "drill/format", "drill/place", "drill/runbook", "drill/scenario", "drill/strict", "drill/topology", "kindconfigs", "tui"}},
	{"cmd/fleetdrill/about", []string{"cmd/fleetdrill/shipped", "drill/build"}},
	{"cmd/fleetdrill/configure", []string{"cmd/fleetdrill/shipped", "drill/action", "drill/fleet/platforms", "drill/scenario", "drill/scenario/catalog", "tui/keys", "tui/settings", "tui/style"}},
	{"cmd/fleetdrill/outside", []string{"cmd/fleetdrill/shipped", "drill/action", "drill/control", "drill/fate", "drill/fleet", "drill/fleet/record", "drill/format", "drill/preflight", "drill/runbook", "drill/topology", "tui"}},
	{"cmd/fleetdrill/past", []string{"cmd/fleetdrill/shipped", "drill", "drill/clean", "drill/comparison", "drill/fleet", "drill/fleet/record", "drill/format", "drill/journal", "drill/journal/sample", "drill/report", "drill/report/compared", "drill/report/single", "tui"}},
	{"cmd/fleetdrill/feeds", []string{"drill", "drill/clean", "drill/feed/events", "drill/feed/metrics", "drill/feed/webhook"}},
	{"cmd/fleetdrill/tty", []string{"drill/clean", "tui/style"}},
	{"cmd/fleetdrill", []string{"cmd/fleetdrill/about", "cmd/fleetdrill/configure", "cmd/fleetdrill/feeds", "cmd/fleetdrill/outside", "cmd/fleetdrill/past", "cmd/fleetdrill/shipped", "cmd/fleetdrill/tty", "drill", "drill/action", "drill/agent/binary", "drill/agent/process", "drill/agent/wire", "drill/build", "drill/config/governor", "drill/control", "drill/engine", "drill/engine/capacity", "drill/estimate", "drill/estimate/last", "drill/fleet", "drill/fleet/host", "drill/fleet/platforms", "drill/fleet/record", "drill/format", "drill/history", "drill/journal", "drill/provision", "drill/runbook", "drill/scenario", "drill/scenario/catalog", "drill/scenario/remark", "drill/strict", "drill/topology", "tui", "tui/keys", "tui/style"}},
}

// Heavy libraries stay in one room each.
var onlyImporter = map[string]string{
	"sigs.k8s.io/kind":                       "drill/fleet/kindfleet",
	"k8s.io/":                                "drill/fleet/kube",
	"github.com/google/go-containerregistry": "drill/fleet/kindfleet",
	"github.com/go-git/":                     "drill/config/repository",
	"sigs.k8s.io/kustomize/":                 "drill/config", // api in render, kyaml in change too
	"go.etcd.io/bbolt":                       "drill/store/log",
	"github.com/pelletier/go-toml":           "drill/clusterconfig",
	"github.com/jackc/pgx":                   "drill/store/postgres",
	"charm.land/":                            "tui",
	"github.com/spf13/cobra":                 "cmd/fleetdrill",
	"github.com/muesli/mango":                "cmd/fleetdrill",
	"github.com/spiffe/go-spiffe":            "drill/identity",
	"github.com/hashicorp/go-retryablehttp":  "drill/feed/webhook",
	"github.com/anishathalye/porcupine":      "drill/history/linear",
}

func TestImports(t *testing.T) {
	mayImport, seen := map[string][]string{}, map[string]bool{}
	for _, r := range house {
		for _, imported := range r.imports {
			if _, below := mayImport[imported]; !below {
				t.Errorf("%s is to import %s, which does not stand below it", r.room, imported)
			}
		}
		mayImport[r.room] = r.imports
	}
	for _, p := range packages(t) {
		room, inside := strings.CutPrefix(p.ImportPath, module)
		if !inside {
			continue // the root holds these tests only
		}
		allowed, known := mayImport[room]
		if !known {
			t.Errorf("%s is a room that layout_test.go does not know: say there what it imports", room)
			continue
		}
		seen[room] = true
		for _, imported := range p.Imports {
			if ours, is := strings.CutPrefix(imported, module); is {
				if !slices.Contains(allowed, ours) {
					t.Errorf("%s imports %s, which the layout does not allow", room, ours)
				}
				continue
			}
			for library, owner := range onlyImporter {
				if strings.HasPrefix(imported, library) && room != owner && !strings.HasPrefix(room, owner+"/") {
					t.Errorf("%s imports %s: only %s may", room, imported, owner)
				}
			}
			if room == "drill" && strings.Contains(imported, ".") {
				t.Errorf("drill imports %s: it uses the standard library only", imported)
			}
		}
		for _, a := range allowed {
			if !slices.Contains(p.Imports, module+a) {
				t.Errorf("%s does not import %s: take the arrow out of the layout", room, a)
			}
		}
	}
	for _, r := range house {
		if !seen[r.room] {
			t.Errorf("%s is in the layout and not in the tree", r.room)
		}
	}
}

type listed struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if len(all) < 5 {
		t.Fatalf("go list names only %d packages", len(all))
	}
	return all
}
