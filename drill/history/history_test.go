package history_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/fleetdrill/fleetdrill/drill/history"
	"github.com/fleetdrill/fleetdrill/drill/history/edn"
)

// disk is a file in memory that can be full, hang, or be closed twice.
type disk struct {
	mu     sync.Mutex
	bytes  bytes.Buffer
	room   int // bytes that it takes; 0 is any
	hold   chan struct{}
	asked  chan struct{} // closed once a write hangs in hold
	closed int
}

func (d *disk) Write(p []byte) (int, error) {
	if d.hold != nil {
		if d.asked != nil {
			close(d.asked)
			d.asked = nil
		}
		<-d.hold
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.room > 0 && d.bytes.Len()+len(p) > d.room {
		return 0, syscall.ENOSPC
	}
	return d.bytes.Write(p)
}

func (d *disk) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed++
	return nil
}

func (d *disk) ops(t *testing.T) []Op {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	all, err := edn.ReadAll(bytes.NewReader(d.bytes.Bytes()))
	if err != nil {
		t.Fatalf("%v in\n%s", err, d.bytes.String())
	}
	if err := WellFormed(all); err != nil {
		t.Fatal(err)
	}
	if d.closed != 1 {
		t.Errorf("the file was closed %d times", d.closed)
	}
	return all
}

// clock goes on by a microsecond with each look.
func clock() func() time.Duration {
	var now time.Duration
	return func() time.Duration { now += time.Microsecond; return now }
}

