package chunk

import (
	"encoding/hex"
	"testing"
)

const (
	openA   = "92 92 d7 00 ffffffff 00000000 81 a1 6d 01 81 a1 62 02"
	closing = "92 92 d7 00 fffffffe 00000000 80 80"
	member  = "92 92 05 80 80"
)

func TestReaderKeepsGroups(t *testing.T) {
	type group struct{ metadata, body string }
	a, b, none := group{"81a16d01", "81a16202"}, group{"80", "8101c0"}, group{}
	f := func(name, chunk string, bad int, want ...group) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			r := NewReader(fromHex(t, chunk))
			var got []group
			for {
				for ev := (Event{}); r.Next(&ev); {
					got = append(got, group{hex.EncodeToString(ev.GroupMetadata), hex.EncodeToString(ev.GroupBody)})
				}
				if r.Err() == nil {
					break
				}
				if bad--; !r.Resume() {
					t.Fatal(r.Err())
				}
			}
			if len(got) != len(want) || bad != 0 {
				t.Fatalf("%d events, %d errors missing", len(got), bad)
			}
			for i := range want {
				if got[i] != want[i] {
					t.Errorf("event %d: got %v, want %v", i, got[i], want[i])
				}
			}
		})
	}
	const openB = "92 92 c7 08 00 ffffffff 00000000 80 81 01 c0" // with a longer time
	f("before, in and behind", member+openA+member+member+closing+member, 0, none, a, a, none)
	f("two", openA+member+closing+openB+member+closing, 0, a, b)
	f("empty", openA+closing+member, 0, none)
	f("never closed", openA+member, 0, a)
	f("the second opens in the first", openA+member+openB+member+closing+member, 0, a, b, none)
	f("closed twice", openA+closing+closing+member, 0, none)
	f("format 1", "92 d7 00 ffffffff 00000000 8101c0"+member, 0, group{"", "8101c0"})
	f("a bad record does not end it", openA+member+"92 05 01"+member+closing, 1, a, a)
	// Nothing says what the records behind a broken marker belong to, but it is not the group before it.
	f("broken opening", openA+member+"92 92 d7 00 ffffffff 00000000 80 01"+member, 1, a, none)
	f("broken end", openA+member+"92 92 d7 00 fffffffe 00000000 01 80"+member, 1, a, none)
	f("numbers are no markers", openA+"92 fe 80"+member+"92 ff 80"+member, 2, a, a)
}
