package fault

import (
	"testing"

	"github.com/tidegate/tidegate/test/harness"
)

func TestWatermarks(t *testing.T) {
	for name, c := range map[string]struct {
		looks []harness.Offsets
		moves int
		back  bool
	}{
		"nothing is committed":  {[]harness.Offsets{{}, {}}, 0, false},
		"progress":              {[]harness.Offsets{{0: 1}, {0: 1, 1: 5}, {0: 2, 1: 5}}, 3, false},
		"stands still":          {[]harness.Offsets{{0: 1}, {0: 1}}, 1, false},
		"one goes back":         {[]harness.Offsets{{0: 9, 1: 5}, {0: 10, 1: 4}}, 1, true},
		"one is gone":           {[]harness.Offsets{{0: 9, 1: 5}, {0: 10}}, 1, true},
		"back below an old one": {[]harness.Offsets{{0: 9}, {0: 12}, {0: 11}}, 2, true},
	} {
		w := newWatermarks()
		for _, committed := range c.looks {
			w.look(committed)
		}
		if moves, err := w.Stop(); moves != c.moves || (err != nil) != c.back {
			t.Errorf("%s: %d, %v", name, moves, err)
		}
	}
}
