package outloki

import (
	"regexp"
	"strconv"
	"time"
)

// What an ingester says of a stream, of whose entries it stored the rest.
var (
	ignoredText = regexp.MustCompile(`total ignored: (\d+) out of (\d+) for stream: (\{.*\})`)
	behindText  = regexp.MustCompile(`entry too far behind, entry timestamp is: [0-9TZ:+-]+, oldest acceptable timestamp is: ([0-9TZ:+-]+)`)
)

// ingested is an ingester's answer: it is about one stream of a push, and says
// nothing of the others.
type ingested struct {
	ignored, of int
	labels      string
	// cutoff is the oldest time that it took, 0 if it does not say.
	cutoff int64
}

func readIngested(body []byte) (a ingested, is bool) {
	m := ignoredText.FindSubmatch(body)
	if m == nil {
		return a, false
	}
	a.ignored, _ = strconv.Atoi(string(m[1])) // digits; one that is too long is as large as can be
	a.of, _ = strconv.Atoi(string(m[2]))
	a.labels = string(m[3])
	if m := behindText.FindSubmatch(body); m != nil {
		if t, err := time.Parse(time.RFC3339, string(m[1])); err == nil {
			a.cutoff = t.Add(time.Second).UnixNano() // it is cut to the second
		}
	}
	return a, true
}

// find returns which entries of a push the answer is about, the index of the
// first and their number.
func (a *ingested) find(b *batch, p push) (from, n int, found bool) {
	for from < len(p.entries) {
		n = run(p.entries[from:])
		if sameStream(string(b.streams.texts.get(p.entries[from].stream)), a.labels) {
			return from, n, true
		}
		from += n
	}
	return 0, len(p.entries), len(p.streams) == 1
}

// judge returns the verdict on the entries of that stream. Entries come in the
// order of time, so those behind the cutoff are the first ones. Where the
// ingester saw fewer entries than were sent, the distributor refused some
// before, and its words are lost: what breaks a limit of ours is guilty, and if
// that does not explain it, the others are in doubt.
func (a *ingested) judge(entries []entry, own func(*entry) reason) []reason {
	of, guilty := make([]reason, len(entries)), 0
	missing := len(entries) - a.of
	for i := range entries {
		of[i] = innocent
		if missing > 0 {
			if of[i] = own(&entries[i]); of[i] != innocent {
				guilty++
			}
		}
	}
	if missing -= guilty; missing < 0 {
		// The limits are not ours.
		for i := range of {
			of[i] = innocent
		}
	}
	left := a.ignored
	for i := range entries {
		if of[i] == innocent && left > 0 && (a.cutoff == 0 || entries[i].time < a.cutoff) {
			of[i] = tooFarBehind
			left--
		}
	}
	if missing != 0 || left > 0 {
		for i := range of {
			if of[i] == innocent {
				of[i] = suspect
			}
		}
	}
	return of
}
