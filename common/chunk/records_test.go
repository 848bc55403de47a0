package chunk

import (
	"errors"
	"strings"
	"testing"
)

func TestRecords(t *testing.T) {
	const good, bad = "92 05 80", "92 a1 35 80"
	f := func(name, chunk, want string) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			b := fromHex(t, chunk)
			var got strings.Builder
			for all := NewRecords(b); all.Next(); {
				switch {
				case all.Err == nil:
					got.WriteString("+")
				case errors.Is(all.Err, ErrTruncated), errors.Is(all.Err, ErrInvalidByte):
					got.WriteString("!")
					if !strings.Contains(all.Err.Error(), "bytes of the chunk are lost") {
						t.Error(all.Err)
					}
				default:
					got.WriteString("-")
				}
			}
			if got.String() != want || Count(b) != len(want) {
				t.Errorf("got %q, count %d; want %q", got.String(), Count(b), want)
			}
		})
	}
	f("empty", "", "")
	f("good", good+good, "++")
	f("a bad one between", good+bad+good, "+-+")
	f("only bad ones", bad+bad, "--")
	f("markers are none", openA+good+closing+good, "++")
	f("a broken marker is one", "92 d7 00 ffffffff 00000000 c0"+good, "-+")
	f("no msgpack at the end", good+bad+"c1"+good, "+-!")
	f("cut off", good+"92 05", "+!")
}
