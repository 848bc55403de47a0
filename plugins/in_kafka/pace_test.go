package inkafka

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/tidegate/tidegate/common/delivery"
)

const minute = int64(time.Minute / time.Millisecond)

// replay is a reader of partitions with a message a minute, and outputs that
// deliver what is on the way, the oldest first.
type replay struct {
	t      *testing.T
	pace   *pace
	now    time.Time
	first  int64
	lanes  []*replayed
	queue  []int64 // what was released, in order
	flying map[delivery.Partition][]int64
}

type replayed struct {
	assignment *delivery.Assignment
	times      []int64
}

func newReplay(t *testing.T, most time.Duration, lanes int) *replay {
	r := &replay{t: t, pace: newPace(most, 64<<20), now: time.Unix(1_800_000_000, 0), flying: map[delivery.Partition][]int64{}}
	r.first = r.now.Add(-24 * time.Hour).UnixMilli()
	for i := range lanes {
		l := &replayed{assignment: &delivery.Assignment{Partition: delivery.Partition{Topic: "t", ID: int32(i)}}}
		r.pace.add(l.assignment, r.now)
		r.lanes = append(r.lanes, l)
	}
	return r
}

// read reads n messages of a lane, and releases what is due.
func (r *replay) read(l *replayed, n int) {
	r.look(false)
	lane := r.pace.lane(l.assignment)
	for range min(n, len(l.times)) {
		at := l.times[0]
		l.times = l.times[1:]
		r.pace.tick(lane, at)
		if r.pace.early(lane) {
			b := r.pace.hold(lane, func() *delivery.Batch { return new(delivery.Batch) })
			b.Events = append(b.Events, 1)
			b.Emit(l.assignment, lane.clock, lane.clock)
			lane.bytes++
			continue
		}
		r.release(l.assignment.Partition, lane.clock)
	}
	r.releaseDue()
}

func (r *replay) releaseDue() {
	r.look(false)
	for {
		before := map[delivery.Partition]*heldBatch{}
		for of, l := range r.pace.lanes {
			if len(l.held) > 0 {
				before[of] = l.held[0]
			}
		}
		b := r.pace.due()
		if b == nil {
			return
		}
		for of, held := range before {
			if held.Batch == b {
				for at := held.oldest; at <= held.newest; at += minute {
					r.release(of, at)
				}
			}
		}
	}
}

func (r *replay) look(stalled bool) {
	r.pace.look(r.now, stalled, func(p delivery.Partition) (int64, bool) {
		if f := r.flying[p]; len(f) > 0 {
			return f[0], true
		}
		return 0, false
	})
}

func (r *replay) release(of delivery.Partition, at int64) {
	r.queue = append(r.queue, at)
	r.flying[of] = append(r.flying[of], at)
}

// skew is how far a released record was ahead of a later one.
func (r *replay) skew() time.Duration {
	newest, skew := int64(math.MinInt64), int64(0)
	for _, at := range r.queue {
		newest = max(newest, at)
		skew = max(skew, newest-at)
	}
	return time.Duration(skew) * time.Millisecond
}

func TestPaceKeepsAReplayTogether(t *testing.T) {
	t.Parallel()
	const most = 30 * time.Minute
	for _, bound := range []time.Duration{most, 0} {
		r := newReplay(t, bound, 12)
		want := 0
		for _, l := range r.lanes {
			for m := range int64(24 * 60) {
				l.times = append(l.times, r.first+m*minute)
			}
			want += len(l.times)
		}
		// A fetch of one partition after the other, of hours each.
		for round := range 1000 {
			for i, l := range r.lanes {
				if r.pace.lane(l.assignment).bytes > 500 {
					continue // paused
				}
				r.read(l, 100+37*i)
				if len(l.times) == 0 {
					r.pace.ended(l.assignment.Partition)
				}
			}
			clear(r.flying) // delivered
			r.now = r.now.Add(100 * time.Millisecond)
			r.releaseDue()
			if len(r.queue) == want || round > 900 {
				break
			}
		}
		if len(r.queue) != want {
			t.Fatalf("max_skew %s: %d of %d records were released", bound, len(r.queue), want)
		}
		if skew := r.skew(); bound > 0 && skew > bound || bound == 0 && skew < 4*time.Hour {
			t.Errorf("max_skew %s: a record was %s ahead of a later one", bound, skew)
		}
	}
}

