package outlogtide

import (
	"bytes"
	"encoding/json"
	"net/http"

	"github.com/tidegate/tidegate/common/httpsend"
)

// answer is what a request came to.
type answer uint8

const (
	// accepted: the server has all logs.
	accepted answer = iota
	// miscounted: the server says that it is well but not that it has all.
	miscounted
	// invalid: the request was refused as a whole because logs in it break a
	// rule.
	invalid
	// tooLarge: a smaller request may pass.
	tooLarge
	// limited: the server takes no more for now.
	limited
	// quota: the server takes no more for long, until the month is over or the
	// plan changes.
	quota
	// unavailable: the server cannot be reached, or is in trouble.
	unavailable
	// misconfigured: nothing will pass until an operator changes something.
	misconfigured

	numAnswers
)

var answerNames = [numAnswers]string{
	"accepted", "miscounted", "invalid", "too_large", "limited", "quota", "unavailable", "misconfigured",
}

func (a answer) String() string { return answerNames[a] }

// classify tells what a request of sent logs came to.
func classify(rep httpsend.Reply, sent int) answer {
	status := rep.Status
	switch {
	case rep.Err != nil:
		return unavailable
	case status >= 200 && status < 300:
		if n, ok := received(rep.Body); ok && n == sent {
			return accepted
		}
		return miscounted
	case status == http.StatusBadRequest:
		// The server's own 400 is a JSON object with the details. Any other
		// comes from something in front of it, and rejecting logs by it would
		// lose all of them.
		if isObject(rep.Body) {
			return invalid
		}
		return misconfigured
	case status == http.StatusRequestEntityTooLarge:
		return tooLarge
	case status == http.StatusTooManyRequests:
		if bytes.Contains(rep.Body, []byte(`"capability.`)) {
			return quota
		}
		return limited
	case status == http.StatusRequestTimeout, status >= 500:
		return unavailable
	default:
		// 401, 403 and 404, redirects, and whatever else only says that this
		// is not the right door. Records must not pay for it.
		return misconfigured
	}
}

// received returns how many logs the server says that it has.
func received(body []byte) (n int, ok bool) {
	var told struct {
		Received *int `json:"received"`
	}
	if err := json.Unmarshal(body, &told); err != nil || told.Received == nil {
		return 0, false
	}
	return *told.Received, true
}

// isObject reports whether body starts as a JSON object. A long one may have
// been cut off.
func isObject(body []byte) bool {
	body = trim(body)
	return len(body) > 1 && body[0] == '{' && bytes.HasPrefix(trim(body[1:]), []byte{'"'})
}
