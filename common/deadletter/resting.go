package deadletter

import "time"

// rest keeps a letter until it is tried again. There is no order among letters,
// and none that is given up.
func (c *carrier) rest(e *envelope, now time.Time) {
	e.tries++
	c.restUntil(e, now.Add(backoff(e.tries)))
}

func (c *carrier) restUntil(e *envelope, due time.Time) {
	e.due = due
	c.resting = append(c.resting, e)
	c.wind()
}

// wind sets the timer to the first letter that is due. They are at most
// maxLetters, so that looking at all of them is nothing beside one round trip.
func (c *carrier) wind() {
	if len(c.resting) == 0 {
		return
	}
	first := c.resting[0].due
	for _, e := range c.resting {
		if e.due.Before(first) {
			first = e.due
		}
	}
	c.again.Reset(time.Until(first))
}

// sendAgain sends what is due.
func (c *carrier) sendAgain(now time.Time) {
	all := c.resting
	c.resting = nil
	for _, e := range all {
		switch {
		case e.due.After(now):
			c.resting = append(c.resting, e)
		case e.alone:
			c.doubt(e)
		default:
			c.send(e)
		}
	}
	c.wind()
}

// hurry has everything tried once more at the end.
func (c *carrier) hurry() {
	now := time.Now()
	c.pause = now
	for _, e := range c.resting {
		e.due = now
	}
	c.wind()
}
