package fault

import (
	"testing"
	"time"
)

func TestReplay(t *testing.T) {
	r := Replay{Partitions: 3, Rounds: 10, Begin: time.Unix(1_800_000_000, 0), Lasts: time.Hour}
	if r.Records() != 60 {
		t.Fatalf("%d records", r.Records())
	}
	last, counts := map[int32]time.Time{}, map[int32]int{}
	for n := range r.Records() {
		p, at := r.Place(n)
		if counts[p] == 0 && !at.Equal(r.Begin) {
			t.Errorf("partition %d begins at %s", p, at)
		}
		if counts[p] > 0 && !at.After(last[p]) {
			t.Errorf("record %d of partition %d is at %s, after %s", n, p, at, last[p])
		}
		last[p] = at
		counts[p]++
	}
	for p := range int32(3) {
		want := 10 * int(p+1)
		if end := r.Begin.Add(r.Lasts); counts[p] != want || last[p].After(end) || end.Sub(last[p]) > time.Hour/10 {
			t.Errorf("partition %d: %d records up to %s", p, counts[p], last[p])
		}
	}
}
