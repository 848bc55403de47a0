package outloki

import (
	"strconv"
	"testing"
	"time"
)

func TestHolds(t *testing.T) {
	var h holds
	now := time.Now()
	f := func(tenant string, after time.Duration, want bool) {
		t.Helper()
		if got := h.active(tenant, now.Add(after)); got != want {
			t.Errorf("%s after %v: held %v", tenant, after, got)
		}
	}
	f("a", 0, false)
	h.until("a", now, now.Add(time.Minute))
	h.until("a", now, now.Add(time.Second))
	f("a", time.Minute-1, true)
	f("a", time.Minute, false)
	f("b", 0, false)
	for i := range 3 * maxHolds {
		h.until(strconv.Itoa(i), now, now.Add(time.Minute))
	}
	if n := len(h.of); n > maxHolds {
		t.Errorf("%d tenants are held", n)
	}
	// Those whose time is over make room.
	now = now.Add(time.Minute)
	h.until("b", now, now.Add(time.Minute))
	f("b", 0, true)
	if n := len(h.of); n != 1 {
		t.Errorf("%d tenants are held", n)
	}
}
