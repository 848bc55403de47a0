package outloki

import (
	"fmt"
	"strings"

	"github.com/tidegate/tidegate/common/accessor"
	"github.com/tidegate/tidegate/common/options"
)

// plannedTenant is where the tenant of a record comes from: from key or, where
// a part of that has no text, from other.
type plannedTenant struct{ key, other value }

// append appends the tenant of a record, nothing if it has none.
func (t *plannedTenant) append(dst []byte, rec *view) ([]byte, error) {
	for _, v := range [...]*value{&t.key, &t.other} {
		id, whole, err := v.append(dst, rec)
		switch {
		case err != nil:
			return dst, err
		case whole && len(id) > len(dst):
			return id, checkTenant(string(id[len(dst):]))
		}
	}
	return dst, nil
}

// fixed returns the tenant that every record has, if there is one.
func (t *plannedTenant) fixed() (tenant string, is bool) {
	if len(t.key.parts) > 0 || !t.other.fixed() {
		return "", false
	}
	for _, p := range t.other.parts {
		tenant += p.fixed
	}
	return tenant, true
}

func tenantValue(dst *accessor.Template) options.Value {
	return options.Parsed(dst, "text or template", func(text string) (accessor.Template, error) {
		t, err := parseTemplate(text)
		if err != nil {
			return t, err
		}
		if fixed, ok := t.Fixed(); ok {
			return t, checkTenant(fixed)
		}
		for _, p := range t.Parts() {
			if p.Path == nil {
				if err := checkTenantBytes(p.Fixed); err != nil {
					return t, err
				}
			}
		}
		return t, nil
	}, func(t accessor.Template) string { return t.String() })
}

// tenantKeyValue is a key, a path, or a template of them.
func tenantKeyValue(dst *accessor.Template) options.Value {
	whole := tenantValue(dst)
	return options.Parsed(dst, "key, path or template", func(text string) (accessor.Template, error) {
		if !strings.ContainsAny(text, "$@") {
			return accessor.PathTemplate(accessor.Key(text)), nil
		}
		if err := whole.Set(text); err != nil {
			return accessor.Template{}, err
		}
		return *dst, nil
	}, func(t accessor.Template) string { return t.String() })
}

// maxTenant is Loki's limit, of its tenant package.
const maxTenant = 150

// checkTenant holds a tenant against Loki's own rules: it would answer 400 to
// every push of another.
func checkTenant(id string) error {
	if len(id) > maxTenant || id == "." || id == ".." {
		return fmt.Errorf("must have at most %d characters and be neither . nor .. itself", maxTenant)
	}
	return checkTenantBytes(id)
}

func checkTenantBytes(id string) error {
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
