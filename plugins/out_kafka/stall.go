package outkafka

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// lookFor is how long a flush looks for a report while its session is stalled.
// A broker that is there again has long answered some record by then: what was
// under way is with the client, which sends it by itself.
const lookFor = 100 * time.Millisecond

// progress tells whether a session gets reports at all, be it for flushes that
// wait or for flights that rest. It is safe for concurrent use.
//
// Without brokers, each flush would wait its flush_timeout, one after another
// on a worker of the engine, and the agent's stop would take that many. So the
// first one that sees no report in all that time stalls the session, and the
// next report ends that.
type progress struct {
	// produced is counted after the client took a message, so that reported is
	// never too high.
	produced atomic.Int64
	// landed counts messages whose report a flight took.
	landed atomic.Int64

	mu       sync.Mutex
	producer *kafka.Producer // nil when it may be closed
	// reported is the highest number seen of messages that have their report.
	// One reading can be too low, for Len counts events of other kinds too.
	reported int64
	// stalled holds while reported stays what it is.
	stalled bool
}

// readLocked takes a reading. A session that ends has no more of them.
func (p *progress) readLocked() {
	if p.producer == nil {
		p.stalled = false
		return
	}
	// In this order: what is produced between the two is in Len only.
	produced := p.produced.Load()
	if n := produced - int64(p.producer.Len()); n > p.reported {
		p.reported, p.stalled = n, false
	}
}

// look returns the number of messages with a report, and whether the session
// is stalled.
func (p *progress) look() (reported int64, stalled bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.readLocked()
	return p.reported, p.stalled
}

// timeout notes that a flush waited in full and began when so many messages
// had their report.
func (p *progress) timeout(before int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.readLocked()
	if p.producer != nil && p.reported == before && p.reported < p.produced.Load() {
		p.stalled = true
	}
}

// end is called before the producer is closed.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.producer, p.stalled = nil, false
}

// watch begins to wait for a session's reports.
func (d *sending) watch(s *session) {
	if d.watched == s {
		return
	}
	var stalled bool
	d.watched = s
	if d.before, stalled = s.progress.look(); stalled {
		d.glance = time.After(lookFor)
	}
}

// goOn reports, after the glance, whether the session gets reports again, so
// that the flush may wait in full.
func (d *sending) goOn() bool {
	d.glance = nil
	_, stalled := d.watched.progress.look()
	return !stalled
}
