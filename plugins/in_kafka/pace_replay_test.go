package inkafka

import (
	"testing"
	"time"

	"github.com/tidegate/tidegate/common/delivery"
)

// pacing is a pace of half an hour with a clock, and records that take no time to deliver
// unless they are in flight.
type pacing struct {
	*pace
	now      time.Time
	inFlight map[delivery.Partition]int64
}

func newPacing(partitions int32) (p *pacing, lanes []*lane) {
	p = &pacing{newPace(30*time.Minute, 64<<20), time.UnixMilli(1_800_000_000_000), map[delivery.Partition]int64{}}
	for id := range partitions {
		a := &delivery.Assignment{Partition: delivery.Partition{Topic: "t", ID: id}, Number: uint32(id + 1)}
		p.add(a, p.now)
		lanes = append(lanes, p.lane(a))
	}
	p.look(0) // as before each drain
	return p, lanes
}

// look passes time.
func (p *pacing) look(after time.Duration) {
	p.now = p.now.Add(after)
	p.pace.look(p.now, false, func(of delivery.Partition) (int64, bool) {
		at, ok := p.inFlight[of]
		return at, ok
	})
}

// read reads a record that is as old, and returns whether it was held.
func (p *pacing) read(l *lane, old time.Duration) (held bool) {
	p.tick(l, p.now.Add(-old).UnixMilli())
	if held = p.early(l); held {
		p.hold(l, func() *delivery.Batch { return new(delivery.Batch) })
	}
	return held
}

// release passes time and takes what is due.
func (p *pacing) release(after time.Duration) (batches int) {
	for p.look(after); p.due() != nil; batches++ {
		p.look(0)
	}
	return batches
}

// A partition with few records is at its end when another has just begun.
func TestPaceHoldsAPartitionThatIsAtItsEndFirst(t *testing.T) {
	p, lanes := newPacing(2)
	few, many := lanes[0], lanes[1]
	p.read(many, 24*time.Hour)
	p.read(few, 24*time.Hour)
	if p.release(20*time.Millisecond) != 2 || !p.read(few, 20*time.Hour) {
		t.Fatal("both begin a day ago, and one goes on four hours later")
	}
	p.ended(few.assignment.Partition)
	if p.release(20*time.Millisecond) > 0 || !p.read(few, 0) {
		t.Error("at its end, it is four hours and a day ahead of the other")
	}
	released := 0
	for old := 24 * time.Hour; old > 20*time.Hour; old -= 20 * time.Minute {
		if p.read(many, old) {
			t.Fatalf("the other is held at %s although it is behind", old)
		}
		released += p.release(20 * time.Millisecond)
	}
	if released != 1 {
		t.Errorf("the other has come up to one of its batches: %d are released", released)
	}
}

// At the end, a clock that is wrong keeps nobody waiting, and what is in flight does.
func TestPaceMovesTheClockAtTheEnd(t *testing.T) {
	p, lanes := newPacing(2)
	wrong, right := lanes[0], lanes[1]
	p.read(wrong, 24*time.Hour)
	p.read(right, time.Second)
	p.ended(wrong.assignment.Partition)
	if n := p.release(20 * time.Millisecond); n != 2 {
		t.Fatalf("%d batches are released", n)
	}
	p.look(20 * time.Millisecond)
	if p.read(right, 0) || p.read(wrong, 24*time.Hour) {
		t.Error("both are at the present")
	}
	p.inFlight[wrong.assignment.Partition] = wrong.clock
	if p.look(20 * time.Minute); p.read(right, 0) {
		t.Error("what is in flight is 20 minutes old")
	}
	if p.look(11 * time.Minute); !p.read(right, 0) {
		t.Error("what is in flight is 31 minutes old")
	}
}

// A partition that was paused is not silent when it goes on.
func TestPaceWaitsForAPausedPartition(t *testing.T) {
	p, lanes := newPacing(2)
	paused, other := lanes[0], lanes[1]
	p.read(other, 24*time.Hour)
	p.read(paused, 24*time.Hour)
	p.release(20 * time.Millisecond)
	if !p.read(paused, 23*time.Hour) {
		t.Fatal("it is an hour ahead")
	}
	for range 30 { // longer than silentAfter
		p.look(900 * time.Millisecond)
		p.read(other, 24*time.Hour)
	}
	if p.read(other, 22*time.Hour+45*time.Minute); p.release(20*time.Millisecond) != 2 {
		t.Fatal("both are within half an hour")
	}
	if p.look(20 * time.Millisecond); !p.read(other, 22*time.Hour+20*time.Minute) {
		t.Error("nobody knows what comes next of the partition that was paused")
	}
	for range 12 {
		p.look(900 * time.Millisecond)
	}
	if p.due() == nil {
		t.Error("nothing came of it for ten seconds")
	}
}
