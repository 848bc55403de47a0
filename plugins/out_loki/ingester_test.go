package outloki

import (
	"fmt"
	"sync"
	"time"
)

// ingester answers as Loki's does: it takes what it can of each stream, and
// tells the error of the last stream of a push only.
type ingester struct {
	mu sync.Mutex
	// room is how many bytes of lines each stream may still have, without limit
	// for those that are not in it; told is the rate that its answers tell.
	room map[string]int
	told string
	// streams are those that it has. It makes no more than most, 0 for no limit.
	streams map[string]bool
	most    int
	// behind is the oldest time that it takes, by stream.
	behind map[string]int64
	// stored counts the copies of each line.
	stored map[string]int
}

func newIngester() *ingester {
	return &ingester{room: map[string]int{}, told: "1KB", streams: map[string]bool{}, behind: map[string]int64{}, stored: map[string]int{}}
}

func (in *ingester) answer(push []stream) (last lokiReply) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, s := range push {
		last = in.take(s)
	}
	return last
}

func (in *ingester) take(s stream) lokiReply {
	if !in.streams[s.labels] && in.most > 0 && len(in.streams) >= in.most {
		return lokiReply{status: 429, body: "maximum active stream limit exceeded when trying to create stream " + s.labels + ", reduce the number of active streams"}
	}
	in.streams[s.labels] = true
	status, ignored, why := 204, 0, ""
	room, limited := in.room[s.labels]
	for _, l := range s.lines {
		switch cutoff := in.behind[s.labels]; {
		case limited && len(l.text) > room:
			ignored, status = ignored+1, 429
			why = fmt.Sprintf("Per stream rate limit exceeded (limit: %s/sec) while attempting to ingest for stream '%s' totaling %dB, consider", in.told, s.labels, len(l.text))
		case l.time < cutoff:
			ignored, status = ignored+1, 400
			why = fmt.Sprintf("entry too far behind, entry timestamp is: %s, oldest acceptable timestamp is: %s", second(l.time), second(cutoff))
		default:
			room -= len(l.text)
			in.stored[l.text]++
		}
	}
	if limited {
		in.room[s.labels] = room
	}
	if ignored == 0 {
		return lokiReply{status: 204}
	}
	return lokiReply{status: status, body: fmt.Sprintf("entry with timestamp x ignored, reason: '%s',\nuser 'fake', total ignored: %d out of %d for stream: %s", why, ignored, len(s.lines), s.labels)}
}

// fill sets what each stream may still have.
func (in *ingester) fill(room int, labels ...string) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, l := range labels {
		in.room[l] = room
	}
}

// copies returns how many lines there are, and copies of them.
func (in *ingester) copies() (lines, copies int) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, n := range in.stored {
		lines++
		copies += n
	}
	return lines, copies
}

func second(unixNano int64) string { return time.Unix(0, unixNano).UTC().Format(time.RFC3339) }
