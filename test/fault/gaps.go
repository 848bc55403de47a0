package fault

import (
	"fmt"
	"strings"
)

// mostGaps is how many ranges are named: the shape of a loss tells where to look.
const mostGaps = 5

// gaps are ranges of numbers that come in ascending order.
type gaps struct {
	from, to []int // inclusive
	more     bool
}

func (g *gaps) add(n int) {
	last := len(g.to) - 1
	switch {
	case last >= 0 && g.to[last] == n-1:
		g.to[last] = n
	case len(g.to) == mostGaps:
		g.more = true
	default:
		g.from, g.to = append(g.from, n), append(g.to, n)
	}
}

func (g *gaps) String() string {
	var texts []string
	for i, from := range g.from {
		text := fmt.Sprint(from)
		if g.to[i] > from {
			text += fmt.Sprintf("-%d", g.to[i])
		}
		texts = append(texts, text)
	}
	if g.more {
		texts = append(texts, "…")
	}
	return strings.Join(texts, ", ")
}
