package fault

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestNumberIsFoundInWhateverBecomesOfARecord(t *testing.T) {
	for _, n := range []int{0, 7, 123456789} {
		record := string(AppendRecord(nil, n))
		var parsed map[string]any
		if err := json.Unmarshal([]byte(record), &parsed); err != nil {
			t.Fatalf("%s: %v", record, err)
		}
		once, err := json.Marshal(map[string]string{"log": record})
		if err != nil {
			t.Fatal(err)
		}
		twice, err := json.Marshal(map[string]string{"payload": string(once)})
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{record, string(once), string(twice), parsed["message"].(string)} {
			if got, ok := NumberIn([]byte(text)); !ok || got != n {
				t.Errorf("found %d, %v in %s", got, ok, text)
			}
		}
	}
	for _, text := range []string{"", "number=", "number=;", "number=x;", "number=12", "number=-1;"} {
		if n, ok := NumberIn([]byte(text)); ok {
			t.Errorf("found %d in %q", n, text)
		}
	}
}

func TestPaddedRecords(t *testing.T) {
	for n := range 300 {
		plain, padded := AppendRecord(nil, n), AppendPadded(nil, n, 1000)
		if got, ok := NumberIn(padded); !ok || got != n || !json.Valid(padded) {
			t.Fatalf("found %d, %v in %s", got, ok, padded)
		}
		if more := len(padded) - len(plain); more < 1000 || more > 1030 {
			t.Fatalf("record %d is %d bytes longer", n, more)
		}
	}
}

// handOut makes a ledger of n numbers, of which those named were not confirmed.
func handOut(n int, unsafe ...int) *Ledger {
	l := &Ledger{}
	not := map[int]bool{}
	for _, u := range unsafe {
		not[u] = true
	}
	for range n {
		if next := l.Next(); !not[next] {
			l.Ack(next)
		}
	}
	return l
}

func copiesOf(numbers ...int) *Copies {
	c := &Copies{}
	for _, n := range numbers {
		c.Add(AppendRecord(nil, n))
	}
	return c
}

func TestJudge(t *testing.T) {
	hidden := copiesOf(0, 1, 2)
	hidden.AddHidden(4)
	hidden.AddHidden(-1) // a store that counts behind what it shows
	strange := copiesOf(0, 1, 2, 3)
	strange.Add([]byte("what is this"))
	for name, c := range map[string]struct {
		ledger *Ledger
		copies *Copies
		want   Verdict
	}{
		"all, in another order": {handOut(3), copiesOf(2, 0, 1), Verdict{Sent: 3, Stored: 3}},
		"a loss":                {handOut(3), copiesOf(0, 2), Verdict{Sent: 3, Stored: 2, Missing: 1, Gaps: "1"}},
		"the last are lost":     {handOut(200), copiesOf(0, 1), Verdict{Sent: 200, Stored: 2, Missing: 198, Gaps: "2-199"}},
		"all are lost":          {handOut(2), copiesOf(), Verdict{Sent: 2, Missing: 2, Gaps: "0-1"}},
		"losses everywhere":     {handOut(14), copiesOf(1, 3, 5, 7, 9, 11), Verdict{Sent: 14, Stored: 6, Missing: 8, Gaps: "0, 2, 4, 6, 8, …"}},
		"a double":              {handOut(3), copiesOf(0, 1, 1, 2), Verdict{Sent: 3, Stored: 3, Twice: 1}},
		"a double of a double":  {handOut(1), copiesOf(0, 0, 0), Verdict{Sent: 1, Stored: 1, Twice: 2}},
		"a double and a loss":   {handOut(3), copiesOf(0, 1, 1), Verdict{Sent: 3, Stored: 2, Missing: 1, Twice: 1, Gaps: "2"}},
		"a double nobody sees":  {handOut(3), hidden, Verdict{Sent: 3, Stored: 3, Twice: 4}},
		"unsafe and not there":  {handOut(3, 1), copiesOf(0, 2), Verdict{Sent: 2, Stored: 2}},
		"unsafe and there":      {handOut(3, 1), copiesOf(0, 1, 2), Verdict{Sent: 2, Stored: 3}},
		"never handed out":      {handOut(3), strange, Verdict{Sent: 3, Stored: 3, Strange: 2}},
	} {
		if got := Judge(c.ledger, c.copies); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestLossless(t *testing.T) {
	for v, want := range map[Verdict]string{
		{Sent: 9, Stored: 9, Twice: 3}:   "",
		{}:                               "nothing was sent",
		{Sent: 9, Stored: 8, Missing: 1}: "of 9 records 1 are missing",
		{Sent: 9, Stored: 9, Twice: 0, Strange: 2}:   "2 that are none",
		{Sent: 9, Stored: 10, Missing: 0, Twice: 11}: "",
	} {
		err := v.Lossless()
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", v, err, want)
		}
	}
}

func TestLedgerAcksOnce(t *testing.T) {
	l := &Ledger{}
	for range 130 {
		l.Next()
	}
	for _, n := range []int{0, 63, 64, 129, 64} {
		l.Ack(n)
	}
	if l.Safe() != 4 || l.HandedOut() != 130 {
		t.Errorf("%d safe of %d", l.Safe(), l.HandedOut())
	}
}

func TestLedgerOnly(t *testing.T) {
	odd := handOut(200, 7).Only(func(n int) bool { return n%2 == 1 })
	if odd.Safe() != 99 || odd.HandedOut() != 200 {
		t.Errorf("%d safe of %d", odd.Safe(), odd.HandedOut())
	}
	if v := Judge(odd, copiesOf(1, 2, 3)); v.Missing != 97 || v.Stored != 3 || v.Gaps != "5, 9, 11, 13, 15, …" {
		t.Errorf("%+v", v)
	}
}
