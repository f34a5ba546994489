package golden

import (
	"os"
	"sort"
	"strings"
)

// sortedLines gives the lines of all files, sorted.
func sortedLines(files []string) (string, error) {
	var lines []string
	for _, f := range files {
		body, err := os.ReadFile(f)
		if err != nil {
			return "", err
		}
		if text := strings.TrimRight(string(body), "\n"); text != "" {
			lines = append(lines, strings.Split(text, "\n")...)
		}
	}
	sort.Strings(lines)
	return strings.Join(lines, "\n"), nil
}
