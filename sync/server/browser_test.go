package server_test

import (
	"context"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"passerelle/i18n"
	"passerelle/sync/mail"
)

// browser is a page of a real browser, headless, in which programs of pages are off, 320 px
// wide: a small telephone, or a window at 400 % (WCAG 2.2, 1.4.10).
func browser(t *testing.T) context.Context {
	t.Helper()
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if at, err := exec.LookPath(name); err == nil {
			program = at
			break
		}
	}
	if program == "" {
		t.Skip("no Chromium on this machine, which cmd/dev test installs: TestAlertPages reads the same pages as parsed HTML")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	home := t.TempDir()
	ctx, cancel = chromedp.NewExecAllocator(ctx, append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()), chromedp.Env("HOME="+home),
		chromedp.Flag("disable-quic", true), chromedp.WSURLReadTimeout(time.Minute))...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(320, 640)); err != nil {
		t.Fatalf("%s does not start: %v", program, err)
	}
	if _, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// The pages of a letter in a real browser, with programs off, by the keyboard alone: looked
// at, nothing changes; a button confirms, another saves, another ends. The style is in force
// under the policy, and nothing is wider than a small screen.
//
// Rows
func TestAlertPageInBrowser(t *testing.T) {
	ctx := browser(t)
	for _, lang := range i18n.Languages() {
		t.Run(string(lang), func(t *testing.T) {
			say := i18n.For(lang).S
			w := settle(t, nil)
			in := asked("1")
			in.Lang = string(lang)
			if _, err := w.desktop(t).Subscribe(t.Context(), in); err != nil {
				t.Fatal(err)
			}
			m := w.letter(t, mail.AlertAsked)
			confirm, manage, end := w.url+path(t, m.Link), w.url+path(t, m.Modify), w.url+path(t, m.Unsubscribe)
			shows := func(want i18n.Key) {
				t.Helper()
				text, err := chromedp.Run(ctx, chromedp.Text("main"))
				if err != nil {
					t.Fatal(err)
				}
				if !strings.Contains(text, say(want)) {
					t.Errorf("want %q in\n%s", say(want), text)
				}
				wide, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`document.documentElement.scrollWidth > innerWidth`))
				if err != nil || wide {
					t.Errorf("wider than the screen: %v, %v", wide, err)
				}
				dressed, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`parseFloat(getComputedStyle(document.body).maxWidth) > 0`))
				if err != nil || !dressed {
					t.Errorf("the policy keeps the style off: %v", err)
				}
			}
			open := func(at string, want i18n.Key) {
				t.Helper()
				if err := chromedp.Do(ctx, chromedp.Navigate(at)); err != nil {
					t.Fatal(err)
				}
				shows(want)
			}
			// press walks to a button with Tab, as somebody without a mouse, and presses it.
			press := func(button, want i18n.Key) {
				t.Helper()
				for range 60 {
					if err := chromedp.Do(ctx, chromedp.KeyEvent(kb.Tab)); err != nil {
						t.Fatal(err)
					}
					at, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.activeElement.tagName + " " + document.activeElement.textContent.trim()`))
					if err != nil {
						t.Fatal(err)
					}
					if at != "BUTTON "+say(button) {
						continue
					}
					if _, err := chromedp.RunResponse(ctx, chromedp.KeyEvent(kb.Enter)); err != nil {
						t.Fatal(err)
					}
					shows(want)
					return
				}
				t.Fatalf("no key leads to the button %q", say(button))
			}
			open(confirm, i18n.AlertpageConfirmTitle)
			open(manage, i18n.AlertpageStatePending)
			open(confirm, i18n.AlertpageConfirmTitle) // a page that was only looked at has changed nothing
			press(i18n.PageConfirm, i18n.AlertpageConfirmed)
			open(manage, i18n.AlertpageStateActive)
			press(i18n.AlertpageSave, i18n.AlertpageSaved)
			open(end, i18n.AlertpageEndTitle)
			open(manage, i18n.AlertpageStateActive)
			open(end, i18n.AlertpageEndTitle)
			press(i18n.AlertUnsubscribe, i18n.AlertpageEnded)
			open(manage, i18n.AlertpageNone)
		})
	}
}
