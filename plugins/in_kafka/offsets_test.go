package inkafka

import (
	"fmt"
	"testing"
)

func TestOffsets(t *testing.T) {
	p, q := partition{"t", 0}, partition{"t", 1}
	o := newOffsets()
	want := func(when string, want string, marks ...mark) {
		t.Helper()
		got := ""
		for _, tp := range o.current(marks) {
			got += fmt.Sprintf("%s[%d]@%d ", *tp.Topic, tp.Partition, tp.Offset)
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", when, got, want)
		}
	}
	want("nothing assigned", "", mark{partition: p, assignment: 1, next: 5})
	o.assign(p)
	o.assign(q)
	first := o.assignment(p)
	want("both assigned", "t[0]@5 t[1]@7 ", mark{partition: p, assignment: first, next: 5}, mark{partition: q, assignment: o.assignment(q), next: 7})
	o.revoke(p)
	want("one revoked", "t[1]@8 ", mark{partition: p, assignment: first, next: 6}, mark{partition: q, assignment: o.assignment(q), next: 8})
	if n := o.assignment(p); n != 0 {
		t.Errorf("a revoked partition has assignment %d", n)
	}
	o.assign(p)
	want("of an earlier assignment", "", mark{partition: p, assignment: first, next: 9})
	want("of the new one", "t[0]@2 ", mark{partition: p, assignment: o.assignment(p), next: 2})
}
