package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"

	"github.com/emersion/go-smtp"
)

// postOffice is a mail server for the scripts: post-office FOLDER. It puts its port into
// FOLDER/port and each letter into a file of its own, until it is killed.
func postOffice() {
	if err := doPostOffice(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func doPostOffice(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &received{dir: dir}, nil }))
	s.Domain = "localhost"
	port := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	if err := whole(filepath.Join(dir, "port"), []byte(port)); err != nil {
		return err
	}
	return s.Serve(l)
}

// whole writes a file that is there whole or not at all.
func whole(name string, b []byte) error {
	if err := os.WriteFile(name+".part", b, 0o600); err != nil {
		return err
	}
	return os.Rename(name+".part", name)
}

type received struct{ dir string }

func (*received) Mail(string, *smtp.MailOptions) error { return nil }
func (*received) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (*received) Reset()                               {}
func (*received) Logout() error                        { return nil }

func (r *received) Data(body io.Reader) error {
	b, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	n, err := filepath.Glob(filepath.Join(r.dir, "*.eml"))
	if err != nil {
		return err
	}
	return whole(filepath.Join(r.dir, fmt.Sprintf("%03d.eml", len(n)+1)), b)
}
