package harness

import "time"

const (
	// walkLimit is the most entries that Walk asks for at once. An answer passes a message
	// of 4 MiB inside Loki: this many lines of a test fit.
	walkLimit = 8000
	// Walk asks for a piece of time that nearly fills a page, which fullPage of it is: over a
	// long one Loki looks into every chunk there is before it gives the first entry, over a
	// short one it unpacks a block for each few of them.
	fullPage   = 0.8
	firstPiece = 100 * time.Millisecond
	minPiece   = time.Millisecond
	maxPiece   = 10 * time.Minute
)

// Walk gives each entry of a log query in [from, to) to a function, page by page in the
// order of their times. Unlike Lines it keeps one page at a time, for millions of entries.
func (l *Loki) Walk(query string, from, to time.Time, each func(Entry)) error {
	piece := firstPiece
	for start, end := from.UnixNano(), to.UnixNano(); start < end; {
		until := min(start+piece.Nanoseconds(), end)
		n, err := l.walkPiece(query, start, until, each)
		if err != nil {
			return err
		}
		start = until
		piece = min(max(nextPiece(piece, n, walkLimit), minPiece), maxPiece)
	}
	return nil
}

// nextPiece follows the density of the entries, and an empty stretch with steps that grow
// slowly: what comes after it may be dense.
func nextPiece(piece time.Duration, entries, page int) time.Duration {
	full := time.Duration(float64(page) * fullPage)
	return min(2*piece, piece*full/time.Duration(max(entries, 1)))
}

// walkPiece gives the entries in [start, end), and how many there were. When they are more
// than a page, the next one begins at the time at which the one before ended, because more
// entries of that instant may follow; those that were given are left out.
func (l *Loki) walkPiece(query string, start, end int64, each func(Entry)) (total int, err error) {
	border := map[string]bool{} // the entries at start that were given
	for limit := walkLimit; ; {
		page, err := l.page(query, start, end, limit)
		if err != nil {
			return total, err
		}
		last := start
		for _, e := range page {
			last = max(last, e.Time)
		}
		next := map[string]bool{}
		if last == start {
			next = border
		}
		for _, e := range page {
			if e.Time == start || e.Time == last {
				key := e.key()
				if border[key] || next[key] {
					continue
				}
				if e.Time == last {
					next[key] = true
				}
			}
			each(e)
			total++
		}
		if len(page) < limit {
			return total, nil
		}
		if last == start {
			limit *= 2 // one instant fills the page
		}
		start, border = last, next
	}
}
