package kafkaconf

import (
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"strings"
)

// checkKeys looks into the files of TLS. What librdkafka says of one that is
// not there, or not what it should be, is `BIO lib` and `PEM lib`.
func (p *Properties) checkKeys() error {
	return errors.Join(
		p.checkCA(),
		p.checkPEM("ssl.certificate.location", "certificate"),
		p.checkPEM("ssl.key.location", "private key"),
	)
}

// checkCA also takes a directory of certificates, and probe, which stands for
// where systems keep theirs.
func (p *Properties) checkCA() error {
	path := p.value("ssl.ca.location")
	if path == "probe" {
		return nil
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil
	}
	return p.checkPEM("ssl.ca.location", "certificate")
}

// checkPEM holds a property's file, if it was given, to contain a block of a
// kind.
func (p *Properties) checkPEM(name, kind string) error {
	path := p.value(name)
	if path == "" {
		return nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("%s%s: %w", Prefix, name, err)
	}
	block := findBlock(text, kind)
	if block == nil {
		return fmt.Errorf("%s%s %q holds no %s in PEM form", Prefix, name, path, kind)
	}
	if encrypted(block) && p.value("ssl.key.password") == "" && !p.fromFile("ssl.key.password") {
		return fmt.Errorf("%s%s %q is encrypted: ssl_key_password_file or %sssl.key.password is required", Prefix, name, path, Prefix)
	}
	return nil
}

// findBlock finds the first block of a kind: `EC PRIVATE KEY` and `TRUSTED
// CERTIFICATE` are among them.
func findBlock(text []byte, kind string) *pem.Block {
	for {
		block, rest := pem.Decode(text)
		if block == nil || strings.HasSuffix(block.Type, strings.ToUpper(kind)) {
			return block
		}
		text = rest
	}
}

// encrypted knows both ways: PKCS #8, and the older one of OpenSSL.
func encrypted(block *pem.Block) bool {
	return block.Type == "ENCRYPTED PRIVATE KEY" || strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED")
}
