package picture

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2/maybe"

	"github.com/brushgrad/brushgrad/tensor"
)

// Save writes a picture of shape (1, H, W, 3) as PNG or, with quality 95, as
// JPEG; the extension of the file name decides. Values are rounded to the
// nearest of 0..255 and clamped; NaN becomes 0.
//
// The file appears whole or not at all, and an old file of that name is
// replaced in one step (on Windows, which offers no such step, it is encoded
// in full before the file is opened). Errors name the file. Save panics if t
// has another shape.
func Save(path string, t *tensor.Tensor) error {
	encode, err := encoderFor(path)
	if err != nil {
		return err
	}
	var buf bytes.Buffer
	if err := encode(&buf, Image(t)); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := maybe.WriteFile(path, buf.Bytes(), 0o666); err != nil {
		return fmt.Errorf("%s: cannot write the picture: %w", path, bare(err))
	}
	return nil
}

// CheckSavable returns the error that Save would meet for this name, as far as
// that can be known beforehand: an extension that is neither PNG nor JPEG, a
// folder that is missing or may not be written to, a folder of that very name.
// It is for asking before an hour of painting, and leaves nothing behind.
func CheckSavable(path string) error {
	if _, err := encoderFor(path); err != nil {
		return err
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s: something that is not a file has this name already; give a name that is free", path)
	}
	dir := filepath.Dir(path)
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: the folder %s does not exist; create it or choose another", path, dir)
	case err != nil:
		return fmt.Errorf("%s: %w", path, bare(err))
	case !info.IsDir():
		return fmt.Errorf("%s: %s is not a folder", path, dir)
	}
	// Permissions, read-only file systems, quotas: only trying tells. Save makes
	// a temporary file in the same place.
	f, err := os.CreateTemp(dir, ".brushgrad-*")
	if err != nil {
		return fmt.Errorf("%s: cannot write into the folder %s: %w", path, dir, bare(err))
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

func encoderFor(path string) (func(io.Writer, image.Image) error, error) {
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".png":
		return png.Encode, nil
	case ".jpg", ".jpeg":
		return func(w io.Writer, m image.Image) error {
			return jpeg.Encode(w, m, &jpeg.Options{Quality: 95})
		}, nil
	case "":
		return nil, fmt.Errorf("%s: the name needs an extension that tells the format: .png, .jpg or .jpeg", path)
	default:
		return nil, fmt.Errorf("%s: cannot write %s pictures; the extension must be .png, .jpg or .jpeg", path, ext)
	}
}

// Image returns a picture of shape (1, H, W, 3) in 8 bits a channel: values are
// rounded to the nearest of 0..255 and clamped; NaN becomes 0. It panics if t has
// another shape.
func Image(t *tensor.Tensor) *image.RGBA {
	if s := t.Shape(); len(s) != 4 || s[0] != 1 || s[1] < 1 || s[2] < 1 || s[3] != 3 {
		panic(fmt.Sprintf("picture: a picture has shape (1,H,W,3), not %v", s))
	}
	m := image.NewRGBA(image.Rect(0, 0, t.Dim(2), t.Dim(1)))
	data := t.Data()
	for i := range len(data) / 3 {
		p := m.Pix[i*4:]
		p[0], p[1], p[2], p[3] = byteOf(data[i*3]), byteOf(data[i*3+1]), byteOf(data[i*3+2]), 255
	}
	return m
}

// byteOf rounds v to the nearest of 0..255. The comparisons are written so
// that NaN ends at 0: what the bare conversion gives differs between processors.
func byteOf(v float32) uint8 {
	if v >= 255 {
		return 255
	}
	if v > 0 {
		return uint8(v + 0.5)
	}
	return 0
}
