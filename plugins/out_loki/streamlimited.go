package outloki

import (
	"strings"

	"github.com/tidegate/tidegate/common/httpsend"
)

// streamRefused goes on after a 429 that is about one stream: its rate, or that
// Loki makes no more.
func (s *sender) streamRefused(p push, rep httpsend.Reply) (again []push, ok bool) {
	rate := toldRate(rep.Body)
	if s.out.memory.slow(rate) {
		s.out.report.slowed(rate)
	}
	if len(p.streams) > 1 {
		return s.doubted(p, rep.Body, rate), true
	}
	run := &p.streams[0]
	if contains(rep.Body, "Per stream rate limit") {
		s.out.memory.heat(run.key, s.start)
		if len(p.entries) > 1 && rate > 0 && p.size() > rate {
			// It may be above the burst, which the answer does not tell: parts of
			// it will pass.
			return p.halves(), true
		}
	} else if !run.isNew {
		s.out.memory.lost(p.tenant, s.out.now())
	}
	if s.stubborn {
		s.reject(p.entries, givenUp, rep)
		return nil, true
	}
	if rate == 0 {
		s.full(p.tenant)
	}
	now := s.out.now()
	s.out.memory.waits(run.key, now)
	if rep.RetryAfter > 0 {
		s.out.holds.until(p.tenant, now, now.Add(rep.RetryAfter))
	}
	s.out.report.retry(now, streamLimited, rep)
	return nil, false
}

// doubted settles a push of several streams after such an answer, and returns
// what it does not speak for, each stream alone. An ingester tells the error of
// its last stream only: it may have refused others, for their rate as well, or
// because it would have had to make them. It had those that are together here:
// where it has lost one, it may have lost any.
func (s *sender) doubted(p push, body []byte, rate int64) (again []push) {
	named := p.named(s.batch, body)
	if !contains(body, "Per stream rate limit") {
		s.out.memory.lost(p.tenant, s.out.now())
		again = s.batch.singles(p)
		s.out.memory.byTurn(again)
		return again
	}
	doubt := s.out.memory.overRate(p, named, rate, s.start)
	for i, one := range s.batch.singles(p) {
		r := &p.streams[i]
		if doubt[i] || r == named || s.couldBeRefused(one.entries) {
			again = append(again, one)
			continue
		}
		s.deliver(one.entries)
		s.out.memory.stored(one.streams, s.start)
	}
	s.out.memory.byTurn(again)
	return again
}

// full counts streams of a tenant that Loki does not make.
func (d *sending) full(tenant string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.unmade == nil {
		d.unmade = map[string]int{}
	}
	d.unmade[tenant]++
}

// isFull reports whether a push waits for Loki to make streams again: enough of
// its tenant's were refused in this flush.
func (d *sending) isFull(p push) bool {
	if len(p.streams) > 1 || !p.streams[0].isNew {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.unmade[p.tenant] >= maxRefusals
}

// named returns the stream of a push that an answer is about, nil for none.
func (p push) named(b *batch, body []byte) *streamRun {
	var labels string
	if a, is := readIngested(body); is {
		labels = a.labels
	} else if _, after, found := strings.Cut(string(body), "trying to create stream "); found {
		labels = after
	}
	for i := range p.streams {
		if sameStream(string(b.streams.texts.get(p.streams[i].stream)), labels) {
			return &p.streams[i]
		}
	}
	return nil
}

// size is that of the entries of a push.
func (p push) size() (total int64) {
	for i := range p.entries {
		total += int64(p.entries[i].size())
	}
	return total
}

// relearn splits a push off whose streams would not be together by what answers
// have told since it was made; it returns nil if it may go as it is.
func (s *sender) relearn(p push) (parts []push) {
	if len(p.streams) < 2 || s.out.memory.lessons.Load() == s.lessons || s.out.memory.again(p.streams, s.start) == 0 {
		return nil
	}
	entries := p.entries
	for first := 0; first < len(p.streams); {
		last, n := first, 0
		for last < len(p.streams) && (last == first || !p.streams[first].alone && !p.streams[last].alone) {
			n += run(entries[n:])
			last++
		}
		parts = append(parts, push{p.tenant, entries[:n], p.streams[first:last]})
		entries, first = entries[n:], last
	}
	return parts
}
