package deadletter

import "time"

const (
	firstWait = 200 * time.Millisecond
	// lastWait is how late a topic that was made or allowed is noticed, on top of
	// the client's own look at the cluster.
	lastWait = 10 * time.Second
)

// backoff is how long to wait after so many failures in a row.
func backoff(failures int) time.Duration {
	wait := firstWait
	for ; failures > 1 && wait < lastWait; failures-- {
		wait *= 2
	}
	return min(wait, lastWait)
}
