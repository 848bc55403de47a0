package harness

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// HTTPKeys are a certificate authority, a server of it and a client, for one test.
type HTTPKeys struct {
	CA, ClientCert, ClientKey string // files

	server tls.Certificate
	pool   *x509.CertPool
}

// NewHTTPKeys makes them. The server's certificate is for one host.
func NewHTTPKeys(t testing.TB, host, client string) *HTTPKeys {
	t.Helper()
	dir := t.TempDir()
	k := &HTTPKeys{CA: filepath.Join(dir, "ca.pem"), ClientCert: filepath.Join(dir, "client.pem"), ClientKey: filepath.Join(dir, "client-key.pem")}
	if err := k.write(host, client); err != nil {
		t.Fatalf("making keys: %v", err)
	}
	return k
}

func (k *HTTPKeys) write(host, client string) error {
	own, err := newAuthority("tests")
	if err != nil {
		return err
	}
	serverKey, serverPEM, err := newKeyPEM()
	if err != nil {
		return err
	}
	serverCert, err := own.certify(serverKey, host, host)
	if err != nil {
		return err
	}
	if k.server, err = tls.X509KeyPair(serverCert, serverPEM); err != nil {
		return err
	}
	clientKey, clientPEM, err := newKeyPEM()
	if err != nil {
		return err
	}
	clientCert, err := own.certify(clientKey, client)
	if err != nil {
		return err
	}
	k.pool = x509.NewCertPool()
	k.pool.AddCert(own.cert)
	return errors.Join(
		os.WriteFile(k.CA, own.pem(), 0o600),
		os.WriteFile(k.ClientCert, clientCert, 0o600),
		os.WriteFile(k.ClientKey, clientPEM, 0o600),
	)
}

// Server is the configuration of a server that wants a client's certificate.
func (k *HTTPKeys) Server() *tls.Config {
	return &tls.Config{
		Certificates: []tls.Certificate{k.server}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: k.pool, MinVersion: tls.VersionTLS12,
	}
}
