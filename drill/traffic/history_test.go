package traffic

import (
	"bytes"
	"context"
	"errors"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/history"
	"github.com/fleetdrill/fleetdrill/drill/history/edn"
)

type closing struct{ bytes.Buffer }

func (*closing) Close() error { return nil }

// A history has every request as its user knows it: what nobody can know is unknown, and
// only what never reached a store failed.
func TestTheHistoryIsWhatUsersKnow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var file closing
		var record *history.Recorder
		w := newWorld(t, func(c *UsersConfig) {
			record = history.Record(&file, c.Now)
			c.History = record
			c.Fleet.Users[0].Writes = 0.5
		})
		hangs := errors.New("hangs")
		w.meet(func(a asked) error {
			switch a.n % 6 {
			case 0:
				if a.n%12 == 0 {
					return &wire.Error{Code: wire.CodeNoWeb, Region: a.region}
				}
				return &wire.Error{Code: wire.CodeShed, Region: a.region}
			case 1:
				return &wire.Error{Code: wire.CodeFenced, Region: a.region}
			case 2:
				return syscall.ECONNREFUSED
			case 3:
				<-a.ctx.Done()
				return errors.Join(hangs, a.ctx.Err())
			}
			return nil
		})
		ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
		defer stop()
		w.users.Run(ctx)
		if err := record.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		ops, err := edn.ReadAll(&file.Buffer)
		if err != nil {
			t.Fatal(err)
		}
		if err := history.WellFormed(ops); err != nil {
			t.Fatal(err)
		}
		begun, ended := 0, map[history.F]map[history.Type]int{history.Write: {}, history.LocalRead: {}}
		for _, op := range ops {
			if op.Type == history.Invoke {
				begun++
				continue
			}
			ended[op.F][op.Type]++
			switch {
			case op.Dataset != "orders" || op.Population != "americas" || op.Region != "us":
				t.Fatalf("%+v", op)
			case op.F == history.Write && op.Type == history.Fail && op.Error != "shed" && op.Error != "no web" && op.Error != "refused":
				t.Errorf("a write failed for certain because of %q", op.Error)
			case op.F == history.Write && op.Type == history.Info && op.Error != "fenced" && op.Error != "timeout" && op.Error != "stopped":
				t.Errorf("a write is unknown because of %q", op.Error)
			case op.F == history.Write && op.Type == history.OK:
				payload := w.stored["orders/"+op.Key]
				if op.Value != history.Is(history.Digest(payload)) || op.Node != "eu" || op.Epoch != 7 || op.Position == 0 {
					t.Fatalf("%+v, and %x was stored", op, payload)
				}
			case op.F == history.LocalRead && op.Type == history.Info:
				t.Error("a read without an answer took no effect, and is unknown")
			}
		}
		for f, types := range ended {
			for _, typ := range []history.Type{history.OK, history.Fail} {
				if types[typ] < 20 {
					t.Errorf("%d ends of %s are %s", types[typ], f, typ)
				}
			}
		}
		if n := ended[history.Write][history.Info]; n < 20 {
			t.Errorf("%d writes are unknown", n)
		}
		if begun < 800 {
			t.Errorf("%d operations", begun)
		}
	})
}
