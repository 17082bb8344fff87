package main

import (
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

func TestStagesArePrintedWithTheirTime(t *testing.T) {
	var out strings.Builder
	p := newStagePrinter(&out)
	at := func(s float64, region, stage string, status drill.StageStatus, detail string) {
		p.print(time.Duration(s*float64(time.Second)), drill.StageEntered{Region: region, Stage: stage, Status: status, Detail: detail})
	}
	at(1, "us-east", "create cluster", drill.StageRunning, "")
	at(2, "eu-west", "create cluster", drill.StageRunning, "")
	at(3, "us-east", "create cluster", drill.StageRunning, "Preparing nodes")
	at(4, "eu-west", "create cluster", drill.StageDone, "")
	at(5.5, "us-east", "create cluster", drill.StageFailed, "no disk")
	at(6, "", "node image", drill.StageDone, "")
	p.print(time.Second, drill.NoteWritten{})
	want := `   4.000s  eu-west      create cluster done in 2.0 s
   5.500s  us-east      create cluster failed in 4.5 s · no disk
   6.000s  fleet        node image done
`
	if out.String() != want {
		t.Errorf("printed\n%swant\n%s", out.String(), want)
	}
}
