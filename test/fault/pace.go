package fault

import (
	"context"
	"time"
)

// paceStep is how often a paced source writes.
const paceStep = 20 * time.Millisecond

// pace calls emit until count records are out, each call with the number that are due at
// so many a second; a rate of 0 means all at once. What falls behind is caught up.
func pace(ctx context.Context, count, perSecond int, emit func(n int) error) error {
	if perSecond == 0 {
		return emit(count)
	}
	begin := time.Now()
	step := time.NewTicker(paceStep)
	defer step.Stop()
	for out := 0; out < count; {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-step.C:
		}
		due := min(count, int(time.Since(begin).Seconds()*float64(perSecond)))
		if due > out {
			if err := emit(due - out); err != nil {
				return err
			}
			out = due
		}
	}
	return nil
}
