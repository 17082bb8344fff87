package engine

import (
	"context"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/control"
	"github.com/fleetdrill/fleetdrill/drill/traffic"
	"github.com/fleetdrill/fleetdrill/drill/visitor"
)

// invite lets people ask as users, and says where. A drill goes on without them where the machine has no port for it.
func (e *Engine) invite(p *parts) {
	visitors, err := visitor.Start(visitor.Config{Fleet: p.spec, Now: e.bus.Now, Ask: func(ctx context.Context, r visitor.Request) (visitor.Answer, error) {
		out, err := p.users.Visit(ctx, traffic.Visit(r))
		return visitor.Answer(out), err
	}})
	if err != nil {
		e.bus.Emit(drill.TaskFailed{Task: "let people ask as users", Error: err.Error(), Next: "drill without them"})
		return
	}
	p.visitors = visitors
	e.bus.Emit(drill.VisitorsInvited{URL: visitors.URL()})
}

// visited is what people asked since it was last asked for; false where nobody did.
func (p *parts) visited() (drill.VisitorsSampled, bool) {
	if p.visitors == nil {
		return drill.VisitorsSampled{}, false
	}
	return p.visitors.Sample()
}

// Visitors says where people can ask as users.
func (d desk) Visitors() (a control.Answer) {
	d.engine.bus.View(func(s *drill.State) { a.VisitorURL = s.VisitorURL })
	return a
}
