package fault

import (
	"fmt"
	"slices"

	"github.com/tidegate/tidegate/test/harness"
)

// Phase is what a program took in one part of its run.
type Phase struct {
	RSS         float64 // bytes, the mean
	PeakRSS     int64
	Threads     int // the median, as of descriptors: one connection more for a moment is no leak
	Descriptors int
}

// Phases are the three thirds of a run. The first is the warming up and says nothing of
// leaks; the other two are to be alike.
type Phases [3]Phase

// InThirds takes samples that were made at equal distances.
func InThirds(samples []harness.Usage) (p Phases) {
	for i := range p {
		p[i] = phaseOf(samples[len(samples)*i/3 : len(samples)*(i+1)/3])
	}
	return p
}

func phaseOf(samples []harness.Usage) (p Phase) {
	if len(samples) == 0 {
		return p
	}
	var threads, descriptors []int
	for _, u := range samples {
		p.RSS += float64(u.RSS) / float64(len(samples))
		p.PeakRSS = max(p.PeakRSS, u.RSS)
		threads = append(threads, u.Threads)
		descriptors = append(descriptors, u.Descriptors)
	}
	p.Threads, p.Descriptors = median(threads), median(descriptors)
	return p
}

func median(of []int) int {
	slices.Sort(of)
	return of[len(of)/2]
}

// Growth is by how much the last third may exceed the second.
type Growth struct {
	RSS   float64 // a share
	Count int     // of threads, and of descriptors
}

// Steady is an error when the last third took more than the second and the growth that is
// allowed.
func (p Phases) Steady(allowed Growth) error {
	second, last := p[1], p[2]
	switch {
	case last.RSS == 0 || second.RSS == 0:
		return fmt.Errorf("too few samples to tell")
	case last.RSS > second.RSS*(1+allowed.RSS):
		return fmt.Errorf("RSS grew from %.1f to %.1f MB", second.RSS/1e6, last.RSS/1e6)
	case last.Threads > second.Threads+allowed.Count:
		return fmt.Errorf("threads grew from %d to %d", second.Threads, last.Threads)
	case last.Descriptors > second.Descriptors+allowed.Count:
		return fmt.Errorf("descriptors grew from %d to %d", second.Descriptors, last.Descriptors)
	}
	return nil
}

func (p Phases) String() string {
	text := "RSS"
	for _, third := range p {
		text += fmt.Sprintf(" %.1f", third.RSS/1e6)
	}
	text += fmt.Sprintf(" MB, peak %.1f, threads", float64(max(p[0].PeakRSS, p[1].PeakRSS, p[2].PeakRSS))/1e6)
	for _, third := range p {
		text += fmt.Sprintf(" %d", third.Threads)
	}
	text += ", descriptors"
	for _, third := range p {
		text += fmt.Sprintf(" %d", third.Descriptors)
	}
	return text
}
