// Package client speaks sync/wire over HTTP, asking; and reads the same tree from a
// folder or an archive. Begin with [New] or [Folder].
package client

import (
	"context"
	"io"
	"io/fs"
	"time"

	"passerelle/sync/wire"
)

// Options of a client; the zero value is right.
type Options struct {
	Proxy   string        // URL; "": as the environment says
	CAFile  string        // PEM file of further authorities; "": the system's only
	Timeout time.Duration // of silence, not of a whole download; 0: 30 s
	Agent   string        // User-Agent; "": "passerelle"
}

// Client asks one server.
type Client struct{}

// New makes a client of a server's address, as in https://bank.example.
func New(address string, o Options) (*Client, error) { panic("not written") }

// Head implements replica.Transport.
func (c *Client) Head(ctx context.Context, scope, tag string) ([]byte, string, error) {
	panic("not written")
}

// Object implements replica.Transport.
func (c *Client) Object(ctx context.Context, h wire.Hash, from int64) (io.ReadCloser, int64, error) {
	panic("not written")
}

// Root implements replica.Transport.
func (c *Client) Root(ctx context.Context, version int64) ([]byte, error) { panic("not written") }

// Origin implements replica.Transport.
func (c *Client) Origin() string { return "server" }

// Report implements replica.Sender.
func (c *Client) Report(ctx context.Context, r wire.Report) (string, error) { panic("not written") }

// Files reads a published tree from a file system.
type Files struct{}

// Folder reads a tree from a folder of the disk or, if name is a file, from a zip archive.
func Folder(name string) (*Files, error) { panic("not written") }

// Tree reads a tree from any file system; origin is "bundle" or "sample".
func Tree(fsys fs.FS, origin string) *Files { panic("not written") }

// Close releases an archive.
func (f *Files) Close() error { panic("not written") }

// Head implements replica.Transport.
func (f *Files) Head(ctx context.Context, scope, tag string) ([]byte, string, error) {
	panic("not written")
}

// Object implements replica.Transport.
func (f *Files) Object(ctx context.Context, h wire.Hash, from int64) (io.ReadCloser, int64, error) {
	panic("not written")
}

// Root implements replica.Transport.
func (f *Files) Root(ctx context.Context, version int64) ([]byte, error) { panic("not written") }

// Origin implements replica.Transport.
func (f *Files) Origin() string { panic("not written") }
