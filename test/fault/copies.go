package fault

import "math"

// Copies counts what a destination has of each number.
type Copies struct {
	times   []uint8 // by number; it stops at the most that fits
	extra   int     // copies after the first
	hidden  int     // copies that were taken and cannot be read
	strange int     // records without a number
}

// Add counts one record.
func (c *Copies) Add(text []byte) {
	n, ok := NumberIn(text)
	if !ok {
		c.strange++
		return
	}
	c.AddNumber(n)
}

// AddNumber counts one record of number n.
func (c *Copies) AddNumber(n int) {
	if n >= len(c.times) {
		c.times = append(c.times, make([]uint8, n+1-len(c.times))...)
	}
	if c.times[n] > 0 {
		c.extra++
	}
	if c.times[n] < math.MaxUint8 {
		c.times[n]++
	}
}

// AddHidden counts copies of which a destination knows only that it took them.
func (c *Copies) AddHidden(n int) { c.hidden += max(0, n) }
