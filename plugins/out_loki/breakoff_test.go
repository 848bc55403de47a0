package outloki

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/tidegate/tidegate/common/metric"
	"github.com/tidegate/tidegate/common/plugin"
)

// Of an answer whose body breaks off the status counts: what was stored is not sent again,
// and what was not is.
func TestAnswersThatBreakOff(t *testing.T) {
	f := func(status int, want plugin.Result, delivered int64) {
		t.Helper()
		pushes := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			pushes++
			w.Header().Set("Content-Length", "100")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "half")
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}))
		defer server.Close()
		o, log := newTestOutput(t, "url="+server.URL, "label_keys=app")
		made(o, "tag", eight())
		got := o.Flush(t.Context(), "tag", eight())
		if n := metric.Sum(o.report.counts.Delivered); got != want || n != delivered || pushes != 1 {
			t.Errorf("%d: got %v after %d pushes, %d delivered: %s", status, got, pushes, n, log)
		}
	}
	f(http.StatusOK, plugin.OK, 8)
	f(http.StatusInternalServerError, plugin.Retry, 0)
	f(http.StatusTooManyRequests, plugin.Retry, 0)
	f(http.StatusUnauthorized, plugin.Retry, 0)
}