// TestPaceWaitsForTheFirst holds that nothing is released before every
// partition said something, and that one whose broker is away does not keep the
// others for ever.
func TestPaceWaitsForTheFirst(t *testing.T) {
	t.Parallel()
	r := newReplay(t, 30*time.Minute, 2)
	r.lanes[0].times = []int64{r.first, r.first + minute}
	r.read(r.lanes[0], 2)
	if len(r.queue) > 0 {
		t.Errorf("%d records were released", len(r.queue))
	}
	for end := r.now.Add(silentAfter + time.Second); r.now.Before(end); r.now = r.now.Add(lookAtLeast / 2) {
		r.releaseDue()
	}
	if len(r.queue) != 2 {
		t.Errorf("%d records were released of 2", len(r.queue))
	}
}

// TestPaceIgnoresWhoIsThere holds that partitions without lag neither wait nor
// keep others waiting, whatever their clocks say.
func TestPaceIgnoresWhoIsThere(t *testing.T) {
	t.Parallel()
	r := newReplay(t, 30*time.Minute, 2)
	for _, l := range r.lanes {
		r.pace.ended(l.assignment.Partition)
	}
	r.look(false)
	r.pace.ended(r.lanes[0].assignment.Partition)
	r.pace.ended(r.lanes[1].assignment.Partition)
	r.lanes[0].times = []int64{0, minute} // 1970
	r.lanes[1].times = []int64{r.now.UnixMilli(), r.now.Add(24 * 365 * time.Hour).UnixMilli()}
	r.read(r.lanes[0], 2)
	r.read(r.lanes[1], 2)
	if len(r.queue) != 4 {
		t.Errorf("%d records were released of 4", len(r.queue))
	}
}

func TestPacePauses(t *testing.T) {
	t.Parallel()
	r := newReplay(t, time.Minute, 1)
	lane := r.pace.lane(r.lanes[0].assignment)
	var calls []string
	works := errors.New("not now")
	pause := func(delivery.Partition) error { calls = append(calls, "pause"); return works }
	resume := func(delivery.Partition) error { calls = append(calls, "resume"); return works }
	for _, step := range []struct {
		bytes  int
		err    error
		paused bool
		calls  int
	}{
		{heldMost, nil, false, 0},
		{heldMost + 1, errors.New("not now"), false, 1},
		{heldMost + 1, nil, true, 2},
		{heldMost / 4, nil, true, 2},
		{heldMost/4 - 1, errors.New("not now"), true, 3},
		{heldMost/4 - 1, nil, false, 4},
	} {
		lane.bytes, works = step.bytes, step.err
		r.pace.switches(pause, resume)
		if lane.paused != step.paused || len(calls) != step.calls {
			t.Errorf("%+v: paused %v after %v", step, lane.paused, calls)
		}
	}
}

// TestPaceSharesTheRoom holds that many partitions together hold about as much as
// max_in_flight, down to what is worth a pause.
func TestPaceSharesTheRoom(t *testing.T) {
	t.Parallel()
	for lanes, want := range map[int]int{1: heldMost, 64: heldMost, 256: 256 << 10, 1024: heldShare, 4096: heldShare} {
		r := newReplay(t, time.Minute, lanes)
		for _, l := range r.lanes {
			r.pace.lane(l.assignment).bytes = want
		}
		paused := 0
		count := func(delivery.Partition) error { paused++; return nil }
		r.pace.switches(count, count)
		if paused > 0 {
			t.Errorf("%d partitions with %d bytes each: %d are paused", lanes, want, paused)
		}
		r.pace.lane(r.lanes[0].assignment).bytes++
		if r.pace.switches(count, count); paused != 1 {
			t.Errorf("%d partitions, one with a byte more than %d: %d are paused", lanes, want, paused)
		}
	}
}
