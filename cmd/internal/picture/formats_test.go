package picture

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/tensor/npy"
)

// TestFormats compares every kind of file with what Pillow, littlecms and
// ImageMagick make of it: see testdata/make_formats.py.
func TestFormats(t *testing.T) {
	for _, c := range []struct {
		file, want string
		tolerance  float64 // levels, any pixel
	}{
		// littlecms has rounded to whole levels.
		{"p3.png", "p3.want.png", 1},
		{"p3.tiff", "p3.want.png", 1},
		{"p3.webp", "p3.want.png", 1},
		{"adobe.png", "adobe.want.png", 1},
		{"adobe.tiff", "adobe.want.png", 1},
		{"adobe.webp", "adobe.want.png", 1},
		{"grey_profile.png", "grey_profile.want.png", 1},
		{"grey_profile.tiff", "grey_profile.want.png", 1},
		// Near black, profiles make much of the level that decoders of JPEG differ by.
		// Decoders of JPEG and lossy WebP may differ by a level or two.
		{"p3_jpeg.jpg", "p3_jpeg.want.png", 6},
		{"adobe_jpeg.jpg", "adobe_jpeg.want.png", 6},
		{"cmyk_profile.jpg", "cmyk_profile.want.png", 6},
		{"ycck.jpg", "ycck.want.png", 3},
		{"ycck_progressive.jpg", "ycck_progressive.want.png", 3},
		{"lossy.webp", "lossy.want.png", 3},
		{"subsampled.jpg", "subsampled.want.png", 16}, // libjpeg smooths colour as it widens it
		{"progressive_422.jpg", "progressive_422.want.png", 12},

		{"deflate.tiff", "noisy.want.png", 0},
		{"packbits.tiff", "noisy.want.png", 0},
		{"palette.bmp", "palette_bmp.want.png", 0},
		{"grey.webp", "grey_webp.want.png", 0},
		{"animated.gif", "animated.want.png", 0},
	} {
		t.Run(c.file, func(t *testing.T) {
			largest, mean := difference(t, mustLoad(t, c.file, 0), reference(t, c.want))
			if largest > c.tolerance {
				t.Errorf("differs by up to %.2f levels (mean %.3f), tolerance %v", largest, mean, c.tolerance)
			}
			t.Logf("differs by up to %.2f levels (mean %.3f)", largest, mean)
		})
	}
}

// A profile must have made a difference, or the comparison above says nothing.
func TestProfilesMatter(t *testing.T) {
	for _, name := range []string{"p3", "adobe", "grey_profile"} {
		plain := reference(t, name+".png") // the standard library knows of no profiles
		if largest, _ := difference(t, mustLoad(t, name+".png", 0), plain); largest < 10 {
			t.Errorf("%s.png: the profile changes no value by more than %.1f levels", name, largest)
		}
	}
}

// Resampling comes before the profile; the result is near what comes from
// converting first.
func TestProfileOfReducedPicture(t *testing.T) {
	want := reference(t, "p3.want.png")
	full := tensor.New(1, want.Rect.Dy(), want.Rect.Dx(), 3)
	for i := range full.Data() {
		full.Data()[i] = float32(want.Pix[i/3*4+i%3])
	}
	path := filepath.Join(t.TempDir(), "converted.png")
	if err := Save(path, full); err != nil {
		t.Fatal(err)
	}
	converted, err := Load(path, 12)
	if err != nil {
		t.Fatal(err)
	}
	got := mustLoad(t, "p3.png", 12)
	sum := 0.0
	for i, v := range got.Data() {
		sum += math.Abs(float64(v - converted.Data()[i]))
	}
	if mean := sum / float64(got.Len()); mean > 0.7 {
		t.Errorf("differs by %.2f levels on average", mean)
	}
}

func Test16Bit(t *testing.T) {
	for _, c := range []struct{ file, want string }{
		{"deep.png", "deep.want.npy"},
		{"deep_lzw.tiff", "deep.want.npy"},
		{"deep_zip.tiff", "deep.want.npy"},
		{"deep_none.tiff", "deep.want.npy"},
		{"deep_grey.png", "deep_grey.want.npy"},
		{"deep_grey.tiff", "deep_grey.want.npy"},
	} {
		want, err := npy.ReadFile(filepath.Join("testdata", c.want))
		if err != nil {
			t.Fatal(err)
		}
		got := mustLoad(t, c.file, 0)
		if got.Len() != want.Len() {
			t.Errorf("%s: shape %v, want the values of %v", c.file, got.Shape(), want.Shape())
			continue
		}
		for i, v := range got.Data() {
			if v != want.Data()[i] {
				t.Errorf("%s: value %d is %v, want %v", c.file, i, v, want.Data()[i])
				break
			}
		}
	}
}

