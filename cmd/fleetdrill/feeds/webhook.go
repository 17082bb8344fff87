package feeds

import (
	"os"

	"github.com/fleetdrill/fleetdrill/drill/feed/webhook"
)

// What of the environment a webhook's address and secret are read from. Flags are seen by whoever lists processes.
const (
	webhookAddress = "FLEETDRILL_WEBHOOK_URL"
	webhookToken   = "FLEETDRILL_WEBHOOK_TOKEN"
)

// secrets takes both out of the environment, so that no process that is started later has them.
func secrets() (address, token string) {
	address, token = os.Getenv(webhookAddress), os.Getenv(webhookToken)
	_, _ = os.Unsetenv(webhookAddress), os.Unsetenv(webhookToken)
	return address, token
}

// webhookFeed is a web address that is told what happens.
type webhookFeed struct{ to *webhook.Target }

func (webhookFeed) name() string { return "--webhook" }

func (w webhookFeed) follow(d Drill, lost func(error)) func() {
	return w.to.Start(d.Subscribe(), lost).Wait
}

// Close implements io.Closer.
func (webhookFeed) Close() error { return nil }
