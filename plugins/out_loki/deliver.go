package outloki

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidegate/tidegate/common/httpsend"
	"github.com/tidegate/tidegate/common/plugin"
	"github.com/tidegate/tidegate/common/reasons"
)

// sending sends one batch: chains of pushes, several at a time. What one finds
// out about a tenant that has to wait, the others heed.
type sending struct {
	out   *Output
	batch *batch
	start time.Time
	// stubborn says that the chunk waits for longer than give_up_after, though
	// others were stored since it last came back.
	stubborn bool

	chains []chain
	next   atomic.Int64
	// lessons are those that the chains heed.
	lessons int64

	mu sync.Mutex
	// waits tells that not everything is settled; waiting are the tenants that
	// nothing more is sent to.
	waits   bool
	waiting map[string]bool
	// mute tells that a push came back without an answer.
	mute bool
	// unmade counts, by tenant, the streams that Loki does not make.
	unmade map[string]int
	// lone counts the single records that giveUp met.
	lone int
	// settled are the entries that the server has or that were rejected;
	// rejects are the latter.
	settled   [][]entry
	rejects   []rejected
	delivered int64
	// newest and oldest are the times of what was delivered.
	oldest, newest int64
}

// rejected is an entry that was given up.
type rejected struct {
	record int32
	stream int32
	why    reason
	status int
	text   string
}

// run sends everything and returns whether all of it is settled.
func (d *sending) run(ctx context.Context) plugin.Result {
	d.batch.sort()
	d.lessons = d.out.memory.lessons.Load()
	d.chains = d.batch.arrange(d.out.batchSize, d.out.memory, d.start)
	var ended []<-chan struct{}
	for range min(d.out.parallel, len(d.chains)) - 1 {
		ended = append(ended, d.out.spawn("push", func() { d.work(ctx) }))
	}
	d.join(ctx, ended)
	if d.waits || d.lost() {
		return plugin.Retry
	}
	return plugin.OK
}

// join works with the goroutines that ended tells of, and waits for them: also
// after a panic here, since they read the batch and the chunk.
func (d *sending) join(ctx context.Context, ended []<-chan struct{}) {
	defer func() {
		for _, e := range ended {
			<-e
		}
	}()
	d.work(ctx)
}

// lost reports whether a goroutine ended by a panic: its chain is not settled.
func (d *sending) lost() bool {
	n := 0
	for _, s := range d.settled {
		n += len(s)
	}
	return n < len(d.batch.entries)
}

// work sends chains until there is none left.
func (d *sending) work(ctx context.Context) {
	s := sender{sending: d, packer: d.out.packers.Get().(*packer)}
	defer func() {
		if s.packer.kept() {
			d.out.packers.Put(s.packer)
		}
	}()
	for {
		i := int(d.next.Add(1)) - 1
		if i >= len(d.chains) {
			return
		}
		for _, p := range d.chains[i] {
			if !s.settle(ctx, p) {
				break
			}
		}
	}
}

// sender is one of the goroutines that send a batch.
type sender struct {
	*sending
	packer *packer
}

// settle sends a push, in parts where the server wants that, until each entry
// is stored or rejected. It returns false if some have to wait: later entries
// of their streams wait too.
//
// Every part is smaller than what it is a part of, or of fewer streams, so this
// comes to an end.
func (s *sender) settle(ctx context.Context, p push) (all bool) {
	all = true
	refusals := 0
	for parts := []push{p}; len(parts) > 0; {
		last := len(parts) - 1
		part := parts[last]
		parts = parts[:last]
		if ctx.Err() != nil || s.mustWait(part.tenant) || refusals >= maxRefusals || s.isFull(part) {
			s.wait()
			return false
		}
		if again := s.relearn(part); again != nil {
			slices.Reverse(again)
			parts = append(parts, again...)
			continue
		}
		again, ok := s.send(ctx, part)
		if !ok {
			s.wait()
			refusals++
			all = false
		}
		slices.Reverse(again)
		parts = append(parts, again...)
	}
	return all
}

// maxRefusals is after how many streams of a push that have to wait, or of a
// tenant that Loki does not make, the others are not tried any more in this
// flush. Those come first in the next.
const maxRefusals = 8