// mustLoadAlpha loads a picture of which a part must be transparent.
func mustLoadAlpha(t *testing.T, name string, longest int) (colour, alpha *tensor.Tensor) {
	t.Helper()
	colour = mustLoad(t, name, longest)
	alpha, err := loadAlpha(filepath.Join("testdata", name), colour.Dim(2), colour.Dim(1))
	if err != nil {
		t.Fatal(err)
	}
	if alpha == nil {
		t.Fatalf("%s: opaque", name)
	}
	if s, c := alpha.Shape(), colour.Shape(); len(s) != 4 || s[0] != 1 || s[1] != c[1] || s[2] != c[2] || s[3] != 1 {
		t.Fatalf("%s: the alpha plane has shape %v for colours %v", name, s, c)
	}
	return colour, alpha
}

func TestAlphaAgreesWithPillow(t *testing.T) {
	for _, c := range []struct {
		file, want string
		tolerance  float64 // of an opaque pixel; of others it is divided by alpha
	}{
		{"straight.png", "straight.want.png", 0},
		{"straight.tiff", "straight.want.png", 0},
		{"straight.webp", "straight.want.png", 0},
		{"premultiplied.tiff", "straight.want.png", 0.51},
		{"alpha_lossy.webp", "alpha_lossy.want.png", 3},
		{"hole.gif", "hole.want.png", 0},
		{"hole.png", "hole.want.png", 0},
		{"grey_alpha.png", "grey_alpha.want.png", 0},
	} {
		colour, alpha := mustLoadAlpha(t, c.file, 0)
		want := reference(t, c.want)
		worst := ""
		for i, a := range alpha.Data() {
			p := want.Pix[i*4:]
			if a != float32(p[3]) {
				t.Fatalf("%s: alpha %d is %v, want %v", c.file, i, a, p[3])
			}
			if a == 0 {
				continue
			}
			for k := range 3 {
				got := colour.Data()[i*3+k]
				if math.Abs(float64(got)-float64(p[k])) > c.tolerance*255/float64(a) {
					worst = fmt.Sprintf("colour %d of pixel %d with alpha %v is %v, want %v", k, i, a, got, p[k])
				}
			}
		}
		if worst != "" {
			t.Errorf("%s: %s", c.file, worst)
		}
	}
	want, err := npy.ReadFile("testdata/deep_alpha.want.npy")
	if err != nil {
		t.Fatal(err)
	}
	colour, alpha := mustLoadAlpha(t, "deep_alpha.png", 0)
	for i, a := range alpha.Data() {
		p := want.Data()[i*4:]
		if a != p[3] || a != 0 && (colour.Data()[i*3] != p[0] || colour.Data()[i*3+1] != p[1] || colour.Data()[i*3+2] != p[2]) {
			t.Fatalf("deep_alpha.png: pixel %d is %v with alpha %v, want %v", i, colour.Data()[i*3:i*3+3], a, p[:4])
		}
	}
}

// straight.png is transparent in column 0 and in columns 8 and 9.
func TestHiddenPixelsHaveTheNearestColour(t *testing.T) {
	colour, _ := mustLoadAlpha(t, "straight.png", 0)
	at := func(x, y int) []float32 { return colour.Data()[(y*24+x)*3:][:3] }
	for y := range 16 {
		for _, pair := range [][2]int{{0, 1}, {8, 7}, {9, 10}} {
			hidden, seen := at(pair[0], y), at(pair[1], y)
			if hidden[0] != seen[0] || hidden[1] != seen[1] || hidden[2] != seen[2] {
				t.Fatalf("row %d, column %d has the colour %v, want %v as in column %d", y, pair[0], hidden, seen, pair[1])
			}
		}
	}
	// Reduced, too, no black of hidden pixels comes through: all colours of
	// this one are bright.
	bright, clear := tensor.New(1, 40, 40, 3), tensor.New(1, 40, 40, 1)
	for i := range clear.Data() {
		if x := i % 40; x > 10 && x < 25 {
			clear.Data()[i] = 255
			copy(bright.Data()[i*3:], []float32{200, 220, 240})
		}
	}
	path := filepath.Join(t.TempDir(), "bright.png")
	if err := SaveAs(path, bright, Options{Alpha: clear}); err != nil {
		t.Fatal(err)
	}
	colour, err := Load(path, 13)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range colour.Data() {
		if want := []float32{200, 220, 240}[i%3]; v < want-2 || v > want+2 {
			t.Fatalf("value %d is %v, want about %v", i, v, want)
		}
	}
}

