package house

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestReadmeCommands runs the commands of README.md that call weir, in a folder that holds
// the examples, and compares what they print where the README shows it.
func TestReadmeCommands(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(t.TempDir(), "weir")
	if out, err := exec.Command("go", "build", "-o", bin, "github.com/weirstream/weir/cmd/weir").CombinedOutput(); err != nil {
		t.Fatalf("building weir: %v\n%s", err, out)
	}
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "examples"), os.DirFS(filepath.Join(root, "examples"))); err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	commands := readmeCommands(string(readme))
	if len(commands) < 5 {
		t.Fatalf("only %d commands found", len(commands))
	}
	for _, c := range commands {
		cmd := exec.Command("sh", "-c", c.line)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(bin)+string(os.PathListSeparator)+os.Getenv("PATH"))
		out, err := cmd.CombinedOutput()
		if err != nil && !strings.Contains(c.line, "mistakes") {
			t.Errorf("%s: %v\n%s", c.line, err, out)
		}
		if c.output != "" && !strings.HasPrefix(string(out), c.output) {
			t.Errorf("%s prints\n%s\nbut the README shows\n%s", c.line, out, c.output)
		}
	}
}

// readmeCommand is a line of a shell block, and the block of output that follows it.
type readmeCommand struct{ line, output string }

// readmeCommands finds the lines that begin with "weir " in blocks of shell commands.
func readmeCommands(text string) []readmeCommand {
	var out []readmeCommand
	blocks := strings.Split(text, "\n```")
	for i := 1; i < len(blocks); i += 2 {
		kind, body, _ := strings.Cut(blocks[i], "\n")
		switch {
		case kind == "sh":
			for line := range strings.Lines(body) {
				if strings.HasPrefix(line, "weir ") {
					out = append(out, readmeCommand{line: strings.TrimSpace(line)})
				}
			}
		case kind == "" && len(out) > 0:
			out[len(out)-1].output = body
		}
	}
	return out
}
