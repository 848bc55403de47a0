package manifests_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// dashboard is what there has to be in one.
type dashboard struct {
	Title, UID string
	Panels     []struct {
		ID         int
		Title      string
		Datasource struct{ UID string }
		GridPos    struct{ X, Y, W, H int }
		Targets    []struct{ RefID, Expr string }
	}
	Templating struct {
		List []struct{ Name, Query string }
	}
}

var (
	ourMetric = regexp.MustCompile(`tidegate_\w+`)
	variable  = regexp.MustCompile(`\$\{?(\w+)`)
	// suffix is what a histogram's series have behind the name of their family.
	suffix = regexp.MustCompile(`_(bucket|count|sum)$`)
)

// Each dashboard asks for metrics that a plugin's page lists, with variables that it has.
func TestDashboards(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root(t), "docker", "grafana", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d dashboards, %v", len(files), err)
	}
	pages := allPages(t)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var d dashboard
		if err := json.Unmarshal(text, &d); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if d.Title == "" || d.UID == "" || len(d.Panels) == 0 {
			t.Errorf("%s: no title, uid or panels", file)
		}
		known := map[string]bool{"__all": true}
		queries := []string{}
		for _, v := range d.Templating.List {
			known[v.Name] = true
			queries = append(queries, v.Query)
		}
		ids := map[int]bool{}
		for _, p := range d.Panels {
			if ids[p.ID] || p.Title == "" || len(p.Targets) == 0 || p.GridPos.W == 0 || p.GridPos.X+p.GridPos.W > 24 {
				t.Errorf("%s: panel %d %q has no place, title or query, or its number is taken", file, p.ID, p.Title)
			}
			ids[p.ID] = true
			queries = append(queries, p.Datasource.UID)
			for _, target := range p.Targets {
				if !ourMetric.MatchString(target.Expr) || strings.Count(target.Expr, "(") != strings.Count(target.Expr, ")") {
					t.Errorf("%s: %s: the query is %q", file, p.Title, target.Expr)
				}
				queries = append(queries, target.Expr)
			}
		}
		for _, q := range queries {
			for _, metric := range ourMetric.FindAllString(q, -1) {
				if !strings.Contains(pages, "`"+metric+"`") && !strings.Contains(pages, "`"+suffix.ReplaceAllString(metric, "")+"`") {
					t.Errorf("%s: no page lists %s", file, metric)
				}
			}
			for _, m := range variable.FindAllStringSubmatch(q, -1) {
				if !known[m[1]] {
					t.Errorf("%s: %q has the variable %s, which is none", file, q, m[1])
				}
			}
		}
	}
}

// allPages are the plugins' pages.
func allPages(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root(t), "plugins", "*", "README.md"))
	if err != nil || len(files) < 4 {
		t.Fatalf("%d pages, %v", len(files), err)
	}
	var b strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(text)
	}
	return b.String()
}
