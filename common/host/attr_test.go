package host

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestWriteAttr(t *testing.T) {
	for _, c := range []struct {
		attr slog.Attr
		want string
	}{
		{slog.Int("n", 3), " n=3"},
		{slog.String("tag", "kafka.logs"), " tag=kafka.logs"},
		{slog.String("text", `say "hi"`), ` text="say \"hi\""`},
		{slog.String("empty", ""), ` empty=""`},
		{slog.String("lines", "a\nb"), ` lines="a\nb"`},
		{slog.Any("err", errors.New("reading x: gone")), ` err="reading x: gone"`},
		{slog.Duration("took", 1500*time.Millisecond), " took=1.5s"},
		{slog.Group("http", slog.Int("status", 429)), " http.status=429"},
		{slog.Attr{}, ""},
	} {
		var b strings.Builder
		writeAttr(&b, "", c.attr)
		if b.String() != c.want {
			t.Errorf("got %q, want %q", b.String(), c.want)
		}
	}
}

// TestWith holds that attributes and groups end up in every line, in order.
func TestWith(t *testing.T) {
	h := (&Handler{prefix: "p "}).WithAttrs([]slog.Attr{slog.Int("a", 1)}).WithGroup("g").WithAttrs([]slog.Attr{slog.Int("b", 2)})
	if got := h.(*Handler).attrs; got != " a=1 g.b=2" {
		t.Errorf("got %q", got)
	}
}
