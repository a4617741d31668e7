package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"io"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/image/draw"

	"github.com/brushgrad/brushgrad/cmd/internal/picture"
	"github.com/brushgrad/brushgrad/tensor/parallel"
)

// A photograph is a picture at several sizes, each half of the one before, the
// longest side of the first at most libraryLongest.
type photograph []*image.RGBA

// Sides of photographs in pixels. What a style transfer sees is a whole picture
// of some 256 to 1024 pixels.
const (
	libraryLongest  = 1024
	libraryShortest = 256
)

// library holds the photographs that crops are cut from.
type library []photograph

// pictureFile is a file in a folder of pictures, whose name there does not change when the
// folder is moved.
type pictureFile struct{ path, name string }

// listPictures returns the files in the folders and those below that are named as pictures,
// in the order of their paths.
func listPictures(folders []string) (files []pictureFile, err error) {
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && picture.HasExtension(path) {
				name := strings.TrimPrefix(strings.TrimPrefix(path, filepath.Clean(folder)), string(filepath.Separator))
				files = append(files, pictureFile{path, name})
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(files, func(a, b pictureFile) int { return strings.Compare(a.path, b.path) })
	return files, nil
}

// loadLibrary reads pictures, but for those with a side of fewer than least pixels and
// those that look like one before. Files that are no pictures are named on stderr and left
// out.
//
// The list has a line for each picture of the library, in the same order: the SHA-256 of
// the file and its name in the folder, as sha256sum prints them.
func loadLibrary(files []pictureFile, least int, stderr io.Writer) (l library, list []string) {
	photographs, sums, errs := make(library, len(files)), make([]string, len(files)), make([]error, len(files))
	parallel.For(len(files), func(i int) {
		if photographs[i], errs[i] = loadPhotograph(files[i].path); errs[i] == nil {
			sums[i], errs[i] = hashFile(files[i].path)
		}
	})
	seen := map[thumbnail]bool{}
	for i, p := range photographs {
		switch thumb := p.thumbnail(); {
		case errs[i] != nil:
			fmt.Fprintf(stderr, "distil: left out: %v\n", errs[i])
		case min(p[0].Rect.Dx(), p[0].Rect.Dy()) >= least && !seen[thumb]:
			seen[thumb] = true
			l = append(l, p)
			list = append(list, sums[i]+"  "+files[i].name)
		}
	}
	return l, list
}

// hashFile returns the SHA-256 of a file, in hexadecimal digits.
func hashFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// heldOut is the number of pictures of which one is kept for the report.
const heldOut = 16

// holdOut parts a library in pictures to learn from and pictures to test with.
func (l library) holdOut() (training, test library) {
	for i, p := range l {
		if i%heldOut == heldOut-1 {
			test = append(test, p)
		} else {
			training = append(training, p)
		}
	}
	return training, test
}

func loadPhotograph(path string) (photograph, error) {
	t, err := picture.Load(path, 0)
	if err != nil {
		return nil, err
	}
	full := picture.Image(t)
	if longest := max(full.Rect.Dx(), full.Rect.Dy()); longest > libraryLongest {
		full = resize(full, max(1, full.Rect.Dx()*libraryLongest/longest), max(1, full.Rect.Dy()*libraryLongest/longest))
	}
	p := photograph{full}
	for {
		last := p[len(p)-1]
		w, h := last.Rect.Dx()/2, last.Rect.Dy()/2
		if max(w, h) < libraryShortest {
			return p, nil
		}
		p = append(p, resize(last, w, h))
	}
}

func resize(img *image.RGBA, w, h int) *image.RGBA {
	resized := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.CatmullRom.Scale(resized, resized.Rect, img, img.Rect, draw.Src, nil)
	return resized
}

// thumbnail is what a picture looks like from afar: 8x8 pixels of 16 levels.
type thumbnail [8 * 8 * 3]uint8

// thumbnail returns the same for a picture at several resolutions, as those of
// desktops come, give or take.
func (p photograph) thumbnail() (thumb thumbnail) {
	if len(p) == 0 {
		return thumb
	}
	small := resize(p[len(p)-1], 8, 8)
	for i := range 8 * 8 {
		for c := range 3 {
			thumb[i*3+c] = small.Pix[i*4+c] / 16
		}
	}
	return thumb
}

// crop returns size x size pixels of a random photograph at a random scale, as
// RGB values 0..255 (size,size,3).
func (l library) crop(rng *rand.Rand, size int) []float32 {
	p := l[rng.IntN(len(l))]
	full := p[0].Rect
	// The longest side that the photograph is to have: between the library's
	// bounds, no larger than it is, and large enough for the crop.
	least := float64(size) / float64(min(full.Dx(), full.Dy()))
	reduce := math.Exp(rng.Float64() * math.Log(max(libraryShortest/float64(max(full.Dx(), full.Dy())), least)))
	reduce = min(1, max(reduce, least))
	level := 0
	for level+1 < len(p) && reduce <= 0.5 {
		level, reduce = level+1, 2*reduce
	}
	src := p[level]
	side := min(int(float64(size)/min(1, reduce)), src.Rect.Dx(), src.Rect.Dy())
	from := image.Pt(rng.IntN(src.Rect.Dx()-side+1), rng.IntN(src.Rect.Dy()-side+1))
	out := image.NewRGBA(image.Rect(0, 0, size, size))
	draw.ApproxBiLinear.Scale(out, out.Rect, src, image.Rectangle{from, from.Add(image.Pt(side, side))}, draw.Src, nil)
	rgb := make([]float32, 0, size*size*3)
	for i := 0; i < len(out.Pix); i += 4 {
		rgb = append(rgb, float32(out.Pix[i]), float32(out.Pix[i+1]), float32(out.Pix[i+2]))
	}
	return rgb
}
