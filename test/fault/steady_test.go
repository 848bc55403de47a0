package fault

import (
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// course makes samples from one that changes with the time, from 0 to 1.
func course(n int, at func(t float64) harness.Usage) (samples []harness.Usage) {
	for i := range n {
		samples = append(samples, at(float64(i)/float64(n)))
	}
	return samples
}

func TestSteady(t *testing.T) {
	flat := harness.Usage{RSS: 100e6, Threads: 20, Descriptors: 30}
	for name, c := range map[string]struct {
		at   func(t float64) harness.Usage
		want string
	}{
		"flat": {func(float64) harness.Usage { return flat }, ""},
		"grows while it warms up": {func(t float64) harness.Usage {
			u := flat
			u.RSS = int64(100e6 * min(1, 3*t))
			return u
		}, ""},
		"shrinks": {func(t float64) harness.Usage {
			u := flat
			u.RSS -= int64(50e6 * t)
			return u
		}, ""},
		"a leak of memory": {func(t float64) harness.Usage {
			u := flat
			u.RSS += int64(30e6 * t)
			return u
		}, "RSS grew"},
		"a leak of threads": {func(t float64) harness.Usage {
			u := flat
			u.Threads += int(6 * t)
			return u
		}, "threads grew from 23 to 25"},
		"a leak of descriptors": {func(t float64) harness.Usage {
			u := flat
			u.Descriptors += int(3 * t)
			return u
		}, "descriptors grew"},
		"one connection for a moment": {func(t float64) harness.Usage {
			u := flat
			if t > 0.8 && t < 0.9 {
				u.Descriptors++
			}
			return u
		}, ""},
	} {
		err := InThirds(course(90, c.at)).Steady(Growth{RSS: 0.05})
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	more := InThirds(course(90, func(t float64) harness.Usage { return harness.Usage{RSS: 1e6, Threads: 20 + int(6*t)} }))
	if err := more.Steady(Growth{Count: 2}); err != nil {
		t.Errorf("a growth that is allowed: %v", err)
	}
	if err := more.Steady(Growth{Count: 1}); err == nil {
		t.Error("two threads more are not one")
	}
	if err := InThirds(nil).Steady(Growth{RSS: 0.05}); err == nil {
		t.Error("no samples are steady")
	}
}

func TestLives(t *testing.T) {
	const shortest, longest = time.Second, 5 * time.Second
	one, again, other := Lives(1, 50, shortest, longest), Lives(1, 50, shortest, longest), Lives(2, 50, shortest, longest)
	same := 0
	for i := range one {
		if one[i] < shortest || one[i] > longest {
			t.Errorf("life %d is %s", i, one[i])
		}
		if one[i] != again[i] {
			t.Errorf("life %d is %s, then %s", i, one[i], again[i])
		}
		if one[i] == other[i] {
			same++
		}
	}
	if same > 5 {
		t.Errorf("%d of 50 lives do not depend on the seed", same)
	}
}
