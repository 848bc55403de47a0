package kafkaconf

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// certificates finds out what is wrong with a broker's certificate. OpenSSL, as
// librdkafka uses it, says `certificate verify failed` whether the CA is unknown,
// the name is another or the time is over. So the certificate is fetched once
// more and looked at with the same settings.
type certificates struct {
	caFile     string // a file or a directory; "" for the system's
	caPEM      string
	checkNames bool
}

func (p *Properties) certificates() certificates {
	c := certificates{
		caFile: p.value("ssl.ca.location"), caPEM: p.value("ssl.ca.pem"),
		checkNames: p.value("ssl.endpoint.identification.algorithm") != "none",
	}
	if c.caFile == "probe" {
		c.caFile = ""
	}
	return c
}

// brokerRE takes the broker out of an error's text.
var brokerRE = regexp.MustCompile(`^(?:[a-z_]+://|GroupCoordinator: )(\[[0-9a-fA-F:.]+\]|[^\s/:]+):(\d{1,5})[/:]`)

// why looks at the certificate of the broker that an error is about. It returns
// the error itself where it finds nothing.
func (c certificates) why(ctx context.Context, err kafka.Error) (Trouble, error) {
	m := brokerRE.FindStringSubmatch(err.String())
	if m == nil {
		return Untrusted, err
	}
	host := strings.Trim(m[1], "[]")
	address := net.JoinHostPort(host, m[2])
	chain, fetchErr := fetchCertificates(ctx, address, host)
	if fetchErr != nil || len(chain) == 0 {
		return Untrusted, err
	}
	kind, reason := c.judge(chain, host, time.Now())
	if reason == nil {
		return Untrusted, err
	}
	return kind, fmt.Errorf("%s: %w", address, reason)
}

// errSeen ends a handshake that has shown what it should.
var errSeen = errors.New("seen")

// fetchCertificates returns what a broker shows before it asks for anything: no
// certificate of this client is sent, and no data.
func fetchCertificates(ctx context.Context, address, host string) (chain []*x509.Certificate, err error) {
	dialer := tls.Dialer{Config: &tls.Config{
		ServerName: host,
		//nolint:gosec // it is looked at, not trusted, and no handshake is finished
		InsecureSkipVerify: true,
		VerifyConnection: func(state tls.ConnectionState) error {
			chain = state.PeerCertificates
			return errSeen
		},
	}}
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err == nil {
		_ = conn.Close() // cannot be: errSeen ends it before
	}
	if len(chain) > 0 {
		return chain, nil
	}
	return nil, err
}

// judge says what is wrong with a certificate, with nil for nothing.
func (c certificates) judge(chain []*x509.Certificate, host string, now time.Time) (Trouble, error) {
	roots, err := c.roots()
	if err != nil {
		return Untrusted, nil
	}
	leaf, between := chain[0], x509.NewCertPool()
	for _, cert := range chain[1:] {
		between.AddCert(cert)
	}
	_, err = leaf.Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: between, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return Outdated, err
	case errors.As(err, new(x509.UnknownAuthorityError)):
		return UnknownCA, fmt.Errorf("the certificate of %q was issued by %q: %w", name(leaf.Subject.String()), name(leaf.Issuer.String()), err)
	case err != nil:
		return Untrusted, err
	}
	if c.checkNames && leaf.VerifyHostname(host) != nil {
		return Misnamed, fmt.Errorf("the certificate is for %q, not %s", name(names(leaf)), host)
	}
	return Untrusted, nil
}

// names are the hosts that a certificate is for.
func names(cert *x509.Certificate) string {
	all := cert.DNSNames
	for _, ip := range cert.IPAddresses {
		all = append(all, ip.String())
	}
	if len(all) == 0 {
		return cert.Subject.String() // which OpenSSL looks at then
	}
	return strings.Join(all, ", ")
}

// name shortens one that a certificate has.
func name(text string) string { return text[:min(len(text), 200)] }

// roots are the CAs that librdkafka has, too.
func (c certificates) roots() (*x509.CertPool, error) {
	if c.caPEM == "" && c.caFile == "" {
		return x509.SystemCertPool()
	}
	roots := x509.NewCertPool()
	if c.caPEM != "" {
		roots.AppendCertsFromPEM([]byte(c.caPEM))
		return roots, nil
	}
	files := []string{c.caFile}
	if info, err := os.Stat(c.caFile); err == nil && info.IsDir() {
		if files, err = filepath.Glob(filepath.Join(c.caFile, "*")); err != nil {
			return nil, err
		}
	}
	for _, file := range files {
		if text, err := os.ReadFile(file); err == nil {
			roots.AppendCertsFromPEM(text)
		}
	}
	return roots, nil
}
