package fault

import (
	"fmt"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// Store is where records arrive.
type Store interface {
	// Len is about how many records are there, each copy counted. It is cheap.
	Len() (int, error)
	// Read counts everything that is there.
	Read() (*Copies, error)
}

const (
	// settleFor is how long a store that has enough must be still: copies come late.
	settleFor = time.Second
	settleAsk = 250 * time.Millisecond
)

// Settle waits for a store to have every safe number, and judges. A store that has not is
// judged when nothing has come for the time quiet, or after the time limit: what is
// missing then is for the caller to say.
func Settle(s Store, l *Ledger, quiet, limit time.Duration) (Verdict, error) {
	begin := time.Now()
	last, changed, read := -1, begin, -1
	ask := time.NewTicker(settleAsk)
	defer ask.Stop()
	for ; ; <-ask.C {
		n, err := s.Len()
		if err != nil {
			return Verdict{}, fmt.Errorf("asking a store for its length: %w", err)
		}
		if n != last {
			last, changed = n, time.Now()
		}
		still := time.Since(changed)
		over := still >= quiet || time.Since(begin) >= limit
		if !over && (n < l.Safe() || still < settleFor || read == n) {
			continue
		}
		read = n
		copies, err := s.Read()
		if err != nil {
			return Verdict{}, fmt.Errorf("reading a store: %w", err)
		}
		v := Judge(l, copies)
		if over || v.Missing == 0 {
			return v, nil
		}
		harness.Progress("fault: a store that has enough shows %s: it is read again", v)
	}
}