// send makes one request. It returns what to go on with where the push has to
// be split, and false if it has to wait.
func (s *sender) send(ctx context.Context, p push) (again []push, ok bool) {
	rep := s.out.post(ctx, s.packer, s.batch, p)
	a := classify(rep.Status, rep.Body, rep.Err)
	s.out.report.pushes.Outcomes[a].Inc()
	switch a {
	case accepted:
		s.deliver(p.entries)
		s.out.memory.stored(p.streams, s.start)
		s.out.lastGood.Store(s.out.now().UnixNano())
		return nil, true
	case partial:
		return s.refusedInPart(p, rep), true
	case badLabels, refused:
		if len(p.streams) > 1 {
			return s.batch.splitStreams(p, a), true
		}
		why := refusedByServer
		if a == badLabels {
			why = labelSyntax
		}
		s.reject(p.entries, why, rep)
		return nil, true
	case tooLarge, overBurst:
		if len(p.entries) > 1 {
			return p.halves(), true
		}
		if a == tooLarge {
			s.reject(p.entries, entryTooLarge, rep)
			return nil, true
		}
	case streamLimited:
		return s.streamRefused(p, rep)
	}
	return s.hold(ctx, p, a, rep)
}

// deliver notes that the server has entries.
func (d *sending) deliver(entries []entry) {
	if len(entries) == 0 {
		return
	}
	oldest, newest := entries[0].time, entries[0].time
	for i := range entries {
		oldest, newest = min(oldest, entries[i].time), max(newest, entries[i].time)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.settled = append(d.settled, entries)
	if d.delivered == 0 {
		d.oldest, d.newest = oldest, newest
	}
	d.delivered += int64(len(entries))
	d.oldest, d.newest = min(d.oldest, oldest), max(d.newest, newest)
}

// reject gives entries up.
func (d *sending) reject(entries []entry, why reason, rep httpsend.Reply) {
	text := reasons.Clip(string(rep.Body))
	d.mu.Lock()
	defer d.mu.Unlock()
	d.settled = append(d.settled, entries)
	for i := range entries {
		d.rejects = append(d.rejects, rejected{entries[i].record, entries[i].stream, why, rep.Status, text})
	}
}

// apply settles entries by a verdict on each, but for those that are unheard.
func (d *sending) apply(entries []entry, of []reason, rep httpsend.Reply) {
	for from := 0; from < len(entries); {
		to := from + 1
		for to < len(entries) && of[to] == of[from] {
			to++
		}
		switch of[from] {
		case innocent:
			d.deliver(entries[from:to])
		case unheard:
		default:
			d.reject(entries[from:to], of[from], rep)
		}
		from = to
	}
}

// refusedInPart settles a push of which the server stored only a part, and
// returns what has to be sent again, because the answer does not speak for it.
func (d *sending) refusedInPart(p push, rep httpsend.Reply) (again []push) {
	a, is := readIngested(rep.Body)
	if !is {
		v := judge(d.batch, p, rep)
		d.apply(p.entries, v.of, rep)
		return v.unheard()
	}
	from, n, found := a.find(d.batch, p)
	if !found {
		// Of none of our streams: each is asked for on its own.
		return d.batch.singles(p)
	}
	entries := p.entries[from : from+n]
	of := a.judge(entries, d.ownVerdict)
	d.apply(entries, of, rep)
	lag := d.learn(p, entries, of)
	for _, other := range d.batch.singles(p) {
		switch r := &other.streams[0]; {
		case r.stream == entries[0].stream:
		case lag > 0 && d.out.memory.behind(r.key, other.entries[0].time, d.start) >= lag, d.couldBeRefused(other.entries):
			again = append(again, other)
		default:
			d.deliver(other.entries)
		}
	}
	return again
}

// learn returns how far behind an entry of the stream was that Loki refused for
// that, and takes it for the window if that is smaller.
func (d *sending) learn(p push, entries []entry, of []reason) (lag time.Duration) {
	for i := range entries {
		if of[i] == tooFarBehind {
			r := p.runOf(entries[0].stream)
			lag = d.out.memory.behind(r.key, entries[i].time, d.start)
		}
	}
	if d.out.memory.narrow(lag) {
		d.out.report.narrowed(lag)
	}
	return lag
}
