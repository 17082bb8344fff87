package journal

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// blank is an empty body of each kind, made as a journal makes it.
func blank(t *testing.T, kind string) drill.Body {
	t.Helper()
	var e drill.Event
	if err := e.UnmarshalJSON(fmt.Appendf(nil, `{"seq":1,"kind":%q,"body":{}}`, kind)); err != nil {
		t.Fatalf("make a body of kind %s: %v", kind, err)
	}
	if _, unknown := e.Body.(drill.Unknown); unknown {
		t.Fatalf("kind %s is listed and not known", kind)
	}
	return e.Body
}

// filled is a body of the kind with every field set to something that is not
// its zero, so that a field which gets lost on the way is missed.
func filled(t *testing.T, kind string, r *rand.Rand) drill.Body {
	t.Helper()
	empty := blank(t, kind)
	if c, is := empty.(drill.Configured); is { // it is what its news are
		news := reflect.New(reflect.TypeOf(c.News)).Elem()
		fill(t, news, r)
		return drill.Configured{News: news.Interface().(config.News)}
	}
	v := reflect.New(reflect.TypeOf(empty)).Elem()
	fill(t, v, r)
	return v.Interface().(drill.Body)
}

func fill(t *testing.T, v reflect.Value, r *rand.Rand) {
	t.Helper()
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(time.Unix(r.Int64N(4e9), r.Int64N(1e9)).UTC()))
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(r.Int64N(100) + 1)
		if v.Type() == reflect.TypeFor[time.Duration]() {
			v.SetInt(r.Int64N(mostNumber)) // to the nanosecond
		}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(r.Uint64N(100) + 1)
	case reflect.Float32, reflect.Float64:
		v.SetFloat(r.Float64() + 1e-9)
	case reflect.String:
		v.SetString(fmt.Sprintf("%d <é, \"\\\n\t世>", r.IntN(1000)))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem(), r)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1+r.IntN(2), 3))
		for i := range v.Len() {
			fill(t, v.Index(i), r)
		}
	case reflect.Array:
		for i := range v.Len() {
			fill(t, v.Index(i), r)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		key, elem := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(t, key, r)
		fill(t, elem, r)
		v.SetMapIndex(key, elem)
	case reflect.Struct:
		for i := range v.NumField() {
			if !v.Type().Field(i).IsExported() {
				t.Fatalf("%s.%s can't be journalled: it is not exported", v.Type(), v.Type().Field(i).Name)
			}
			fill(t, v.Field(i), r)
		}
		if v.CanAddr() {
			possible(v.Addr().Interface())
		}
	default:
		t.Fatalf("no way to fill a %s", v.Type())
	}
}

// possible makes counts those of as many as there were.
func possible(filled any) {
	switch b := filled.(type) {
	case *telemetry.Population:
		b.Requests, b.TotalRequests = b.OK+b.Failed, b.TotalRequests+b.TotalFailed
		b.AskedNow, b.AskedEver = b.AskedNow+b.AffectedNow, b.AskedEver+b.AffectedEver
	case *telemetry.UserImpact:
		b.Asked += b.Affected
	}
}

// story is a drill of every kind of event, several times over, with the names
// of a fleet in it so that the state takes them in.
func story(t *testing.T, r *rand.Rand) []drill.Event {
	t.Helper()
	start := drill.DrillStarted{Fleet: topology.Fleet{
		Name:     "two",
		Regions:  []topology.Region{{Name: "east"}, {Name: "west"}},
		Users:    []topology.Population{{Name: "near", Count: 10}},
		Datasets: []topology.Dataset{{Name: "orders", Authority: "east", Regions: []string{"east", "west"}}},
	}, On: "local"}
	bodies := []drill.Body{start}
	for range 5 {
		for _, kind := range drill.Kinds() {
			if kind != start.Kind() {
				bodies = append(bodies, named(filled(t, kind, r), r))
			}
		}
	}
	r.Shuffle(len(bodies)-1, func(i, j int) { bodies[i+1], bodies[j+1] = bodies[j+1], bodies[i+1] })
	bodies = append(bodies, drill.Unknown{Name: "comet.seen", Raw: []byte(`{"tail":[1,2,null],"name":"<x>"}`)})
	events := make([]drill.Event, len(bodies))
	at := time.Date(2026, 11, 22, 9, 30, 0, 123456789, time.UTC)
	for i, b := range bodies {
		since := time.Duration(i)*37*time.Millisecond + time.Duration(r.IntN(1000))
		events[i] = drill.Event{Seq: uint64(i + 1), At: at.Add(since), T: since, Body: b}
	}
	return events
}

// named puts names of the fleet into a body's fields, and small ids.
func named(b drill.Body, r *rand.Rand) drill.Body {
	v := reflect.New(reflect.TypeOf(b)).Elem()
	v.Set(reflect.ValueOf(b))
	name(v, r)
	return v.Interface().(drill.Body)
}

func name(v reflect.Value, r *rand.Rand) {
	switch v.Kind() {
	case reflect.Slice:
		for i := range v.Len() {
			name(v.Index(i), r)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Field(i)
			switch v.Type().Field(i).Name {
			case "Region", "From", "To", "Authority":
				if f.Kind() == reflect.String {
					f.SetString([]string{"east", "west"}[r.IntN(2)])
				}
			case "Dataset":
				f.SetString("orders")
			case "Population":
				f.SetString("near")
			case "ID", "Failover", "Fault":
				if f.CanInt() {
					f.SetInt(r.Int64N(3) + 1)
				}
			default:
				name(f, r)
			}
		}
	}
}
