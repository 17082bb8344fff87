package single

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/clean"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/report"
	"github.com/fleetdrill/fleetdrill/drill/verdict"
)

// suites is a JUnit report as CI systems read it (the schema of Jenkins' xUnit plugin): times are in seconds.
type suites struct {
	XMLName  xml.Name `xml:"testsuites"`
	Name     string   `xml:"name,attr"`
	Tests    int      `xml:"tests,attr"`
	Failures int      `xml:"failures,attr"`
	Errors   int      `xml:"errors,attr"`
	Skipped  int      `xml:"skipped,attr"`
	Time     string   `xml:"time,attr"`
	Suites   []suite  `xml:"testsuite"`
}

type suite struct {
	Name       string     `xml:"name,attr"`
	Tests      int        `xml:"tests,attr"`
	Failures   int        `xml:"failures,attr"`
	Errors     int        `xml:"errors,attr"`
	Skipped    int        `xml:"skipped,attr"`
	Time       string     `xml:"time,attr"`
	Timestamp  string     `xml:"timestamp,attr"`
	Properties []property `xml:"properties>property"`
	Cases      []testCase `xml:"testcase"`
	Out        string     `xml:"system-out"`
}

type property struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type testCase struct {
	Name    string   `xml:"name,attr"`
	Class   string   `xml:"classname,attr"`
	Time    string   `xml:"time,attr"`
	Failure *outcome `xml:"failure"`
	Skipped *outcome `xml:"skipped"`
}

// outcome is why a test case did not pass.
type outcome struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// JUnit writes a report as JUnit has one: a test case for the verdict, one an objective, one a step that was to be refused, and
// one a steady check. What was not measured, and an inconclusive drill, is skipped.
func JUnit(w io.Writer, d Document) error {
	one := suite{Name: clean.Text(d.Heading().Name), Time: secondsText(d.Duration), Timestamp: d.State.Started.UTC().Format("2006-01-02T15:04:05")}
	for _, p := range [][2]string{{"fleet", d.Fleet}, {"platform", d.On}, {"fleetdrill", version(d.Version)}, {"seed", fmt.Sprint(d.Seed)}} {
		one.Properties = append(one.Properties, property{p[0], clean.Text(p[1])})
	}
	one.Cases = append(one.Cases, d.verdictCase())
	for _, c := range d.steadyChecks() {
		one.Cases = append(one.Cases, c.testCase())
	}
	for _, o := range d.Objectives {
		one.Cases = append(one.Cases, objectiveCase(o))
	}
	for _, x := range d.Refusals {
		one.Cases = append(one.Cases, refusalCase(x))
	}
	for i := range one.Cases {
		c := &one.Cases[i]
		c.Class, c.Name, c.Time = clean.Text("fleetdrill."+d.Fleet+"."+one.Name), clean.Text(c.Name), orZero(c.Time)
		one.Tests++
		if c.Failure != nil {
			one.Failures++
		}
		if c.Skipped != nil {
			one.Skipped++
		}
	}
	var out strings.Builder
	if err := report.Summary(&out, d.Report); err != nil {
		return err
	}
	one.Out = clean.Lines(out.String())
	all := suites{Name: "fleetdrill", Tests: one.Tests, Failures: one.Failures, Skipped: one.Skipped, Time: one.Time, Suites: []suite{one}}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(all); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// verdictCase is the drill as a whole, which may have failed or be inconclusive with all objectives met.
func (d Document) verdictCase() testCase {
	h := d.Heading()
	c := testCase{Name: "the drill", Time: secondsText(d.Duration)}
	why := strings.Join(h.Why, "; ")
	switch drill.Verdict(d.Verdict) {
	case drill.Passed:
	case drill.Failed:
		c.Failure = failure(h.Outcome, why)
	default:
		c.Skipped = &outcome{Message: clean.Text(strings.TrimSuffix(h.Outcome+": "+why, ": "))}
	}
	return c
}

func (s steadyCheck) testCase() testCase {
	c := testCase{Name: "steady " + s.name}
	switch {
	case s.measured == nil:
		c.Skipped = &outcome{Message: "not measured"}
	case !s.measured.Met:
		c.Time = secondsText(s.measured.For.Seconds())
		c.Failure = failure(s.outcome(), fmt.Sprintf("%s of %s were answered", format.Percent(s.measured.Success), format.Plural(s.measured.Requests, "request", "requests")))
	default:
		c.Time = secondsText(s.measured.For.Seconds())
	}
	return c
}

func objectiveCase(o report.Objective) testCase {
	goal := verdict.Bound(o.AtLeast) + " " + verdict.Quantity(o.Name, o.Target)
	c := testCase{Name: o.Name + " " + goal}
	if o.Dataset != "" {
		c.Name = o.Name + " of " + o.Dataset + " " + goal
	}
	measured := format.Unknown
	if o.Measured != nil {
		measured = verdict.Quantity(o.Name, *o.Measured)
		if found, known := verdict.Find(o.Name); known && found.Unit == verdict.Seconds {
			c.Time = secondsText(*o.Measured)
		}
	}
	switch {
	case o.Met == nil:
		c.Skipped = &outcome{Message: "not measured"}
	case !*o.Met:
		c.Failure = failure("measured "+measured, "asked for "+goal+", measured "+measured)
	}
	return c
}

func refusalCase(x report.Refusal) testCase {
	c := testCase{Name: fmt.Sprintf("step %d, %s, is refused", x.Step+1, x.Command)}
	switch {
	case x.Refused == nil:
		c.Skipped = &outcome{Message: "not reached"}
	case !*x.Refused:
		c.Failure = failure("was not refused", x.Command+" was taken, and was there to be refused")
	}
	return c
}

func failure(message, text string) *outcome {
	return &outcome{Message: clean.Text(message), Type: "fleetdrill", Text: clean.Text(text)}
}

func secondsText(s float64) string { return fmt.Sprintf("%.3f", s) }

func orZero(seconds string) string {
	if seconds == "" {
		return secondsText(0)
	}
	return seconds
}
