package schema

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestPassword holds that a wrong password makes values wait, and that the
// right one in the file needs no restart.
func TestPassword(t *testing.T) {
	f := startFake(t)
	f.answer = func(w http.ResponseWriter, req *http.Request) bool {
		user, password, _ := req.BasicAuth()
		if user == "me" && password == "right" {
			return false
		}
		w.WriteHeader(http.StatusUnauthorized)
		return true
	}
	file := filepath.Join(t.TempDir(), "password")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("wrong")
	d, now, log := open(t, configFor(t, FormatAvro, "schema_registry_url", f.URL, "schema_registry_user", "me", "schema_registry_password_file", file))
	if _, err := text(t, d, wire(1, "\x04hi")); !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "refuses the user or the password (401)") {
		t.Errorf("%v", err)
	}
	if !strings.Contains(log.String(), "level=ERROR") || strings.Contains(log.String(), "wrong") {
		t.Errorf("logged %s", log)
	}
	write("right\n")
	*now = now.Add(firstPause)
	if _, err := text(t, d, wire(1, "\x04hi")); err != nil {
		t.Errorf("%v", err)
	}

	d, _, _ = open(t, configFor(t, FormatAvro, "schema_registry_url", f.URL, "schema_registry_user", "me", "schema_registry_password", "right"))
	if _, err := text(t, d, wire(1, "\x04hi")); err != nil {
		t.Errorf("password as an option: %v", err)
	}
}

// TestTLS holds that the registry's certificate is checked, and ours shown.
func TestTLS(t *testing.T) {
	f := &fake{}
	f.Server = httptest.NewUnstartedServer(http.HandlerFunc(f.serve))
	cert, key := clientKeys(t)
	clients := x509.NewCertPool()
	text0, _ := os.ReadFile(cert)
	clients.AppendCertsFromPEM(text0)
	f.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients}
	f.StartTLS()
	t.Cleanup(f.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: f.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	url := []string{"schema_registry_url", f.URL}
	withCA := append(url, "schema_registry_tls_ca_file", ca)
	withAll := append(withCA[:4:4], "schema_registry_tls_cert_file", cert, "schema_registry_tls_key_file", key)
	for _, c := range []struct {
		pairs []string
		want  string
	}{
		{url, "certificate signed by unknown authority"},
		{withCA, "certificate required"},
		{withAll, ""},
	} {
		d, _, _ := open(t, configFor(t, FormatAvro, c.pairs...))
		_, err := text(t, d, wire(1, "\x04hi"))
		if c.want == "" && err != nil || c.want != "" && (!errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%v: %v, want %q", c.pairs, err, c.want)
		}
	}
}

// clientKeys writes a certificate that vouches for itself, and its key.
func clientKeys(t *testing.T) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "tidegate"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	cert, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: cert}, keyFile: {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certFile, keyFile
}
