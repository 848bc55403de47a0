package outloki

import (
	"context"
	"errors"
	"regexp"
	"strconv"

	"github.com/tidegate/tidegate/common/httpsend"
)

// wait notes that not everything is settled.
func (d *sending) wait() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.waits = true
}

// mustWait reports whether nothing more is sent to a tenant in this flush. A
// server that gives no answers keeps a flush for one timeout and not for one of
// each tenant.
func (d *sending) mustWait(tenant string) bool {
	now := d.out.now()
	d.mu.Lock()
	waiting := d.waiting[tenant] || d.mute && now.Sub(d.start) >= d.out.timeout
	d.mu.Unlock()
	return waiting || d.out.holds.active(tenant, now)
}

// hold has a tenant wait: its push came back with nothing stored.
func (s *sender) hold(ctx context.Context, p push, a answer, rep httpsend.Reply) (again []push, ok bool) {
	if a == unavailable && rep.Status >= 500 && s.stubborn {
		return s.giveUp(p, rep)
	}
	s.mu.Lock()
	if s.waiting == nil {
		s.waiting = map[string]bool{}
	}
	s.waiting[p.tenant] = true
	s.mute = s.mute || rep.Err != nil
	s.mu.Unlock()
	now := s.out.now()
	if rep.RetryAfter > 0 {
		s.out.holds.until(p.tenant, now.Add(rep.RetryAfter))
	}
	if errors.Is(rep.Err, context.Canceled) && ctx.Err() != nil {
		return nil, false // by the agent's stop, which says nothing of the server
	}
	s.out.report.retry(now, a, rep)
	return nil, false
}

// streamRefused goes on after a 429 that is about one stream. Loki stored the
// others; but which ones of those that it had to make, it does not say.
func (s *sender) streamRefused(p push, rep httpsend.Reply) (again []push, ok bool) {
	if len(p.streams) > 1 {
		for _, one := range s.batch.singles(p) {
			labels := string(s.batch.streams.texts.get(one.streams[0].stream))
			if one.streams[0].isNew || s.isNamed(labels, rep.Body) || s.couldBeRefused(one.entries) {
				again = append(again, one)
			} else {
				s.deliver(one.entries)
			}
		}
		return again, true
	}
	run := &p.streams[0]
	if contains(rep.Body, "Per stream rate limit") {
		s.out.memory.heat(run.key, s.start)
		if len(p.entries) > 1 && aboveStreamRate(p, rep.Body) {
			return p.halves(), true
		}
	} else {
		s.out.memory.refused(run.key)
	}
	if s.stubborn {
		s.reject(p.entries, givenUp, rep)
		return nil, true
	}
	now := s.out.now()
	if rep.RetryAfter > 0 {
		s.out.holds.until(p.tenant, now.Add(rep.RetryAfter))
	}
	s.out.report.retry(now, streamLimited, rep)
	return nil, false
}

// isNamed reports whether an answer is about a stream.
func (s *sender) isNamed(labels string, body []byte) bool {
	a, is := readIngested(body)
	return !is || sameStream(labels, a.labels)
}

// giveUp finds, by halves, what the server does not take of a chunk, though it
// took others meanwhile, and gives it up: as much as it likes of a chunk that it
// takes other parts of, and otherwise a few records, for it may have gone away
// just now.
func (s *sender) giveUp(p push, rep httpsend.Reply) (again []push, ok bool) {
	if len(p.entries) > 1 {
		return p.halves(), true
	}
	s.mu.Lock()
	s.lone++
	few := s.lone <= maxRefusals
	s.mu.Unlock()
	if few || s.out.lastGood.Load() >= s.start.UnixNano() {
		s.reject(p.entries, givenUp, rep)
		return nil, true
	}
	return nil, false
}

var streamRateText = regexp.MustCompile(`Per stream rate limit exceeded \(limit: (\d+)([KMGT]?)B/sec\)`)

// aboveStreamRate reports whether a push is larger than what its stream may
// have in a second, as the answer tells: the burst, which it does not tell, may
// be smaller than the push, and parts of it will pass.
func aboveStreamRate(p push, body []byte) bool {
	m := streamRateText.FindSubmatch(body)
	if m == nil {
		return false
	}
	limit, err := strconv.ParseInt(string(m[1]), 10, 32)
	if err != nil {
		return false
	}
	if len(m[2]) > 0 {
		limit <<= map[byte]int64{'K': 10, 'M': 20, 'G': 30, 'T': 40}[m[2][0]] & 31
	}
	total := int64(0)
	for i := range p.entries {
		total += int64(p.entries[i].size())
	}
	return total > limit
}
