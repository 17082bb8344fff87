package inprocess

import (
	"io"
	"net/http"
	"testing"
)

func TestAnswerIsWhatWasWritten(t *testing.T) {
	req, err := http.NewRequest(http.MethodGet, "http://web-1/", nil)
	if err != nil {
		t.Fatal(err)
	}
	res := Answer(req, func(w http.ResponseWriter) {
		w.Header().Set("X-Name", "orders")
		w.WriteHeader(http.StatusTeapot)
		w.Header().Set("X-Late", "not sent")
		_, _ = io.WriteString(w, "hello")
	})
	body, err := io.ReadAll(res.Body)
	if err != nil || string(body) != "hello" || res.StatusCode != http.StatusTeapot || res.Header.Get("X-Name") != "orders" || res.Header.Get("X-Late") != "" || res.Request != req {
		t.Errorf("answer %d %q, headers %v, %v", res.StatusCode, body, res.Header, err)
	}
	if got := Answer(req, func(http.ResponseWriter) {}); got.StatusCode != http.StatusOK {
		t.Errorf("one that nothing was written of has status %d", got.StatusCode)
	}
}
