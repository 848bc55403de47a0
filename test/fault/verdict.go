package fault

import "fmt"

// Verdict is the outcome of one run.
type Verdict struct {
	Sent    int // numbers that were safe at the source
	Stored  int // numbers that are in the destination
	Missing int // safe ones that are not
	Twice   int // copies after the first, of whatever number
	Strange int // records that are none of ours: unreadable, or with a number never handed out

	Gaps string // the first ranges of missing numbers, for people
}

// Judge compares what was safe with what is there. A number that is there without having
// been safe is no fault: its source was not told in time.
func Judge(l *Ledger, c *Copies) Verdict {
	l.mu.Lock()
	defer l.mu.Unlock()
	v := Verdict{Sent: l.count, Twice: c.extra + c.hidden, Strange: c.strange}
	var missing gaps
	for n := range l.next {
		there := n < len(c.times) && c.times[n] > 0
		if there {
			v.Stored++
		} else if l.isSafeLocked(n) {
			v.Missing++
			missing.add(n)
		}
	}
	for n := l.next; n < len(c.times); n++ {
		if c.times[n] > 0 {
			v.Strange++
		}
	}
	v.Gaps = missing.String()
	return v
}

func (v Verdict) String() string {
	text := fmt.Sprintf("sent %7d  stored %7d  missing %6d  twice %6d", v.Sent, v.Stored, v.Missing, v.Twice)
	if v.Strange > 0 {
		text += fmt.Sprintf("  strange %d", v.Strange)
	}
	return text
}

// Lossless is an error unless every safe number is there and nothing else is.
func (v Verdict) Lossless() error {
	switch {
	case v.Sent == 0:
		return fmt.Errorf("nothing was sent")
	case v.Missing > 0:
		return fmt.Errorf("of %d records %d are missing: %s", v.Sent, v.Missing, v.Gaps)
	case v.Strange > 0:
		return fmt.Errorf("beside %d records there are %d that are none of them", v.Sent, v.Strange)
	}
	return nil
}
