package outlogtide

import (
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidegate/tidegate/common/httpsend"
	"github.com/tidegate/tidegate/common/metric"
	"github.com/tidegate/tidegate/common/plugin"
	"github.com/tidegate/tidegate/common/reasons"
	"github.com/tidegate/tidegate/common/throttle"
)

// reporter counts and logs. It is safe for concurrent use.
type reporter struct {
	log      *slog.Logger
	counts   metric.Output
	requests metric.Requests
	// resumed counts flushes that went on where an earlier one had to wait.
	resumed  prometheus.Counter
	rejected *reasons.Book[reason]
	retries  [numAnswers]throttle.Line
}

// prefix is that of the metrics.
const prefix = "tidegate_logtide"

func newReporter(host plugin.Host) *reporter {
	return &reporter{
		log:      host.Log,
		counts:   metric.NewOutput(host.Metrics, prefix),
		requests: metric.NewRequests(host.Metrics, prefix, answerNames[:]),
		resumed:  metric.NewResumed(host.Metrics, prefix),
		rejected: reasons.NewRejected(prefix, numReasons, nil, host.Log, host.Metrics),
	}
}

// settled is what one flush settled. It is entered at the end of the flush,
// also where the chunk has to wait: what is settled is not done again.
type settled struct {
	delivered int64
	rejected  reasons.Sums[reason]
}

// unfit rejects a part of a chunk that is no record.
func (s *settled) unfit(err error, _ bool) {
	s.rejected.Add(malformed, 1, reasons.Example{Text: err.Error()})
}

// unfitReason is why a record makes no log.
func unfitReason(err error) reason {
	if errors.Is(err, errTooLarge) {
		return entryTooLarge
	}
	return unencodable
}

// enter takes over what a flush settled.
func (r *reporter) enter(now time.Time, s *settled) {
	r.counts.Delivered.Add(float64(s.delivered))
	r.rejected.Enter(now, &s.rejected)
}

// retry tells why a chunk has to wait.
func (r *reporter) retry(now time.Time, a answer, rep httpsend.Reply, sent int) {
	chunks, due := r.retries[a].Add(now, 1)
	if !due {
		return
	}
	attrs := append([]any{slog.Int64("chunks", chunks)}, rep.Attrs()...)
	if rep.RetryAfter > 0 {
		attrs = append(attrs, slog.Duration("retry_after", rep.RetryAfter))
	}
	switch a {
	case misconfigured:
		r.log.Error("logtide refuses this output, chunks wait until that changes", append(attrs, slog.String("check", check(rep.Status)))...)
	case miscounted:
		r.log.Error("logtide did not confirm all logs of a request, chunks wait and may arrive twice",
			append(attrs, slog.Int("sent", sent), slog.String("check", "whether url is LogTide's own and ends in "+ingestPath))...)
	case quota:
		r.log.Error("the quota of this logtide project is used up, chunks wait until it is not", append(attrs, slog.String("check", "the plan and its limits"))...)
	case limited:
		r.log.Warn("logtide takes no more at the moment, chunks wait", attrs...)
	default:
		r.log.Warn("request failed, chunks wait", attrs...)
	}
}

// check says what an operator should look at for a status.
func check(status int) string {
	switch {
	case status == http.StatusUnauthorized:
		return "api_key or api_key_file: the key is wrong, or was revoked"
	case status == http.StatusForbidden:
		return "whether this key may write logs"
	case status == http.StatusNotFound, status == http.StatusMethodNotAllowed:
		return "the path of url: logtide's own is " + ingestPath
	case status >= 300 && status < 400:
		return "url: the server redirects, and requests follow no redirects"
	case status == http.StatusBadRequest:
		return "url: the answer is not logtide's; whether it must start with https"
	default:
		return "url, and what stands between this agent and logtide"
	}
}

// close logs what was kept back, and the sums.
func (r *reporter) close() {
	r.rejected.Close()
	r.log.Info("stopped", slog.Int64("delivered", metric.Sum(r.counts.Delivered)), slog.Int64("rejected", r.rejected.Total()))
}
