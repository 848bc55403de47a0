package collector

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
)

func TestTarget(t *testing.T) {
	const mib = 1 << 20
	for _, c := range []struct {
		standard   int
		live, kept uint64
		want       int
	}{
		{100, 10 * mib, 0, 100},
		{100, 200 * mib, 0, 100},
		{200, 200 * mib, 0, 200},
		{100, 100 * mib, 64 * mib, 36},
		{50, 100 * mib, 64 * mib, 18},
		{100, 80 * mib, 76 * mib, 20}, // the least room
		{100, 10 * mib, 64 * mib, 25}, // kept since the last collection
		{100, 0, 0, 100},
	} {
		if got := target(c.standard, c.live, c.kept); got != c.want {
			t.Errorf("GOGC %d, %d MiB live, %d kept: got %d, want %d", c.standard, c.live/mib, c.kept/mib, got, c.want)
		}
	}
}

func gogc() int {
	sample := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	metrics.Read(sample)
	return percentOf(sample[0].Value.Uint64())
}

// What is kept does not count, and when it is gone GOGC holds again.
func TestAdjust(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(150))
	var c Collector
	c.Adjust(0)
	if got := gogc(); got != 150 {
		t.Errorf("nothing is kept: got %d", got)
	}
	kept := make([]byte, 256<<20)
	runtime.GC()
	c.Adjust(int64(len(kept)))
	if got := gogc(); got < 1 || got > 15 {
		t.Errorf("256 MiB are kept: got %d", got)
	}
	runtime.KeepAlive(kept)
	runtime.GC()
	c.Adjust(0)
	if got := gogc(); got != 150 {
		t.Errorf("nothing is kept any more: got %d", got)
	}
}

func TestOff(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	var c Collector
	c.Adjust(1 << 30)
	if got := gogc(); got != -1 {
		t.Errorf("got %d", got)
	}
}
