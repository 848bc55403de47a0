package httpsend

import (
	"testing"
	"time"
)

func TestHold(t *testing.T) {
	var h Hold
	now := time.Unix(1000, 0)
	f := func(after time.Duration, want bool) {
		t.Helper()
		if got := h.Active(now.Add(after)); got != want {
			t.Errorf("after %v: got %v", after, got)
		}
	}
	f(0, false)
	h.Until(now.Add(10 * time.Second))
	h.Until(now.Add(5 * time.Second)) // does not shorten the first
	f(9*time.Second, true)
	f(10*time.Second, false)
}
