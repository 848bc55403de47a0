package outloki

import (
	"bytes"
	"net/http"
	"regexp"
	"strconv"
)

// answer is what a push came to.
type answer uint8

const (
	// accepted: everything is stored.
	accepted answer = iota
	// partial: the server refused the entries that its answer names, for good,
	// and stored the rest.
	partial
	// badLabels: the push was refused as a whole because the labels of one
	// stream do not parse.
	badLabels
	// refused: the push was refused for a reason that is not known here.
	refused
	// tooLarge: a smaller push may pass.
	tooLarge
	// overBurst: as tooLarge, but a single entry may also just have to wait.
	overBurst
	// streamLimited: the server takes no more of one stream, or no new ones, for
	// now.
	streamLimited
	// limited: the server takes no more for now.
	limited
	// unavailable: the server cannot be reached, or is in trouble.
	unavailable
	// misconfigured: nothing will pass until an operator changes something.
	misconfigured

	numAnswers
)

var answerNames = [numAnswers]string{
	"accepted", "partial", "bad_labels", "refused", "too_large", "over_burst", "stream_limited", "limited", "unavailable", "misconfigured",
}

func (a answer) String() string { return answerNames[a] }

// classify tells what a push came to by the answer's status and body, or by
// the error of a push without an answer.
func classify(status int, body []byte, err error) answer {
	switch {
	case err != nil:
		return unavailable
	case status >= 200 && status < 300:
		// An operator's block answers 260 unless it is set to another status.
		if bytes.HasPrefix(body, []byte("ingestion blocked")) {
			return partial
		}
		return accepted
	case status == http.StatusBadRequest:
		return classifyBadRequest(body)
	case status == http.StatusRequestEntityTooLarge:
		return tooLarge
	case status == http.StatusTooManyRequests:
		if aboveRate(body) {
			return overBurst
		}
		if contains(body, "Per stream rate limit") || contains(body, "aximum active stream limit") {
			return streamLimited
		}
		return limited
	case status == http.StatusRequestTimeout:
		return unavailable
	case status >= 500:
		// Loki's components take 4 MiB from each other, and say so by 500.
		if contains(body, "larger than max") || contains(body, "ResourceExhausted") {
			return tooLarge
		}
		return unavailable
	default:
		// 401, 403 and 404, redirects, and whatever else only says that this
		// is not the right door. Records must not pay for it.
		return misconfigured
	}
}

// classifyBadRequest reads a 400. Loki's texts are in its validation package,
// in the push parser and in the ingester's stream.
func classifyBadRequest(body []byte) answer {
	switch {
	case bytes.HasPrefix(body, []byte("couldn't parse labels")):
		return badLabels
	case reasonOf(body) != refusedByServer:
		return partial
	case contains(body, "tenant ID") || contains(body, "org id"):
		return misconfigured
	case contains(body, "HTTP request was sent to HTTPS") || contains(body, "HTTP request to an HTTPS"):
		// What nginx and Go answer to http:// on a TLS port.
		return misconfigured
	default:
		return refused
	}
}

// serverReasons are phrases of Loki's errors about single entries and streams.
// The first that is found counts.
var serverReasons = []struct {
	phrase string
	reason reason
}{
	{"too far behind", tooFarBehind},
	{"out of order", tooFarBehind},
	{"has timestamp too old", tooOld},
	{"has timestamp too new", tooNew},
	{"max entry size", lineTooLong},
	{"structured metadata", structuredMetadata},
	{"Per stream rate limit", streamRate},
	{"label names; limit", labelLimit},
	{"label name too long", labelLimit},
	{"label value too long", labelLimit},
	{"duplicate label name", labelLimit},
	{"missing required labels", labelLimit},
	{"at least one label pair", labelLimit},
	{"rror parsing labels", labelLimit},
	{"ingestion blocked", blocked},
}

// reasonOf returns why the server refused entries, refusedByServer if its
// text names none of the known reasons.
func reasonOf(body []byte) reason {
	for _, r := range serverReasons {
		if contains(body, r.phrase) {
			return r.reason
		}
	}
	return refusedByServer
}

// Loki's rate limiter tells the rate and what was asked of it, and refuses for
// good what is above the burst, which it does not tell. Above the rate of one
// second a push may be above the burst; smaller ones will pass.
var rateText = regexp.MustCompile(`\(limit: (\d+) bytes/sec\).* totaling '(\d+)' bytes`)

func aboveRate(body []byte) bool {
	m := rateText.FindSubmatch(body)
	if m == nil {
		return contains(body, "exceeds limiter's burst")
	}
	limit, limitErr := strconv.ParseInt(string(m[1]), 10, 64)
	total, totalErr := strconv.ParseInt(string(m[2]), 10, 64)
	return limitErr == nil && totalErr == nil && total > limit
}

func contains(body []byte, phrase string) bool { return bytes.Contains(body, []byte(phrase)) }
