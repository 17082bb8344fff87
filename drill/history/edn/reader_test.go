package edn

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/history"
)

func TestTheReaderTakesJepsensHistories(t *testing.T) {
	in := `; a comment
{:process 1, :type :invoke, :f :read, :value nil, :time 37143, :index 0}
#jepsen.history.Op{:index 1, :time 40000, :type :info, :process :nemesis, :f :start, :value [:isolated {"n1" #{"n2" "n3"}}]}

{:type :ok :process 1 :f :read :value 3 :time 50000 :index 2 :error [:timeout 4.5] #_ skipped :extra (1N 2.5M \c true)}
{:type :invoke, :process 2, :f :txn, :value [[:append 5 1] [:r 5 nil]], :time 60000, :index 3}`
	ops, err := ReadAll(strings.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	if len(ops) != 4 || ops[1].Process != history.Nemesis || ops[2].Value != history.Is("3") || ops[0].Value != history.Nil || ops[3].F != "txn" {
		t.Errorf("%+v", ops)
	}
	if err := history.WellFormed(ops); err != nil {
		t.Error(err)
	}
}

func TestTheReaderSaysWhereAndWhat(t *testing.T) {
	whole := `{:process 0, :type :invoke, :f :write, :key "a", :value "1", :time 1, :index 0}` + "\n"
	for name, tt := range map[string]struct{ in, want string }{
		"no map":            {whole + "[1 2]\n", "line 2: an operation is a map"},
		"JSON":              {`{"process": 0}` + "\n", "line 1: "},
		"an unknown type":   {`{:process 0, :type :done, :f :write}` + "\n", "line 1: :type is :done"},
		"no function":       {`{:process 0, :type :ok}` + "\n", "line 1: :f is nil"},
		"a process of none": {`{:type :ok, :f :write}` + "\n", "line 1: :process is nil"},
		"a time of words":   {`{:process 0, :type :ok, :f :write, :time "x"}` + "\n", "line 1: :time is x"},
		"a negative index":  {`{:process 0, :type :ok, :f :write, :index -1}` + "\n", "line 1: :index is -1"},
		"an odd map":        {"{:process}\n", "a key without a value"},
		"an open string":    {`{:process 0, :type :ok, :f :write, :key "a}` + "\n", "column 41: a string without an end"},
		"a bad escape":      {`{:key "\q"}` + "\n", `\q is no escape`},
		"depth":             {strings.Repeat("[", 100) + "\n", "lie in each other"},
		"two values":        {"{} {}\n", "more than one value"},
		"a line too long":   {strings.Repeat("x", maxLine+5), "line 1 has more than"},
		"cut off":           {whole + `{:process 0, :ty`, "line 2: the last line is cut off"},
	} {
		t.Run(name, func(t *testing.T) {
			ops, err := ReadAll(strings.NewReader(tt.in))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %q", err, tt.want)
			}
			if errors.Is(err, ErrCut) && len(ops) != 1 {
				t.Errorf("%d operations beside the cut", len(ops))
			}
		})
	}
	if _, err := Load(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}
