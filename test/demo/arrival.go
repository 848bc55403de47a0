package main

import (
	"errors"
	"fmt"
	"time"
)

// arriveWithin bounds the whole run of the pipeline.
const arriveWithin = 60 * time.Second

// errUnexpected is final: what has arrived does not go away.
var errUnexpected = errors.New("not expected")

// errRefused is final as well: the agent would try for ever.
var errRefused = errors.New("LogTide did not take the logs")

// await polls until arrived gives no error or a final one, the agent has ended or the
// time is over.
func await(agent *agent, arrived func() error) error {
	deadline := time.Now().Add(arriveWithin)
	for {
		err := arrived()
		if err == nil || errors.Is(err, errUnexpected) || errors.Is(err, errRefused) {
			return err
		}
		if agent.exited() {
			return fmt.Errorf("the agent ended early (%w)", err)
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("not everything arrived within %s: %w", arriveWithin, err)
		}
		<-time.After(100 * time.Millisecond)
	}
}

// once holds that what arrived somewhere is what was expected, each once.
func once(where string, want, got []string) error {
	missing := map[string]int{}
	for _, w := range want {
		missing[w]++
	}
	for _, g := range got {
		missing[g]--
	}
	lost, extra := 0, 0
	var lostOne, extraOne string
	for what, n := range missing {
		if n > 0 {
			lost, lostOne = lost+n, what
		} else if n < 0 {
			extra, extraOne = extra-n, what
		}
	}
	switch {
	case extra > 0:
		return fmt.Errorf("%s: %d records are there that were %w there, or not twice, such as %s", where, extra, errUnexpected, extraOne)
	case lost > 0:
		return fmt.Errorf("%s: %d of %d records are missing, such as %s", where, lost, len(want), lostOne)
	}
	return nil
}

// pick takes one text of each element.
func pick[T any](all []T, text func(T) string) []string {
	texts := make([]string, len(all))
	for i, one := range all {
		texts[i] = text(one)
	}
	return texts
}
