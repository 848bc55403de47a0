package outloki

import (
	"sync"
	"time"

	"github.com/tidegate/tidegate/common/httpsend"
)

// holds keep an output from sending to a tenant for as long as the server asked.
// The zero value is ready. It is safe for concurrent use.
type holds struct {
	of sync.Map // tenant to *httpsend.Hold
}

func (h *holds) active(tenant string, now time.Time) bool {
	hold, is := h.of.Load(tenant)
	return is && hold.(*httpsend.Hold).Active(now)
}

func (h *holds) until(tenant string, then time.Time) {
	hold, _ := h.of.LoadOrStore(tenant, new(httpsend.Hold))
	hold.(*httpsend.Hold).Until(then)
}
