package harness

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

// A check comes often at first, for what is quick, and then less and less: a query takes
// the same two cores as the servers that are to get on.
const (
	pollFirst = 20 * time.Millisecond
	pollLast  = 500 * time.Millisecond
)

// Hopeless marks the error of a check that can never become good: the program that was
// to bring it about has ended.
type Hopeless struct{ Err error }

func (h Hopeless) Error() string { return h.Err.Error() }

// poll calls check until it gives nil, it is hopeless, or the time is over; the last
// complaint is in the error.
func poll(timeout time.Duration, check func() error) error {
	deadline := time.Now().Add(timeout)
	for wait := pollFirst; ; wait = min(wait*5/4, pollLast) {
		err := check()
		if err == nil {
			return nil
		}
		if _, never := errors.AsType[Hopeless](err); never {
			return err
		}
		left := time.Until(deadline)
		if left <= 0 {
			return fmt.Errorf("not within %s: %w", timeout, err)
		}
		<-time.After(min(wait, left))
	}
}

// Eventually fails the test if check has not given nil before the time is over.
func Eventually(t testing.TB, timeout time.Duration, what string, check func() error) {
	t.Helper()
	if err := poll(timeout, check); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}
