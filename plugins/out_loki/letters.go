package outloki

import (
	"context"

	"github.com/tidegate/tidegate/common/office"
	"github.com/tidegate/tidegate/common/reasons"
)

// post sends the letters of what a flush rejected, and returns whether all are
// safe.
func (f *flush) post(ctx context.Context, d *sending) bool {
	if f.mail.Post(ctx, f.tag, f.data, d.rejected(), &f.tally.rejected) {
		return true
	}
	f.out.office.Keep(f.tag, f.data, f.mail)
	return false
}

// rejected returns what was rejected, as the office takes it.
func (d *sending) rejected() []office.Rejected[reason] {
	if len(d.rejects) == 0 {
		return nil
	}
	all := make([]office.Rejected[reason], len(d.rejects))
	for i := range d.rejects {
		r := &d.rejects[i]
		all[i] = office.Rejected[reason]{
			Record: int(r.record), Why: r.why,
			Example: reasons.Example{Status: r.status, Labels: d.labelsOf(r), Text: r.text},
		}
	}
	return all
}

// labelsOf returns the labels of an entry that was rejected.
func (d *sending) labelsOf(r *rejected) string {
	if r.stream == noStream {
		return ""
	}
	return string(d.batch.streams.texts.get(r.stream))
}
