package golden_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
)

// pod is what an API server says of one, as far as the kubernetes filter reads it.
const pod = `{
  "kind": "Pod", "apiVersion": "v1",
  "metadata": {
    "name": "web-0", "namespace": "shop", "uid": "8f2f1c54-0f0e-4d5b-9a4d-2d6e0f8f2b11",
    "labels": {"app": "web", "app.kubernetes.io/part-of": "shop"},
    "annotations": {"prometheus.io/scrape": "true"}
  },
  "spec": {"nodeName": "node-1", "containers": [{"name": "nginx", "image": "nginx:1.29"}]},
  "status": {
    "podIP": "10.1.2.3",
    "containerStatuses": [{
      "name": "nginx", "image": "docker.io/library/nginx:1.29",
      "imageID": "docker.io/library/nginx@sha256:aa", "containerID": "containerd://` + containerID + `"
    }]
  }
}`

const containerID = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// kubernetes is a container's line with what the kubernetes filter adds, from a server that knows one pod.
func kubernetes() scenario {
	return scenario{name: "kubernetes", events: 2, prepare: func(t *testing.T, dir string) (string, feed) {
		token := filepath.Join(dir, "token")
		if err := os.WriteFile(token, []byte("of nobody"), 0o600); err != nil {
			t.Fatal(err)
		}
		api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/api/v1/namespaces/shop/pods/web-0" {
				http.NotFound(w, r)
				return
			}
			_, _ = io.WriteString(w, pod)
		}))
		t.Cleanup(api.Close)
		return fmt.Sprintf(`
[INPUT]
    Name    dummy
    Samples 2
    Rate    100
    Tag     kube.var.log.containers.web-0_shop_nginx-%s.log
    Dummy   {"time":"2026-01-02T03:04:05.000000006Z","stream":"stdout","_p":"F","log":"{\"level\":\"warn\",\"msg\":\"slow\",\"ms\":1500}"}
[FILTER]
    Name            kubernetes
    Match           kube.*
    Kube_URL        %s
    Kube_Token_File %s
    Kube_Tag_Prefix kube.var.log.containers.
    Merge_Log       on
    Keep_Log        on
    Annotations     on
`, containerID, api.URL, token), nil
	}}
}
