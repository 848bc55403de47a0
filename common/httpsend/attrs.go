package httpsend

import (
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"net/http"

	"github.com/tidegate/tidegate/common/reasons"
)

// Attrs are what a log line tells of a reply: the status, and the error or the
// front of the answer's text, with what to check where that is known.
func (r *Reply) Attrs() (attrs []any) {
	if r.Status != 0 {
		attrs = append(attrs, slog.Int("status", r.Status))
	}
	if r.Err != nil {
		attrs = append(attrs, slog.String("error", r.Err.Error()))
		if check := check(r.Err); check != "" {
			attrs = append(attrs, slog.String("check", check))
		}
		return attrs
	}
	if text := reasons.Clip(string(r.Body)); text != "" {
		attrs = append(attrs, slog.String("text", text))
	}
	return attrs
}

// check says what an operator should look at where TLS fails, empty for other errors.
func check(err error) string {
	var unknown x509.UnknownAuthorityError
	var other x509.HostnameError
	var invalid x509.CertificateInvalidError
	var remote *net.OpError
	switch {
	case errors.As(err, &unknown):
		return "tls_ca_file: the authority of the server's certificate"
	case errors.As(err, &other):
		return "the host in url, or tls_server_name: the certificate is for another"
	case errors.As(err, &invalid):
		return "the server's certificate, and the clocks"
	case errors.Is(err, http.ErrSchemeMismatch):
		return "whether the port of url speaks TLS"
	case errors.As(err, &remote) && remote.Op == "remote error": // crypto/tls's name for an alert
		return "tls_cert_file, tls_key_file and tls_min_version: the server refuses this client"
	default:
		return ""
	}
}
