package streams

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// readCredentials reads the keys of all profiles of a file in AWS's format.
func readCredentials(path string) (map[string]string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading access keys: %w", err)
	}
	keys, err := parseCredentials(file)
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, fmt.Errorf("reading access keys: %s: %w", path, err)
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("%s holds no access keys: want lines aws_access_key_id = … and aws_secret_access_key = …", path)
	}
	return keys, nil
}

// profile is a section of a credentials file.
type profile struct {
	line       int // where it begins
	id, secret string
}

// parseCredentials reads sections of NAME = VALUE lines and maps access key ids to secrets. Profiles without
// a key, such as those of single sign-on, are passed over; half a key is an error. No error shows a secret.
func parseCredentials(in io.Reader) (map[string]string, error) {
	keys, p := map[string]string{}, profile{line: 1}
	lines := bufio.NewScanner(in)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff"))
		name, value, isSetting := strings.Cut(line, "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		switch {
		case line == "" || line[0] == '#' || line[0] == ';':
		case line[0] == '[':
			if err := p.addTo(keys); err != nil {
				return nil, err
			}
			p = profile{line: n}
		case !isSetting:
			return nil, fmt.Errorf("line %d: want NAME = VALUE or [PROFILE]", n)
		case name == "aws_access_key_id":
			p.id = value
		case name == "aws_secret_access_key":
			p.secret = value
		}
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	return keys, p.addTo(keys)
}

func (p profile) addTo(keys map[string]string) error {
	switch other, ok := keys[p.id]; {
	case p.id == "" && p.secret == "":
		return nil
	case p.id == "" || p.secret == "":
		return fmt.Errorf("the profile at line %d has one of aws_access_key_id and aws_secret_access_key: want both", p.line)
	case ok && other != p.secret:
		return fmt.Errorf("the profile at line %d has another secret for the access key %s than one before it", p.line, p.id)
	}
	keys[p.id] = p.secret
	return nil
}
