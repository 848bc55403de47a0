package outloki

import (
	"fmt"
	"strings"
)

// maxTenant is Loki's limit, of its tenant package.
const maxTenant = 150

// checkTenant holds a tenant against Loki's own rules: it would answer 400 to
// every push of another.
func checkTenant(id string) error {
	if len(id) > maxTenant || id == "." || id == ".." {
		return fmt.Errorf("must have at most %d characters and be neither . nor .. itself", maxTenant)
	}
	for _, r := range id {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
		case strings.ContainsRune("!-_.*'()", r):
		default:
			return fmt.Errorf("must have only letters, digits and ! - _ . * ' ( ), and has %q", r)
		}
	}
	return nil
}
