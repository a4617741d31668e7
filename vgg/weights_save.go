package vgg

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/brushgrad/brushgrad/tensor"
)

// WriteFolder writes w to a new folder that Load reads. Each tensor is written
// by write: npy.Write for float32, or npy.WriteFloat16 for half the size. If
// dir exists it is an error; if anything fails, dir does not appear.
func (w *Weights) WriteFolder(dir string, write func(io.Writer, *tensor.Tensor) error) (err error) {
	if _, err := os.Lstat(dir); !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s: there is a file or folder of this name already", dir)
	}
	dir = filepath.Clean(dir)
	tmp, err := os.MkdirTemp(filepath.Dir(dir), filepath.Base(dir)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.RemoveAll(tmp)
		}
	}()
	if err := w.writeInto(tmp, write); err != nil {
		return err
	}
	if err := os.Chmod(tmp, 0o755); err != nil { // MkdirTemp keeps others out
		return err
	}
	return os.Rename(tmp, dir)
}

func (w *Weights) writeInto(dir string, write func(io.Writer, *tensor.Tensor) error) error {
	m := manifest{
		Network: "vgg19", Name: w.Name, License: w.License, Source: w.Source, Trained: w.Trained,
		Layers: w.Layers(), Padding: w.Padding.String(),
		Input:  &manifestInput{w.Input.Channels, w.Input.Scale, w.Input.Mean[:], w.Input.Std[:]},
		SHA256: map[string]string{},
	}
	for _, c := range w.Convs {
		n := c.Weight.Shape() // (out, 3, 3, in)
		weight := tensor.New(n[0], n[3], n[1], n[2])
		tensor.Transpose(weight, c.Weight, 0, 3, 1, 2)
		pair := [2]*tensor.Tensor{weight, c.Bias}
		for i, name := range files(c.Name) {
			sum, err := writeTensor(filepath.Join(dir, name), pair[i], write)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			m.SHA256[name] = sum
		}
	}
	text, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return err
	}
	if _, err := parseManifest(text); err != nil {
		return fmt.Errorf("these weights are not complete: %w", err)
	}
	return os.WriteFile(filepath.Join(dir, manifestName), append(text, '\n'), 0o644)
}

// writeTensor writes t to a new file and returns the file's SHA-256.
func writeTensor(path string, t *tensor.Tensor, write func(io.Writer, *tensor.Tensor) error) (string, error) {
	f, err := os.Create(path)
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	err = write(io.MultiWriter(f, hash), t)
	return hex.EncodeToString(hash.Sum(nil)), errors.Join(err, f.Close())
}
