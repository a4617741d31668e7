package outfile

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Rescue writes a picture that could not be written to path, for the reason why. It
// takes the first folder that accepts it: the current one, the user's, or the one for
// temporary files. The file gets a new name, made from that of path, with its extension,
// and only the user may read it, because others may see the folder. Rescue returns the
// absolute path, which is empty if no folder accepts the picture, and an error: why, and
// where the picture is.
func Rescue(path string, data []byte, why error) (saved string, err error) {
	ext := filepath.Ext(path)
	stem := strings.TrimSuffix(filepath.Base(path), ext)
	const longest = 100 // bytes: that the name is too long may be the reason
	stem = stem[:min(len(stem), longest)]
	home, _ := os.UserHomeDir()
	for _, dir := range []string{".", cmp.Or(home, "."), os.TempDir()} {
		free, err := os.CreateTemp(dir, stem+"-*"+ext) // a name that nothing has
		if err != nil {
			continue
		}
		if cmp.Or(free.Close(), Write(free.Name(), data)) != nil {
			_ = os.Remove(free.Name())
			continue
		}
		saved, err := filepath.Abs(free.Name())
		if err != nil {
			saved = free.Name()
		}
		return saved, fmt.Errorf("%w; the picture is saved as %s", why, saved)
	}
	return "", fmt.Errorf("%w; neither the current folder nor %s nor %s accepts the picture, so it is lost", why, cmp.Or(home, "the home folder"), os.TempDir())
}
