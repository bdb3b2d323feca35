package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// need is what a job asks of the machine beyond Go.
type need struct {
	packages []string // Debian and Ubuntu names
	present  func() bool
	why      string
}

var (
	needCompiler = need{
		[]string{"gcc", "libc6-dev", "pkg-config", "libgl1-mesa-dev", "libx11-dev", "libxcursor-dev", "libxrandr-dev", "libxinerama-dev", "libxi-dev", "libxxf86vm-dev"},
		func() bool {
			return hasCommand("gcc") && hasCommand("pkg-config") &&
				exec.Command("pkg-config", "--exists", "gl", "x11", "xcursor", "xrandr", "xinerama", "xi", "xxf86vm").Run() == nil
		},
		"a C compiler and the headers of the window system",
	}
	needScreen = need{
		[]string{"xvfb", "xauth", "xdotool", "imagemagick", "x11-xkb-utils", "libgl1-mesa-dri"},
		func() bool {
			drivers, _ := filepath.Glob("/usr/lib/*/dri/swrast_dri.so")
			return hasCommand("Xvfb") && hasCommand("xdotool") && hasCommand("setxkbmap") && hasTrueImport() && len(drivers) > 0
		},
		"a screen in memory, and what drives and pictures it",
	}
	needKeyring = need{
		[]string{"dbus", "gnome-keyring"},
		func() bool {
			return hasCommand("dbus-run-session") && hasCommand("dbus-send") && hasCommand("gnome-keyring-daemon")
		},
		"a keyring in a session of its own",
	}
	needPostgres = need{
		[]string{"postgresql"},
		func() bool {
			programs, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
			return len(programs) > 0
		},
		"PostgreSQL, which the tests start by themselves on a private socket",
	}
	needBrowser = need{
		[]string{"chromium"},
		func() bool {
			for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
				if hasCommand(name) {
					return true
				}
			}
			return false
		},
		"a browser without a window, for the pages that letters lead to",
	}
	needSqlite = need{[]string{"sqlite3"}, func() bool { return hasCommand("sqlite3") }, "the C sqlite3 shell, as a peer to measure against"}
)

func hasCommand(name string) bool {
	_, err := exec.LookPath(name)
	return err == nil
}

// hasTrueImport tells ImageMagick's import from a script of the same name.
func hasTrueImport() bool {
	out, err := exec.Command("import", "-version").CombinedOutput()
	return err == nil && strings.Contains(string(out), "ImageMagick")
}

// install makes the machine ready for the needs, or says what a person must install.
func install(ctx context.Context, needs ...need) error {
	var missing []string
	var why []string
	for _, n := range needs {
		if !n.present() {
			missing = append(missing, n.packages...)
			why = append(why, n.why)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	if runtime.GOOS == "linux" && hasCommand("apt-get") {
		fmt.Printf("Installing %s:\n  %s\n", strings.Join(why, "; "), strings.Join(missing, " "))
		var sudo []string
		if os.Geteuid() != 0 {
			if !hasCommand("sudo") {
				return fmt.Errorf("install these packages as the administrator, then run this again: %s", strings.Join(missing, " "))
			}
			sudo = []string{"sudo"}
		}
		if err := command(ctx, append(sudo, "apt-get", "update", "-q")...); err != nil {
			fmt.Println("apt-get update failed; trying with the lists at hand")
		}
		args := append(append(sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-q", "--no-install-recommends"), missing...)
		return command(ctx, args...)
	}
	switch runtime.GOOS {
	case "darwin":
		return fmt.Errorf("install the Xcode command line tools (xcode-select --install), then run this again")
	case "windows":
		return fmt.Errorf("install a C compiler (MSYS2 with mingw-w64-x86_64-gcc) and put it on the PATH, then run this again")
	}
	return fmt.Errorf("install %s with your system's package manager; Debian calls it: %s", strings.Join(why, "; "), strings.Join(missing, " "))
}

// command runs a command with its output shown.
func command(ctx context.Context, args ...string) error {
	c := exec.CommandContext(ctx, args[0], args[1:]...)
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	if err := c.Run(); err != nil {
		return fmt.Errorf("%s: %w", strings.Join(args, " "), err)
	}
	return nil
}

// build compiles the programs into bin/ and gives that folder. The window needs cgo; the
// command line and the server are built without.
func build(ctx context.Context, programs ...string) (string, error) {
	bin, err := filepath.Abs("bin")
	if err != nil {
		return "", err
	}
	for _, p := range programs {
		exe := filepath.Join(bin, p)
		if runtime.GOOS == "windows" {
			exe += ".exe"
		}
		args := []string{"go", "build", "-o", exe}
		env := append(os.Environ(), "CGO_ENABLED=0")
		if p == "passerelle" {
			env = append(os.Environ(), "CGO_ENABLED=1")
			if runtime.GOOS == "linux" {
				args = append(args, "-tags", "x11")
			}
			fmt.Println("Building the window (the first time takes about four minutes)")
		} else {
			fmt.Println("Building", p)
		}
		c := exec.CommandContext(ctx, args[0], append(args[1:], "./cmd/"+p)...)
		c.Env, c.Stdout, c.Stderr = env, os.Stdout, os.Stderr
		if err := c.Run(); err != nil {
			return "", fmt.Errorf("build %s: %w", p, err)
		}
	}
	return bin, nil
}
