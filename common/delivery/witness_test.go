package delivery

import (
	"math/rand/v2"
	"testing"
)

// TestWitness has an agent that takes batches in order, loses some, and is looked
// at now and then: nothing lost is ever believed, and what is taken is believed
// soon.
func TestWitness(t *testing.T) {
	t.Parallel()
	const worlds = 3000
	believedSum, takenSum := 0, 0
	for seed := range uint64(worlds) {
		rng := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // it has to be the same each time
		var w witness
		var ends []Count // of all batches, in order
		var lost []int
		var appended, count Count
		spread := 1 + rng.Int64N(300)
		at := 0 // batches taken or lost
		for range 40 {
			for range rng.IntN(20) {
				n := 1 + rng.Int64N(1+spread/20)
				appended = appended.plus(Count{n, n*10 + rng.Int64N(spread)})
				ends = append(ends, appended)
			}
			for range rng.IntN(20) {
				if at == len(ends) {
					break
				}
				before := Count{}
				if at > 0 {
					before = ends[at-1]
				}
				if seed%3 == 0 && rng.IntN(20) == 0 {
					lost = append(lost, at)
				} else {
					count = count.plus(ends[at].minus(before))
				}
				at++
			}
			var open []Count
			for _, end := range ends {
				if end.Records > w.believed.Records {
					open = append(open, end)
				}
			}
			believed := w.look(count, open)
			for _, i := range lost {
				if ends[i].Records <= believed.Records {
					t.Fatalf("seed %d: batch %d was lost and is believed", seed, i)
				}
			}
			if seed%3 != 0 && at > 0 {
				if believed.Records > ends[at-1].Records {
					t.Fatalf("seed %d: believed more than was taken", seed)
				}
				takenSum += int(ends[at-1].Records)
				believedSum += int(believed.Records)
			}
		}
	}
	if believedSum*10 < takenSum*8 {
		t.Errorf("of what was taken, %d %% was believed", believedSum*100/takenSum)
	}
}
