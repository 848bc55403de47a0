package fault

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

func TestRefuser(t *testing.T) {
	var had atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if body, err := io.ReadAll(req.Body); err == nil && string(body) == "push" {
			had.Add(1)
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(server.Close)
	r := StartRefuser(t, strings.TrimPrefix(server.URL, "http://"), 1)
	const pushes = 200
	answers := func() (counts map[int]int) {
		counts = map[int]int{}
		for range pushes {
			answer, err := http.Post("http://"+r.Address()+"/push", "text/plain", strings.NewReader("push"))
			if err != nil {
				t.Fatal(err)
			}
			_ = answer.Body.Close()
			counts[answer.StatusCode]++
		}
		return counts
	}
	if got := answers(); got[http.StatusNoContent] != pushes || had.Load() != pushes {
		t.Errorf("before it refuses: %v, the server had %d", got, had.Load())
	}
	had.Store(0)
	r.Refuse(true)
	got := answers()
	early, late := r.Refused()
	passed := got[http.StatusNoContent]
	for _, status := range []int{http.StatusTooManyRequests, http.StatusInternalServerError} {
		if n := got[status]; n < pushes/8 || n > pushes*3/8 {
			t.Errorf("%d was answered %d times of %d", status, n, pushes)
		}
	}
	if passed+early+late != pushes || early == 0 || late == 0 || had.Load() != int64(passed+late) {
		t.Errorf("%d passed, %d and %d were refused, the server had %d", passed, early, late, had.Load())
	}
	r.Refuse(false)
	if got := answers(); got[http.StatusNoContent] != pushes {
		t.Errorf("after it refused: %v", got)
	}
}
