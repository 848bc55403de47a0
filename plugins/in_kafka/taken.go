package inkafka

import (
	"log/slog"
	"time"

	"github.com/tidegate/tidegate/common/delivery"
)

// taken tells the ledger how many records the agent took into chunks. Before,
// they are in its input buffer, which it throws away when it stops.
//
// The agent's count is no good where something changes the number of records
// between the append and the chunk: processors of the input that drop or add
// some, or conditional routes. Once that shows, the append counts.
type taken struct {
	log    *slog.Logger
	ledger *delivery.Ledger
	// read is the host's count, nil where it has none that can be used.
	read func() (records, bytes int64, ok bool)
	// chunked says that nothing else is waited for.
	chunked bool

	looked time.Time
	tick   <-chan time.Time // nil where nobody waits for it
}

// look is called at least once a second, before appends.
func (t *taken) look(now time.Time) {
	t.looked = now
	appends := t.ledger.Appends()
	if t.read == nil {
		t.ledger.Taken(appends, now)
		return
	}
	records, bytes, ok := t.read()
	// A buffer that lost records twice in a row would be a strange one; a
	// processor drops the same again. Where outputs tell what they delivered,
	// records may be appended as often as it takes.
	lossy := t.chunked && t.ledger.Stats().Redelivered[delivery.NotTaken] > 1
	if ok && records <= appends.Records && !lossy {
		t.ledger.Taken(delivery.Count{Records: records, Bytes: bytes}, now)
		return
	}
	t.log.Warn("the agent does not count the records as they are appended, which processors and conditional routes of the input do; "+
		"the append counts from now on: what waits in the input's buffer when the agent stops may be lost",
		"appended", appends.Records, "taken", records)
	t.read = nil
	t.ledger.Taken(appends, now)
}

// glanceEvery is how often the count is looked at between and while waiting for
// batches, where what was taken makes room for more.
const glanceEvery = 50 * time.Millisecond

// start has tick come so often.
func (t *taken) start() { t.tick = time.NewTicker(glanceEvery).C }

// glance looks if it is time to.
func (t *taken) glance(now time.Time) {
	if t.chunked && now.Sub(t.looked) >= glanceEvery {
		t.look(now)
	}
}
