package outloki

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
	log    *slog.Logger
	counts metric.Output
	pushes metric.Requests
	// resumed counts flushes that went on where an earlier one had to wait.
	resumed  prometheus.Counter
	rejected *reasons.Book[reason]
	retries  [numAnswers]throttle.Line
	changed  *reasons.Book[change]
	demoted  *prometheus.CounterVec
	pushStats
}

func newReporter(host plugin.Host, m *memory) *reporter {
	const prefix = "tidegate_loki"
	return &reporter{
		log:      host.Log,
		counts:   metric.NewOutput(host.Metrics, prefix),
		pushes:   metric.NewRequests(host.Metrics, prefix, answerNames[:]),
		resumed:  metric.NewResumed(host.Metrics, prefix),
		rejected: reasons.NewRejected(prefix, numReasons, nil, host.Log, host.Metrics),
		changed: reasons.NewBook(reasons.Table[change]{
			Count:  numChanges,
			Metric: prefix + "_changed_records_total", Help: "Records, or streams of a chunk, that were changed to be within the limits.",
			Message: "records were changed to be within the limits", Level: slog.LevelWarn,
		}, host.Log, host.Metrics),
		demoted:   newDemoted(host.Metrics, prefix),
		pushStats: newPushStats(host.Metrics, prefix, m),
	}
}

// settled is what one flush rejected. It is entered at the end of the flush,
// also where the chunk has to wait: what is settled is not done again.
type settled struct {
	rejected reasons.Sums[reason]
}

// unfit rejects a part of a chunk that is no record.
func (s *settled) unfit(err error, _ bool) {
	s.rejected.Add(malformed, 1, reasons.Example{Text: err.Error()})
}

// unfitReason is why a record makes no entry.
func unfitReason(err error) reason {
	switch {
	case errors.Is(err, errLineTooLong):
		return lineTooLong
	case errors.Is(err, errBadTenant):
		return badTenant
	default:
		return unencodable
	}
}

// enter takes over what a flush settled.
func (r *reporter) enter(now time.Time, s *settled, d *sending) {
	r.counts.Delivered.Add(float64(d.delivered))
	r.rejected.Enter(now, &s.rejected)
	r.changed.Enter(now, &d.batch.limits.changes)
	if d.delivered > 0 {
		r.newest.Set(now.Sub(time.Unix(0, d.newest)).Seconds())
		r.oldest.Set(now.Sub(time.Unix(0, d.oldest)).Seconds())
	}
}

// narrowed tells that the out-of-order window is smaller than configured.
func (r *reporter) narrowed(lag time.Duration) {
	r.log.Warn("loki's out-of-order window is smaller than out_of_order_window says: set it to half of the ingester's max_chunk_age", slog.Duration("refused_behind", lag))
}

// slowed tells that the rate of a stream is smaller than configured.
func (r *reporter) slowed(rate int64) {
	r.log.Warn("loki's rate of a stream is smaller than max_stream_rate says: set max_stream_rate and max_stream_burst as loki's per_stream_rate_limit and per_stream_rate_limit_burst are", slog.Int64("bytes_per_second", rate))
}

// retry tells why a chunk, or a part of it, has to wait.
func (r *reporter) retry(now time.Time, a answer, rep httpsend.Reply) {
	chunks, due := r.retries[a].Add(now, 1)
	if !due {
		return
	}
	attrs := append([]any{slog.Int64("chunks", chunks)}, rep.Attrs()...)
	switch a {
	case misconfigured:
		r.log.Error("loki refuses this output, chunks wait until that changes", append(attrs, slog.String("check", check(rep.Status)))...)
	case limited, overBurst, streamLimited:
		if rep.RetryAfter > 0 {
			attrs = append(attrs, slog.Duration("retry_after", rep.RetryAfter))
		}
		r.log.Warn("loki takes no more at the moment, chunks wait", attrs...)
	default:
		r.log.Warn("push failed, chunks wait", attrs...)
	}
}

// check says what an operator should look at for a status.
func check(status int) string {
	switch {
	case status == http.StatusUnauthorized:
		return "the login: a user and password, in url or as http_user, or bearer_token or http_oauth; and tenant_id: a loki with multi-tenancy wants one"
	case status == http.StatusForbidden:
		return "whether this user may write for this tenant_id"
	case status == http.StatusNotFound, status == http.StatusMethodNotAllowed:
		return "the path of url: loki's own is " + pushPath
	case status >= 300 && status < 400:
		return "url: the server redirects, and pushes follow no redirects"
	case status == http.StatusBadRequest:
		return "tenant_id, and whether url must start with https"
	default:
		return "url, and what stands between this agent and loki"
	}
}

// close logs what was kept back, and the sums.
func (r *reporter) close(letters int) {
	r.rejected.Close()
	r.changed.Close()
	if letters > 0 {
		r.log.Warn("stopped before all dead letters were safe", slog.Int("letters", letters))
	}
	r.log.Info("stopped", slog.Int64("delivered", metric.Sum(r.counts.Delivered)), slog.Int64("rejected", r.rejected.Total()))
}
