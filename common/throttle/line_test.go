package throttle

import (
	"testing"
	"time"
)

func TestLine(t *testing.T) {
	var l Line
	start := time.Unix(1000, 0)
	for _, c := range []struct {
		after time.Duration
		n     int64
		sum   int64
		due   bool
	}{
		{0, 2, 2, true},
		{time.Second, 3, 0, false},
		{Quiet - 1, 4, 0, false},
		{Quiet, 1, 8, true},
		{Quiet + time.Second, 5, 0, false},
	} {
		if sum, due := l.Add(start.Add(c.after), c.n); sum != c.sum || due != c.due {
			t.Errorf("after %s: %d, %v; want %d, %v", c.after, sum, due, c.sum, c.due)
		}
	}
	if rest := l.Rest(); rest != 5 {
		t.Errorf("%d left, want 5", rest)
	}
	if rest := l.Rest(); rest != 0 {
		t.Errorf("%d left after the last line", rest)
	}
}
