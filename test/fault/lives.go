package fault

import (
	"math/rand/v2"
	"time"
)

// Lives says how long each of n agents lives until it is killed: at random, and the same
// for the same seed. The moments are spread evenly between the two bounds, so that some
// fall on the start and some on full work.
func Lives(seed uint64, n int, shortest, longest time.Duration) []time.Duration {
	r := rand.New(rand.NewPCG(seed, 0))
	lives := make([]time.Duration, n)
	for i := range lives {
		lives[i] = shortest + time.Duration(r.Int64N(int64(longest-shortest)+1))
	}
	return lives
}
