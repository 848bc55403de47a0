package kafkaconf

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// signed is a certificate with its key, signed by itself or by another one.
func signed(t *testing.T, name string, by *tls.Certificate, change func(*x509.Certificate)) *tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	change(c)
	parent, signer := c, any(key)
	if by != nil {
		parent, signer = by.Leaf, by.PrivateKey
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

func ca(c *x509.Certificate) {
	c.IsCA, c.BasicConstraintsValid, c.KeyUsage = true, true, x509.KeyUsageCertSign
}

func pemOf(t *testing.T, certs ...*tls.Certificate) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ca.pem")
	var text []byte
	for _, c := range certs {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Certificate[0]})...)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// broker shows a certificate, demands one of the client, and returns its address.
func broker(t *testing.T, chain ...*tls.Certificate) string {
	t.Helper()
	shown := tls.Certificate{PrivateKey: chain[0].PrivateKey}
	for _, c := range chain {
		shown.Certificate = append(shown.Certificate, c.Certificate[0])
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{shown}, ClientAuth: tls.RequireAnyClientCert})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_ = conn.(*tls.Conn).Handshake()
			_ = conn.Close()
		}
	}()
	return l.Addr().String()
}

func TestWhyUntrusted(t *testing.T) {
	here := func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)} }
	root := signed(t, "own CA", nil, ca)
	between := signed(t, "between", root, ca)
	other := signed(t, "other CA", nil, ca)
	good := signed(t, "kafka", root, here)
	f := func(want Trouble, text string, c certificates, chain ...*tls.Certificate) {
		t.Helper()
		address := broker(t, chain...)
		kind, err := c.why(t.Context(), kafka.NewError(kafka.ErrSsl, "sasl_ssl://"+address+"/bootstrap: SSL handshake failed: certificate verify failed", false))
		if kind != want || !strings.Contains(err.Error(), text) {
			t.Errorf("%d, want %d: %v", kind, want, err)
		}
	}
	own := certificates{caFile: pemOf(t, root), checkNames: true}
	f(UnknownCA, `the certificate of "CN=kafka" was issued by "CN=own CA": x509: certificate signed by unknown authority`, certificates{caFile: pemOf(t, other), checkNames: true}, good)
	f(UnknownCA, "issued by", certificates{caPEM: "none", checkNames: true}, good)
	f(UnknownCA, "issued by", certificates{checkNames: true}, good) // the system's
	f(UnknownCA, `issued by "CN=between"`, own, signed(t, "kafka", between, here))
	f(Misnamed, `the certificate is for "k.example, 10.0.0.1", not 127.0.0.1`, own, signed(t, "kafka", root, func(c *x509.Certificate) {
		c.DNSNames, c.IPAddresses = []string{"k.example"}, []net.IP{net.IPv4(10, 0, 0, 1)}
	}))
	f(Misnamed, `the certificate is for "CN=kafka", not 127.0.0.1`, own, signed(t, "kafka", root, func(*x509.Certificate) {}))
	f(Outdated, "certificate has expired or is not yet valid", own, signed(t, "kafka", root, func(c *x509.Certificate) {
		here(c)
		c.NotAfter = time.Now().Add(-time.Hour)
	}))
	// Nothing is wrong, as far as can be seen: librdkafka's word stands.
	f(Untrusted, "certificate verify failed", own, good)
	f(Untrusted, "certificate verify failed", own, signed(t, "kafka", between, here), between)
	f(Untrusted, "certificate verify failed", certificates{caFile: filepath.Dir(own.caFile)}, signed(t, "kafka", root, func(*x509.Certificate) {}))
}

func TestWhyWithoutAnAnswer(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	f := func(text string) {
		t.Helper()
		want := kafka.NewError(kafka.ErrSsl, text, false)
		if kind, err := (certificates{}).why(ctx, want); kind != Untrusted || err.Error() != want.Error() {
			t.Errorf("%d: %v", kind, err)
		}
	}
	f("ssl://" + silent.Addr().String() + "/1: certificate verify failed")
	f("ssl://127.0.0.1:1/1: certificate verify failed")
	f("certificate verify failed")
}

func TestBrokerOf(t *testing.T) {
	f := func(text, host, port string) {
		t.Helper()
		m := brokerRE.FindStringSubmatch(text)
		if host == "" && m != nil || host != "" && (m == nil || m[1] != host || m[2] != port) {
			t.Errorf("%q: %q", text, m)
		}
	}
	f("ssl://kafka-1.example:9093/bootstrap: SSL", "kafka-1.example", "9093")
	f("sasl_ssl://[2001:db8::1]:9093/2: SSL", "[2001:db8::1]", "9093")
	f("GroupCoordinator: 10.1.2.3:9093: SSL", "10.1.2.3", "9093")
	f("1/1 brokers are down", "", "")
	f("ssl://kafka/1: x", "", "")
}

// Errors of other kinds are told at once; a look that is under way takes in what comes
// meanwhile; nothing is told after Close.
func TestExplainer(t *testing.T) {
	p, err := given("rdkafka.security.protocol=ssl")
	if err != nil {
		t.Fatal(err)
	}
	var looks []func()
	ended := make(chan struct{})
	e := p.Explainer(func(_ string, f func()) <-chan struct{} {
		looks = append(looks, f)
		return ended
	})
	var told []Trouble
	tell := func(kind Trouble, _ error) { told = append(told, kind) }
	untrusted := kafka.NewError(kafka.ErrSsl, "certificate verify failed", false)
	e.Explain(Refused, untrusted, tell)
	e.Explain(Untrusted, untrusted, tell)
	e.Explain(Untrusted, untrusted, tell)
	if len(looks) != 1 || len(told) != 1 || told[0] != Refused {
		t.Fatalf("%d looks, told %v", len(looks), told)
	}
	looks[0]()
	close(ended)
	e.Explain(Untrusted, untrusted, tell)
	if len(looks) != 2 || len(told) != 2 || told[1] != Untrusted {
		t.Fatalf("%d looks, told %v", len(looks), told)
	}
	e.Close()
	e.Explain(Untrusted, untrusted, tell)
	if len(looks) != 2 {
		t.Error("a look after Close")
	}
}
