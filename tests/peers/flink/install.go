// Package flink installs Apache Flink by its ordinary package and runs SQL in it: the
// oracle that says what a result should be, and the yardstick for speed.
//
// Install finds or makes an installation in a cache folder; Start runs a cluster in one
// JVM (oracle/Oracle.java) that answers SQL over HTTP; Cluster.Run asks it.
package flink

import (
	"archive/zip"
	"context"
	"embed"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Version is the Flink that Weir is compared with.
const Version = "2.2.1"

// ErrMissing says that this machine lacks what Flink needs; tests skip on it.
var ErrMissing = errors.New("cannot run Flink here")

//go:embed oracle/*.java
var sources embed.FS

// Installation is an unpacked Flink with the oracle's classes.
type Installation struct {
	Dir    string // of the cache
	oracle uint64 // hash of the oracle's sources
}

func (in Installation) jars() string { return filepath.Join(in.Dir, "lib", "*") }

// classes is the folder of the oracle's classes, one for each version of its sources: cached folders are shared by
// working copies, and by tests that run at the same time.
func (in Installation) classes() string {
	return filepath.Join(in.Dir, fmt.Sprintf("classes-%x", in.oracle))
}

// Install gives the installation of the cache folder (by default the user's cache), and
// makes it first where there is none: some 300 MB from the Python package index, once.
func Install(ctx context.Context, log io.Writer) (Installation, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return Installation{}, fmt.Errorf("%w: %w", ErrMissing, err)
	}
	in := Installation{Dir: filepath.Join(cache, "weir", "flink-"+Version)}
	for _, tool := range []string{"java", "javac", "python3"} {
		if _, err := exec.LookPath(tool); err != nil {
			return in, fmt.Errorf("%w: %s is not installed", ErrMissing, tool)
		}
	}
	if in.oracle, err = sourcesHash(); err != nil {
		return in, err
	}
	if _, err := os.Stat(filepath.Join(in.Dir, "lib")); err != nil {
		if err := in.download(ctx, log); err != nil {
			return in, fmt.Errorf("%w: %w", ErrMissing, err)
		}
	}
	if _, err := os.Stat(in.classes()); err == nil {
		return in, nil
	}
	return in, in.make(in.classes(), func(dir string) error { return in.compile(ctx, dir) })
}

// make fills a folder under another name and gives it its own when it is whole, so that there is never half a one. Where
// another process was faster, its folder is kept.
func (in Installation) make(folder string, fill func(dir string) error) error {
	if err := os.MkdirAll(in.Dir, 0o755); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(in.Dir, "new-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := fill(dir); err != nil {
		return err
	}
	err = os.Rename(dir, folder)
	if _, missing := os.Stat(folder); missing == nil {
		return nil
	}
	return err
}

// download fetches the package and unpacks its jars.
func (in Installation) download(ctx context.Context, log io.Writer) error {
	fmt.Fprintf(log, "installing Apache Flink %s into %s\n", Version, in.Dir)
	return in.make(filepath.Join(in.Dir, "lib"), func(dir string) error {
		cmd := exec.CommandContext(ctx, "python3", "-m", "pip", "download", "--quiet", "--retries", "2", "--no-deps", "-d", dir, "apache-flink-libraries=="+Version)
		cmd.Stderr = log
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("downloading apache-flink-libraries: %w", err)
		}
		wheels, err := filepath.Glob(filepath.Join(dir, "*.whl"))
		if err != nil || len(wheels) != 1 {
			return fmt.Errorf("finding the downloaded package in %s: %w", dir, err)
		}
		if err := unpackJars(wheels[0], dir); err != nil {
			return fmt.Errorf("unpacking %s: %w", filepath.Base(wheels[0]), err)
		}
		return os.Remove(wheels[0])
	})
}

// sourcesHash tells versions of the oracle apart.
func sourcesHash() (uint64, error) {
	h := fnv.New64a()
	entries, err := sources.ReadDir("oracle")
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		body, err := sources.ReadFile("oracle/" + e.Name())
		if err != nil {
			return 0, err
		}
		h.Write(body)
	}
	return h.Sum64(), nil
}

func unpackJars(wheel, dir string) error {
	z, err := zip.OpenReader(wheel)
	if err != nil {
		return err
	}
	defer z.Close()
	for _, f := range z.File {
		if ok, _ := filepath.Match("pyflink/lib/*.jar", f.Name); !ok {
			continue
		}
		if err := unpack(f, filepath.Join(dir, filepath.Base(f.Name))); err != nil {
			return err
		}
	}
	return nil
}

func unpack(f *zip.File, to string) error {
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	w, err := os.Create(to)
	if err != nil {
		return err
	}
	if _, err := io.Copy(w, r); err != nil {
		w.Close()
		return err
	}
	return w.Close()
}

// compile builds the oracle's classes into dir.
func (in Installation) compile(ctx context.Context, dir string) error {
	src, err := os.MkdirTemp("", "weir-oracle-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(src)
	entries, err := sources.ReadDir("oracle")
	if err != nil {
		return err
	}
	args := []string{"-nowarn", "-d", dir, "-cp", in.jars()}
	for _, e := range entries {
		body, err := sources.ReadFile("oracle/" + e.Name())
		if err != nil {
			return err
		}
		path := filepath.Join(src, e.Name())
		if err := os.WriteFile(path, body, 0o644); err != nil {
			return err
		}
		args = append(args, path)
	}
	services := filepath.Join(dir, "META-INF", "services")
	if err := os.MkdirAll(services, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(services, "org.apache.flink.table.factories.Factory"), []byte("RowsFactory\nNexmarkFactory\n"), 0o644); err != nil {
		return err
	}
	if out, err := exec.CommandContext(ctx, "javac", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("compiling the oracle: %w\n%s", err, strings.TrimSpace(string(out)))
	}
	return nil
}
