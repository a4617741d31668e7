package picture

import (
	"os"
	"path/filepath"
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
