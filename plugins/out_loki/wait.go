package outloki

import (
	"context"
	"errors"

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
		s.out.holds.until(p.tenant, now, now.Add(rep.RetryAfter))
	}
	if errors.Is(rep.Err, context.Canceled) && ctx.Err() != nil {
		return nil, false // by the agent's stop, which says nothing of the server
	}
	s.out.report.retry(now, a, rep)
	return nil, false
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
