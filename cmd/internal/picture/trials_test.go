package picture

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// trialFiles returns the pictures of a folder of ../shared, which lies beside the
// repository and is not part of it. Without it a test is skipped, and fails in CI.
func trialFiles(t testing.TB, patterns ...string) []string {
	t.Helper()
	var files []string
	for _, p := range patterns {
		matches, err := filepath.Glob(filepath.Join("../../../../shared", p))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range matches {
			if HasExtension(m) {
				files = append(files, m)
			}
		}
	}
	if len(files) == 0 {
		const missing = "the folder ../shared with the trial pictures is not beside the repository"
		if os.Getenv("CI") == "true" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	return files
}

func TestTrials(t *testing.T) {
	for _, name := range trialFiles(t, "trials/*", "trials/hostile/*") {
		data := mustRead(t, name)
		if len(data) > 1<<21 {
			continue
		}
		checkHostile(t, hostileFile{name, data, 0})
	}
}

// Files whose metadata is damaged or unusual, or whose first frame is smaller.
func TestTrialsRead(t *testing.T) {
	files := trialFiles(t, "trials/*", "trials/hostile/gif_off.gif")
	sizes := map[string][2]int{
		"exif-zero-length-tag.jpg": {48, 64}, "exif-makernote-offset.jpg": {48, 64}, "exif-gps-truncated.jpg": {48, 64},
		"exif-two-blocks.jpg": {48, 64}, "sof1-exif6.jpg": {48, 64}, "tiff-badgps-adobergb-o6.tif": {48, 64},
		"first-frame-smaller.gif": {64, 48}, "gif_off.gif": {100, 80},
	}
	for _, name := range files {
		want, ok := sizes[filepath.Base(name)]
		if !ok {
			continue
		}
		got, err := Load(name, 0)
		if err != nil || got.Dim(2) != want[0] || got.Dim(1) != want[1] {
			t.Errorf("%s: %v, %v; want %d x %d", name, got, err, want[0], want[1])
		}
	}
}

// What files hold that Go's decoders refuse or read wrongly. Most show base.png.
func TestTrialsPixels(t *testing.T) {
	files := trialFiles(t, "trials/*.*")
	byName := make(map[string]string)
	for _, f := range files {
		byName[filepath.Base(f)] = f
	}
	for name, mean := range map[string]float64{ // the mean difference from base.png, in levels
		"animated.webp": 0, "bad-crc-text.png": 0, "bigtiff.tif": 0, "cgbi.png": 0, "planar-separate.tif": 0, "too-much-data.png": 0, "plain-16bit.ppm": 0,
		"cmyk-no-adobe-marker.jpg": 1, "jpeg-in-tiff.tif": 1, "no-end-marker.jpg": 2,
		// Their colours have less resolution, which strong edges suffer from.
		"mjpeg-no-huffman.jpg": 12, "progressive-restart-420.jpg": 12, "sampling-2x2-1x1-1x2.jpg": 12,
	} {
		data := mustRead(t, byName[name])
		got, _, err := Decode(data, 0)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want, _, err := Decode(mustRead(t, byName["base.png"]), 0)
		if err != nil {
			t.Fatal(err)
		}
		if got.Len() != want.Len() {
			t.Errorf("%s: %v", name, got.Shape())
			continue
		}
		sum := 0.0
		for i, v := range got.Data() {
			sum += math.Abs(float64(v - want.Data()[i]))
		}
		if sum /= float64(got.Len()); sum > mean {
			t.Errorf("%s: differs by %.2f levels on average, want %v", name, sum, mean)
		}
	}
	for name, want := range map[string]string{"arithmetic.jpg": "this JPEG is coded arithmetically", "photo.heic": "this is a HEIC picture, as iPhones write it"} {
		data, err := os.ReadFile(filepath.Join("../../../../shared/trials", name))
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := Decode(data, 0); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	needTools(t, "convert", "djpeg")
	for name, tolerance := range map[string]float64{"bmp-rle8.bmp": 0, "first-byte-10.ppm": 0, "grey-alpha.tif": 0, "plain-netpbm.pbm": 0, "jpeg-in-tiff.tif": 2} {
		comparePixels(t, name, mustRead(t, filepath.Join("../../../../shared/trials", name)), magick(t, filepath.Join("../../../../shared/trials", name)), tolerance)
	}
	for _, name := range []string{"mjpeg-no-huffman.jpg", "progressive-restart-420.jpg", "sampling-2x2-1x1-1x2.jpg"} {
		comparePixels(t, name, mustRead(t, byName[name]), djpeg(t, byName[name]), 3.01)
	}
}