// The lines are what Jepsen's tools read: this is the promise to them, to the letter.
func TestTheForm(t *testing.T) {
	d := &disk{}
	r := Record(d, clock())
	w := r.Invoke(Op{F: Write, Dataset: "orders", Key: "1f-1", Value: Is("c0ffee"), Population: "eu", Region: "eu-west"})
	g := r.Invoke(Op{F: LocalRead, Dataset: "orders", Key: "1f-0", Population: "us", Region: "us-east"})
	r.OK(w, Found{Node: "us-east", Epoch: 2, Position: 41})
	r.OK(g, Found{Value: Nil, Node: "us-east"})
	lost := r.Invoke(Op{F: Write, Dataset: "orders", Key: "1f-2", Value: Is("beef"), Population: "eu", Region: "eu-west"})
	r.Info(lost, "timeout")
	next := r.Invoke(Op{F: Read, Dataset: "orders", Key: "1f-2", Region: "eu-west"})
	r.Fail(next, "say \"no\"\n\x1b")
	if err := r.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := `{:process 0, :type :invoke, :f :write, :key "1f-1", :value "c0ffee", :time 1000, :index 0, :dataset "orders", :population "eu", :region "eu-west"}
{:process 1, :type :invoke, :f :local-read, :key "1f-0", :value nil, :time 2000, :index 1, :dataset "orders", :population "us", :region "us-east"}
{:process 0, :type :ok, :f :write, :key "1f-1", :value "c0ffee", :time 3000, :index 2, :dataset "orders", :population "eu", :region "eu-west", :node "us-east", :epoch 2, :position 41}
{:process 1, :type :ok, :f :local-read, :key "1f-0", :value nil, :time 4000, :index 3, :dataset "orders", :population "us", :region "us-east", :node "us-east"}
{:process 1, :type :invoke, :f :write, :key "1f-2", :value "beef", :time 5000, :index 4, :dataset "orders", :population "eu", :region "eu-west"}
{:process 1, :type :info, :f :write, :key "1f-2", :value "beef", :time 6000, :index 5, :dataset "orders", :population "eu", :region "eu-west", :error "timeout"}
{:process 0, :type :invoke, :f :read, :key "1f-2", :value nil, :time 7000, :index 6, :dataset "orders", :region "eu-west"}
{:process 0, :type :fail, :f :read, :key "1f-2", :value nil, :time 8000, :index 7, :dataset "orders", :region "eu-west", :error "say \"no\"\n\u001b"}
`
	if got := d.bytes.String(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	ops := d.ops(t)
	if len(ops) != 8 || ops[7].Error != "say \"no\"\n\x1b" || ops[2].Position != 41 {
		t.Errorf("read back %+v", ops)
	}
}

// Whatever an operation has in it comes back.
func TestOperationsComeBack(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	texts := []string{"", "a b", "é世", `"`, `\`, "\n\t\r\x00", "nil", ":k", "{}", strings.Repeat("x", 300), "\u202e"}
	text := func() string { return texts[rng.IntN(len(texts))] }
	for range 500 {
		op := Op{
			Index: rng.IntN(9), Time: time.Duration(rng.Int64()), Process: rng.IntN(9),
			Type: []Type{Invoke, OK, Fail, Info}[rng.IntN(4)], F: []F{Write, Read, LocalRead}[rng.IntN(3)],
			Key: text(), Dataset: text(), Population: text(), Region: text(), Node: text(), Error: text(),
			Epoch: uint64(rng.IntN(3)), Position: uint64(rng.Int64()),
		}
		if rng.IntN(2) == 0 {
			op.Value = Is(text())
		}
		back, err := edn.ReadAll(bytes.NewReader(append(op.Line(), '\n')))
		if err != nil || len(back) != 1 || !reflect.DeepEqual(back[0], op) {
			t.Fatalf("%+v came back as %+v, %v", op, back, err)
		}
	}
}

// A disk that takes nothing for a while holds up nobody who measures. What does not fit
// ends the history, which stays a valid one of the time before, and that is said.
func TestNobodyWaitsForTheDisk(t *testing.T) {
	asked := make(chan struct{})
	d := &disk{hold: make(chan struct{}), asked: asked}
	r := RecordIn(d, clock(), 10)
	first := r.Invoke(Op{F: Write, Key: "first", Value: Is("v"), Dataset: "orders"})
	<-asked // it hangs: from here on nothing leaves the queue
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 1000 {
			c := r.Invoke(Op{F: Write, Key: "k", Value: Is("v"), Dataset: "orders"})
			r.OK(c, Found{})
		}
		r.OK(first, Found{})
	}()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatal("a caller waits for the disk")
	}
	short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := r.Close(short); err == nil || !strings.Contains(err.Error(), "does not answer") {
		t.Errorf("closed while the disk hangs: %v", err)
	}
	close(d.hold)
	if err := r.Close(t.Context()); !errors.Is(err, ErrBehind) {
		t.Errorf("%v, want ErrBehind", err)
	}
	if n := len(d.ops(t)); n != 11 {
		t.Errorf("%d operations are there, want the first and the 10 that there was room for", n)
	}
}

func after(d time.Duration) (<-chan time.Time, func()) {
	timer := time.NewTimer(d)
	return timer.C, func() { timer.Stop() }
}

// Who waits for the disk at the end does so until it hangs, or nobody wants to wait any longer.
func TestAHungDiskHoldsNobody(t *testing.T) {
	for name, c := range map[string]struct {
		leave time.Duration // 0 is never
		took  time.Duration
		want  error
	}{"it hangs": {0, Hangs, ErrHung}, "somebody wants the end": {time.Second, time.Second, context.Canceled}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := &disk{hold: make(chan struct{})}
				r := RecordIn(d, clock(), 10)
				ctx, leave := context.WithCancel(t.Context())
				defer leave()
				r.Backpressure(ctx, after)
				if c.leave > 0 {
					time.AfterFunc(c.leave, leave)
				}
				first := r.Invoke(Op{F: Read, Key: "k", Dataset: "orders"})
				synctest.Wait() // the disk has hung: the writer takes no more
				began := time.Now()
				r.OK(first, Found{})
				for range 1000 {
					r.OK(r.Invoke(Op{F: Read, Key: "k", Dataset: "orders"}), Found{})
				}
				r.Written(0)
				limited, stop := context.WithTimeout(context.Background(), time.Hour)
				if c.want != ErrHung {
					stop()
				}
				err := r.Close(limited)
				stop()
				if took := time.Since(began); took != c.took || err == nil || !strings.Contains(err.Error(), "does not answer") {
					t.Errorf("after %s: %v", took, err)
				}
				close(d.hold) // it works again: what was taken is there
				if err := r.Close(t.Context()); c.want != ErrHung && !errors.Is(err, c.want) {
					t.Errorf("%v, want %v", err, c.want)
				}
				<-r.Ended()
				want := 1 + 10 // what the writer had taken, and the queue's
				if n := len(d.ops(t)); n != want {
					t.Errorf("%d operations, want %d", n, want)
				}
			})
		})
	}
}

func TestAFullDiskIsSaid(t *testing.T) {
	d := &disk{room: 500}
	r := Record(d, clock())
	r.Backpressure(t.Context(), after) // its caller must not wait for good
	for range 200_000 {
		r.OK(r.Invoke(Op{F: Write, Key: "k", Value: Is("v")}), Found{})
	}
	err := r.Close(t.Context())
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "make room") {
		t.Errorf("%v", err)
	}
	if d.closed != 1 {
		t.Errorf("closed %d times", d.closed)
	}
	if again := r.Close(t.Context()); again == nil || again.Error() != err.Error() {
		t.Errorf("closed again: %v", again)
	}
	r.OK(r.Invoke(Op{F: Write, Key: "late"}), Found{}) // after the end: nothing
}

func TestManyCallersMakeOneHistory(t *testing.T) {
	d := &disk{}
	var now time.Duration
	r := Record(d, func() time.Duration { now++; return now }) // only the lock makes this right
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			for j := range 40 {
				c := r.Invoke(Op{F: Write, Key: "k", Value: Is("v")})
				switch {
				case (i+j)%7 == 0:
					r.Info(c, "timeout")
				case (i+j)%5 == 0:
					r.Fail(c, "shed")
				default:
					r.OK(c, Found{})
				}
			}
		})
	}
	all.Wait()
	if err := r.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	ops := d.ops(t)
	if len(ops) != 4000 {
		t.Fatalf("%d operations", len(ops))
	}
	processes := map[int]bool{}
	infos := 0
	for _, op := range ops {
		processes[op.Process] = true
		if op.Type == Info {
			infos++
		}
	}
	if len(processes) > infos+50 {
		t.Errorf("%d processes for 50 callers and %d unknown ends: none is used again", len(processes), infos)
	}
}

func TestANilRecorderKeepsNothing(t *testing.T) {
	var r *Recorder
	c := r.Invoke(Op{F: Write})
	r.OK(c, Found{})
	r.Fail(c, "")
	r.Info(c, "")
	r.Backpressure(t.Context(), after)
	if err := r.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestWhatIsNoHistory(t *testing.T) {
	op := func(index int, at time.Duration, process int, typ Type, key string) Op {
		return Op{Index: index, Time: at, Process: process, Type: typ, F: Write, Key: key}
	}
	for name, ops := range map[string][]Op{
		"two at once":          {op(0, 0, 1, Invoke, "a"), op(1, 1, 1, Invoke, "b")},
		"an end of nothing":    {op(0, 0, 1, OK, "a")},
		"another end":          {op(0, 0, 1, Invoke, "a"), op(1, 1, 1, OK, "b")},
		"life after death":     {op(0, 0, 1, Invoke, "a"), op(1, 1, 1, Info, "a"), op(2, 2, 1, Invoke, "b")},
		"time going back":      {op(0, 5, 1, Invoke, "a"), op(1, 4, 1, OK, "a")},
		"an index for two":     {op(0, 0, 1, Invoke, "a"), op(0, 1, 1, OK, "a")},
		"an end after the end": {op(0, 0, 1, Invoke, "a"), op(1, 1, 1, OK, "a"), op(2, 2, 1, OK, "a")},
	} {
		if err := WellFormed(ops); err == nil {
			t.Errorf("%s is taken for a history", name)
		}
	}
	if err := WellFormed([]Op{op(0, 0, 1, Invoke, "a")}); err != nil {
		t.Errorf("an operation that is open at the end: %v", err)
	}
}

func BenchmarkRecord(b *testing.B) {
	r := Record(nopCloser{io.Discard}, func() time.Duration { return 0 })
	for b.Loop() {
		r.OK(r.Invoke(Op{F: Write, Key: "1f-1", Value: Is("c0ffee"), Dataset: "orders", Population: "eu", Region: "eu-west"}), Found{Node: "us-east", Epoch: 1, Position: 1})
	}
	_ = r.Close(b.Context())
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }
