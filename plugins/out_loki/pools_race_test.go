//go:build race

package outloki

// forgotten is how many allocations pools cost that forget at random, as they do
// under the race detector.
const forgotten = 10
