package display

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"

	"golang.org/x/term"
)

// Footer is a terminal with lines at the bottom that are drawn again and again, such as a table that is kept up to date or a line
// of progress, while whatever is written to it appears above them. Methods may be called at the same time.
type Footer struct {
	w io.Writer

	mu     sync.Mutex
	lines  []byte // on the screen
	widths []int  // of the lines
	begun  []byte // written above, waiting for the end of its line
}

// NewFooter makes one without lines on the terminal w.
func NewFooter(w io.Writer) *Footer { return &Footer{w: w} }

// Show puts lines, cut to the terminal's width, in the place of those that are shown.
func (f *Footer) Show(text string) error {
	width, _ := f.size()
	f.mu.Lock()
	defer f.mu.Unlock()
	out := f.erase(width)
	f.lines, f.widths = f.lines[:0], f.widths[:0]
	for line := range strings.Lines(text) {
		line = cut(strings.TrimRight(line, " \n"), width)
		f.widths = append(f.widths, textWidth(line))
		f.lines = append(append(f.lines, line...), '\n')
	}
	_, err := f.w.Write(append(out, f.lines...))
	return err
}

// Leave lets the lines stand as they are; what is written from now on comes below them.
func (f *Footer) Leave() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lines, f.widths = f.lines[:0], f.widths[:0]
	_, err := f.w.Write(f.begun)
	f.begun = f.begun[:0]
	return err
}

// Write writes above the lines. While there are any, the beginning of a line waits for its end.
func (f *Footer) Write(b []byte) (int, error) {
	width, _ := f.size()
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.lines) == 0 {
		return f.w.Write(b)
	}
	end := bytes.LastIndexByte(b, '\n') + 1
	if end > 0 {
		_, err := f.w.Write(slices.Concat(f.erase(width), f.begun, b[:end], f.lines))
		f.begun = f.begun[:0]
		if err != nil {
			return 0, err
		}
	}
	f.begun = append(f.begun, b[end:]...)
	return len(b), nil
}

// erase is what takes the lines off the screen. It begins with a return for what the terminal itself has written since: ^C.
func (f *Footer) erase(width int) []byte {
	if len(f.widths) == 0 {
		return nil
	}
	return fmt.Appendf(nil, "\r\x1b[%dA\x1b[J", rowsOnScreen(f.widths, width))
}

// rowsOnScreen is how many rows lines of these widths take: a terminal that has become narrower has
// broken those that no longer fit.
func rowsOnScreen(lines []int, width int) int {
	n := 0
	for _, w := range lines {
		n += max(1, (w+width-1)/width)
	}
	return n
}

// size is the terminal's in columns and rows, or a usual one.
func (f *Footer) size() (width, height int) {
	if file, ok := f.w.(*os.File); ok {
		if width, height, err := term.GetSize(int(file.Fd())); err == nil && width > 0 && height > 0 {
			return width, height
		}
	}
	return 120, 40
}
