package schema

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// maxSecret is far above any password and keeps a wrong file from being sent.
const maxSecret = 4 << 10

// checkSecretFile reads an option's file as the HTTP client will for every
// request. No error repeats any of it.
func checkSecretFile(option, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("%s: %w", option, err)
	}
	defer func() { _ = file.Close() }() // it was only read
	text, err := io.ReadAll(io.LimitReader(file, maxSecret+1))
	if err != nil {
		return fmt.Errorf("%s: %w", option, err)
	}
	secret := strings.TrimSpace(string(text))
	switch {
	case secret == "":
		return fmt.Errorf("%s %q must hold a password, and is empty", option, path)
	case len(text) > maxSecret:
		return fmt.Errorf("%s %q must have at most %d bytes", option, path, maxSecret)
	case strings.ContainsAny(secret, "\r\n\x00"):
		return fmt.Errorf("%s %q must have one line", option, path)
	}
	return nil
}
