package harness

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"time"
)

// authority is a certificate authority that lives as long as its cluster.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// newKey makes a key of the kind that every side of these tests reads.
func newKey() (*ecdsa.PrivateKey, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }

// template is a certificate for a name, valid from yesterday: clocks of virtual machines
// jump.
func template(name string) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	return &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    time.Now().Add(-24 * time.Hour),
		NotAfter:     time.Now().Add(24 * time.Hour),
	}, err
}

func newAuthority(name string) (*authority, error) {
	key, err := newKey()
	if err != nil {
		return nil, err
	}
	c, err := template(name)
	if err != nil {
		return nil, err
	}
	c.IsCA, c.BasicConstraintsValid, c.KeyUsage = true, true, x509.KeyUsageCertSign
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	return &authority{cert, key}, err
}

// certify signs a certificate for a key, and for hosts if it is a server's.
func (a *authority) certify(key *ecdsa.PrivateKey, name string, hosts ...string) ([]byte, error) {
	c, err := template(name)
	if err != nil {
		return nil, err
	}
	c.KeyUsage = x509.KeyUsageDigitalSignature
	c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			c.IPAddresses = append(c.IPAddresses, ip)
		} else {
			c.DNSNames = append(c.DNSNames, host)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, c, a.cert, key.Public(), a.key)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), err
}

func (a *authority) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
}

// write makes every key and certificate of a cluster and writes them.
func (s *KafkaSecurity) write(own, other *authority, broker brokerSecurity) error {
	files := map[string][]byte{s.CA: own.pem(), s.OtherCA: other.pem()}
	for _, server := range []struct{ path, host string }{
		{broker.keyStore, "127.0.0.1"},
		{broker.misnamed, "kafka.example"},
	} {
		key, keyPEM, err := newKeyPEM()
		if err != nil {
			return err
		}
		cert, err := own.certify(key, server.host, server.host)
		if err != nil {
			return err
		}
		files[server.path] = append(keyPEM, cert...) // one file, as Kafka wants it
	}
	key, keyPEM, err := newKeyPEM()
	if err != nil {
		return err
	}
	files[s.AgentKey] = keyPEM
	if files[s.AgentCert], err = own.certify(key, KafkaAgent.Name); err != nil {
		return err
	}
	if files[s.ForeignCert], err = other.certify(key, KafkaAgent.Name); err != nil {
		return err
	}
	for path, text := range files {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func newKeyPEM() (*ecdsa.PrivateKey, []byte, error) {
	key, err := newKey()
	if err != nil {
		return nil, nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	return key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), err
}

// encryptKey is openssl's work: the standard library writes no encrypted PKCS #8. The
// password goes through its input.
func encryptKey(from, to, password string) error {
	openssl, err := needCommand("openssl", "openssl")
	if err != nil {
		return err
	}
	cmd := exec.Command(openssl, "pkcs8", "-topk8", "-v2", "aes-256-cbc", "-in", from, "-out", to, "-passout", "stdin")
	cmd.Stdin = bytes.NewBufferString(password + "\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("encrypting a key with openssl: %w\n%s", err, out)
	}
	return nil
}
