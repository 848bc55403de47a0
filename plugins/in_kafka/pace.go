package inkafka

import (
	"math"
	"time"

	"github.com/tidegate/tidegate/common/delivery"
)

// pace keeps partitions together in the time of their records. A replay reads
// one partition in fetches of thousands of records, which may be hours, before
// it reads another; Loki refuses what is too far behind the newest entry of its
// stream.
//
// So a record is released when it is at most max_skew ahead of every
// partition: of its oldest unfinished record, and of where its reading is. What
// is ahead is held, in batches whose records are close together, so that the
// batch with the oldest record of all can always be released. A partition that
// holds much is paused.
//
// A record's time here is that of its partition's clock: the newest time so far,
// and never in the future. What a partition itself has out of order, nobody can
// keep together, and one device with a wrong clock must not stop the others. For
// the same reason the clock moves to the present where a partition is read to its
// end: what comes behind that is made later, whatever it says. Until it comes, the
// partition keeps nobody waiting. It waits itself: the one with the fewest records
// is at its end first, and would be hours ahead of the others.
//
// It belongs to the reader's goroutine.
type pace struct {
	most  int64 // milliseconds, 0 for no bound
	room  int64 // bytes that all lanes together may hold, more or less
	lanes map[delivery.Partition]*lane
	last  *lane // the one that was asked for last
	limit int64 // the time up to which records are released, as of the last look
	now   time.Time
}

// lane is an assigned partition.
type lane struct {
	assignment *delivery.Assignment
	clock      int64
	seen       bool      // clock is set
	read       time.Time // the last record, or when it was assigned
	ended      bool      // its end was reached, and nothing came since
	next       int64     // the offset behind the last that was read
	held       []*heldBatch
	bytes      int // of the held batches
	paused     bool
}

// heldBatch is a batch that is ahead of its time.
type heldBatch struct {
	*delivery.Batch
	oldest, newest int64
}

const (
	// silentAfter is how long a partition of which nothing comes keeps the
	// others waiting: its broker may be away.
	silentAfter = 10 * time.Second
	// lookAtLeast is how often the limit is moved while records are read.
	lookAtLeast = time.Second
	// A partition is paused above heldMost bytes, or above its share of the room
	// where there are many of them, and goes on below a quarter of that. Pausing
	// throws away what the client has fetched of it, so the share has a bound too.
	heldMost  = 1 << 20
	heldShare = 64 << 10
)

// newPace returns a pace of max_skew, which may hold about as many bytes as room.
func newPace(most time.Duration, room int64) *pace {
	return &pace{most: most.Milliseconds(), room: room, lanes: map[delivery.Partition]*lane{}, limit: math.MaxInt64}
}

func (p *pace) add(a *delivery.Assignment, now time.Time) {
	p.last = nil
	p.lanes[a.Partition] = &lane{assignment: a, read: now}
}

func (p *pace) remove(of delivery.Partition) {
	p.last = nil
	delete(p.lanes, of)
}

// resumed notes that a partition is read again, whatever paused it.
func (p *pace) resumed(of delivery.Partition) {
	if l := p.lanes[of]; l != nil {
		l.paused = false
	}
}

// lane returns an assigned partition's.
func (p *pace) lane(a *delivery.Assignment) *lane {
	if p.last == nil || p.last.assignment != a {
		p.last = p.lanes[a.Partition]
	}
	return p.last
}

// ended notes that a partition was read to its end.
func (p *pace) ended(of delivery.Partition) {
	if l := p.lanes[of]; l != nil {
		l.ended, l.seen = true, true
		l.clock = max(l.clock, p.now.UnixMilli())
	}
}

// tick moves the lane's clock to a record's time.
func (p *pace) tick(l *lane, at int64) {
	if at = min(at, p.now.UnixMilli()); at > l.clock || !l.seen {
		l.clock, l.seen = at, true
	}
	l.read, l.ended = p.now, false
}

// early returns whether the record at the lane's clock has to be held.
func (p *pace) early(l *lane) bool {
	return p.most > 0 && (len(l.held) > 0 || l.clock > p.limit)
}

// look moves the limit. oldest gives the oldest record of a partition that is
// on the way, stalled says that nothing was read for the agent's sake. That is so
// too when nobody looked, as while the agent takes no batch, and for a partition
// that holds some: it may be paused.
func (p *pace) look(now time.Time, stalled bool, oldest func(delivery.Partition) (int64, bool)) {
	stalled = stalled || now.Sub(p.now) > lookAtLeast
	p.now = now
	if p.most == 0 {
		return
	}
	p.limit = math.MaxInt64
	for of, l := range p.lanes {
		if stalled || len(l.held) > 0 {
			l.read = now
		}
		if at, ok := oldest(of); ok {
			p.limit = min(p.limit, at)
		}
		p.limit = min(p.limit, l.comes(now))
	}
	if p.limit < math.MaxInt64-p.most {
		p.limit += p.most
	}
}

// comes is the time of what comes next of a lane.
func (l *lane) comes(now time.Time) int64 {
	switch {
	case len(l.held) > 0:
		return l.held[0].oldest
	case l.ended, now.Sub(l.read) > silentAfter:
		return math.MaxInt64
	case l.seen:
		return l.clock
	default:
		return 0
	}
}

// hold returns the batch that takes the lane's record, for an event that is
// appended to it. made makes a new one.
func (p *pace) hold(l *lane, made func() *delivery.Batch) *delivery.Batch {
	if n := len(l.held); n > 0 {
		b := l.held[n-1]
		if l.clock-b.oldest <= p.most/2 && len(b.Events) < batchBytes {
			b.newest = l.clock
			return b.Batch
		}
	}
	l.held = append(l.held, &heldBatch{made(), l.clock, l.clock})
	return l.held[len(l.held)-1].Batch
}

// due takes the next batch that can be released, nil if there is none.
func (p *pace) due() *delivery.Batch {
	for _, l := range p.lanes {
		if len(l.held) > 0 && l.held[0].newest <= p.limit {
			b := l.held[0].Batch
			l.held = l.held[1:]
			l.bytes -= len(b.Events)
			return b
		}
	}
	return nil
}

// holds returns whether anything is held.
func (p *pace) holds() bool {
	for _, l := range p.lanes {
		if len(l.held) > 0 {
			return true
		}
	}
	return false
}

// share is how many bytes a lane may hold.
func (p *pace) share() int {
	return int(min(max(p.room/int64(max(len(p.lanes), 1)), heldShare), heldMost))
}

// switches calls pause and resume with the partitions that hold too much, or
// little again.
func (p *pace) switches(pause, resume func(delivery.Partition) error) {
	share := p.share()
	for of, l := range p.lanes {
		switch {
		case !l.paused && l.bytes > share:
			l.paused = pause(of) == nil
		case l.paused && l.bytes < share/4:
			l.paused = resume(of) != nil
		}
	}
}
