package simtest

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"passerelle/sync/wire"
)

// Server serves a tree over HTTP on loopback, as any web server would, and counts what
// goes over the wire.
type Server struct {
	*httptest.Server
	Bytes    atomic.Int64 // both ways, headers included
	Objects  atomic.Int64 // bytes of objects
	Requests atomic.Int64

	mu  sync.Mutex
	cut func(path string) int64 // bytes after which a body is cut; under 0: not
}

// Serve serves a tree until closed.
func Serve(dir string) *Server {
	s := &Server{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		s.Requests.Add(1)
		rel := strings.TrimPrefix(q.URL.Path, wire.Prefix)
		b, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(rel)))
		if err != nil {
			http.NotFound(w, q)
			return
		}
		w.Header().Set("ETag", fmt.Sprintf(`"%.16s"`, wire.HashOf(b)))
		w.Header().Set("Content-Type", "application/octet-stream")
		out := &counted{ResponseWriter: w, left: -1}
		if strings.HasPrefix(rel, "o/") {
			out.objects = &s.Objects
		}
		s.mu.Lock()
		if s.cut != nil {
			out.left = s.cut(rel)
		}
		s.mu.Unlock()
		http.ServeContent(out, q, "", time.Time{}, bytes.NewReader(b))
		if out.left == 0 {
			panic(http.ErrAbortHandler) // the connection drops
		}
	}))
	s.Listener = &listener{s.Listener, &s.Bytes}
	s.Start()
	return s
}

// Cut drops connections: cut says after how many bytes of a path's body, under 0 never.
func (s *Server) Cut(cut func(path string) int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cut = cut
}

type counted struct {
	http.ResponseWriter
	objects *atomic.Int64
	left    int64
}

func (c *counted) Write(p []byte) (int, error) {
	if c.left == 0 {
		return 0, http.ErrAbortHandler
	}
	if c.left > 0 {
		p = p[:min(int64(len(p)), c.left)]
	}
	n, err := c.ResponseWriter.Write(p)
	if c.objects != nil {
		c.objects.Add(int64(n))
	}
	if c.left > 0 {
		c.left -= int64(n)
	}
	if err == nil && c.left == 0 {
		err = http.NewResponseController(c.ResponseWriter).Flush()
	}
	return n, err
}

type listener struct {
	net.Listener
	bytes *atomic.Int64
}

func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &conn{c, l.bytes}, nil
}

type conn struct {
	net.Conn
	bytes *atomic.Int64
}

func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.bytes.Add(int64(n))
	return n, err
}

func (c *conn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.bytes.Add(int64(n))
	return n, err
}
