package delivery

import (
	"cmp"
	"slices"
)

// witness tells from the agent's counts alone which batches it took, without a
// moment of rest. The agent takes whole batches in the order of the appends, so a
// count without a loss is the end of a batch. With a loss it mostly is none, but
// it can be: the agent has lost some in a row, and taken as much behind them.
//
// So each count leaves losses that would explain it as well. The next counts refute
// them: with the loss in it, each of these must be an end, too. What lies before
// every loss that is left is believed. Batches that are all alike refute nothing,
// and then only a rest tells.
type witness struct {
	last   Count // as the agent said, and the end of a batch
	losses []loss
	// believed is up to where all was taken.
	believed Count
	// blind, nothing is concluded up to the next rest: a count was no end.
	blind bool
}

// loss is a possible one: so much is missing from the count, from somewhere
// behind before.
type loss struct{ sum, before Count }

// maxEnds bounds the work: above it, only a rest tells.
const maxEnds = 256

// rest is a moment at which everything was taken.
func (w *witness) rest(appended Count) { *w = witness{last: appended, believed: appended} }

// look enters a count. ends are those of the batches that were appended and are
// not finished.
func (w *witness) look(count Count, ends []Count) (believed Count) {
	if w.blind || count == w.last {
		return w.believed
	}
	slices.SortFunc(ends, func(a, b Count) int { return cmp.Compare(a.Records, b.Records) })
	at := slices.Index(ends, count)
	if at < 0 || len(ends) > maxEnds {
		w.blind = true
		return w.believed
	}
	w.losses = slices.DeleteFunc(w.losses, func(l loss) bool { return !slices.Contains(ends, count.plus(l.sum)) })
	w.losses = append(w.losses, w.born(count, ends, at)...)
	w.last, w.believed = count, count
	for _, l := range w.losses {
		if l.before.Records < w.believed.Records {
			w.believed = l.before
		}
	}
	return w.believed
}

// born returns the losses since the last count that would explain this one, the
// end at: a row of batches that begins between the two, and instead of which as
// much was taken behind.
func (w *witness) born(count Count, ends []Count, at int) (born []loss) {
	begins := append([]Count{w.last}, ends[:at]...)
	for _, end := range ends[at+1:] {
		sum := end.minus(count)
		for i, begin := range begins {
			if begin.Records >= w.last.Records && slices.Contains(ends[max(i-1, 0):], begin.plus(sum)) {
				born = append(born, loss{sum, w.last})
				break
			}
		}
	}
	return born
}
