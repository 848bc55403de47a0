package outloki

import (
	"net/http"

	"github.com/tidegate/tidegate/common/httpsend"
)

// endpointRule adds Loki's own path to a URL without one.
var endpointRule = httpsend.EndpointRule{Path: pushPath, Example: "http://loki:3100"}

const pushPath = "/loki/api/v1/push"

// tenantHeader names the tenant.
const tenantHeader = "X-Scope-Orgid"

// newHeader makes the header of an instance's pushes.
func newHeader(tenant string) http.Header {
	h := http.Header{"Content-Type": {"application/x-protobuf"}}
	if tenant != "" {
		h.Set(tenantHeader, tenant)
	}
	return h
}