func TestTransparentThroughout(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nothing.png")
	if err := SaveAs(path, tensor.New(1, 3, 5, 3), Options{Alpha: tensor.New(1, 3, 5, 1)}); err != nil {
		t.Fatal(err)
	}
	colour, err := Load(path, 0)
	if err != nil {
		t.Fatal(err)
	}
	alpha, err := loadAlpha(path, 5, 3)
	if err != nil || alpha == nil {
		t.Fatal(alpha, err)
	}
	for i, v := range colour.Data() {
		if v != 255 || alpha.Data()[i/3] != 0 {
			t.Fatalf("value %d is %v with alpha %v, want white and 0", i, v, alpha.Data()[i/3])
		}
	}
}

func TestOpaqueHasNoAlpha(t *testing.T) {
	for _, name := range []string{"detail.png", "colour.jpg", "rgb.tiff", "frame.gif", "rgb.webp", "deep_lzw.tiff"} {
		if alpha, err := loadAlpha(filepath.Join("testdata", name), 20, 10); alpha != nil || err != nil {
			t.Errorf("%s: alpha %v, %v", name, alpha, err)
		}
	}
}

// Orientations besides those of TestLoadOrientation, which are lossy. The last
// has its eXIf chunk behind the pixels.
func TestOrientationOfAllFormats(t *testing.T) {
	want := reference(t, "orientation.want.png")
	names := []string{"orientation_behind.png"}
	for tag := 1; tag <= 8; tag++ {
		for _, ext := range []string{".png", ".tiff", ".webp"} {
			names = append(names, fmt.Sprintf("orientation_%d%s", tag, ext))
		}
	}
	for _, name := range names {
		tolerance := 0.0
		if name == "orientation_behind.png" {
			tolerance = 12 // of the JPEG that it was made of
		}
		if largest, _ := difference(t, mustLoad(t, name, 0), want); largest > tolerance {
			t.Errorf("%s: differs by %.1f levels, so it is not upright", name, largest)
		}
	}
}

// The longest side is that of the upright picture, and the alpha plane is
// turned along.
func TestOrientationOfAlpha(t *testing.T) {
	data, err := os.ReadFile("testdata/orientation_6.png")
	if err != nil {
		t.Fatal(err)
	}
	got, _, err := DecodeTo(data, 12, 4)
	if err != nil || got.Dim(1) != 4 || got.Dim(2) != 12 {
		t.Fatalf("%v, %v; want 4 rows of 12", got, err)
	}
	plane := tensor.FromSlice([]float32{1, 2, 3, 4, 5, 6}, 1, 2, 3, 1)
	for orientation, want := range [][]float32{
		1: {1, 2, 3, 4, 5, 6},
		2: {3, 2, 1, 6, 5, 4},
		3: {6, 5, 4, 3, 2, 1},
		4: {4, 5, 6, 1, 2, 3},
		5: {1, 4, 2, 5, 3, 6},
		6: {4, 1, 5, 2, 6, 3},
		7: {6, 3, 5, 2, 4, 1},
		8: {3, 6, 2, 5, 1, 4},
	} {
		if want == nil {
			continue
		}
		got := upright(plane, orientation)
		if fmt.Sprint(got.Data()) != fmt.Sprint(want) || (got.Dim(1) == 3) != (orientation >= 5) {
			t.Errorf("orientation %d: %v %v, want %v", orientation, got.Shape(), got.Data(), want)
		}
	}
}

// loadAlpha returns the alpha plane of a file with w x h pixels.
func loadAlpha(path string, w, h int) (*tensor.Tensor, error) {
	data, err := Read(path)
	if err != nil {
		return nil, err
	}
	_, alpha, err := DecodeTo(data, w, h)
	return alpha, err
}
