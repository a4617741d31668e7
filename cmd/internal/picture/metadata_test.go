package picture

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Files with an orientation, in every way that one is stored, are read by this package and
// by exiftool, ImageMagick and Pillow.

// An oriented file has an orientation.
type oriented struct {
	data []byte
	want int
}

// ignores reports whether a program is known not to read the orientation of a file, in the
// oldest of the versions in use: exiftool 12.57, ImageMagick 6.9.11, Pillow 9.4.
func ignores(program, name string) bool {
	ext := filepath.Ext(name)
	xmp, raw := strings.HasPrefix(name, "xmp-"), strings.HasPrefix(name, "raw-")
	switch program {
	case "ImageMagick":
		// It has no chunks for EXIF, and takes XMP first where there are both.
		return xmp || ext == ".webp" || ext == ".png" && !raw || strings.HasPrefix(name, "raw-APP1") || name[:min(len(name), 9)] == "exiftool-" && ext == ".tif"
	case "Pillow":
		// It gives EXIF up at the first value past the end.
		return xmp && (ext != ".png" || strings.HasPrefix(name, "xmp-quote")) || strings.HasPrefix(name, "raw-APP1") || strings.HasPrefix(name, "text-past-the-end,-before")
	}
	return false
}

// rawText is a profile as older ImageMagick stores it, in lines of 36 bytes.
func rawText(keyword, name string, data []byte) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\x00\n%s\n%8d\n", keyword, name, len(data))
	for line := range slices.Chunk(data, 36) {
		b.WriteString(hex.EncodeToString(line) + "\n")
	}
	return b.Bytes()
}

// rawPacked is the same for a zTXt chunk.
func rawPacked(keyword, name string, data []byte) []byte {
	text := rawText("", name, data)[1:]
	return append([]byte(keyword+"\x00\x00"), packed(text)...)
}

func xmpPacket(orientation int, form string) []byte {
	body := fmt.Sprintf(map[string]string{
		"attribute": `<rdf:Description rdf:about="" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="%d"/>`,
		"quote":     `<rdf:Description rdf:about='' xmlns:tiff='http://ns.adobe.com/tiff/1.0/' tiff:Orientation='%d'/>`,
		"element":   `<rdf:Description rdf:about="" xmlns:tiff="http://ns.adobe.com/tiff/1.0/"><tiff:Orientation>%d</tiff:Orientation></rdf:Description>`,
	}[form], orientation)
	return []byte(`<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` +
		body + `</rdf:RDF></x:xmpmeta><?xpacket end="w"?>`)
}

// damagedBlocks are EXIF data that are damaged, or unusual, beside a sound orientation.
func damagedBlocks(o uint32) map[string][]byte {
	at := entry{tagOrientation, 3, 1, o}
	blocks := make(map[string][]byte)
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		add := func(name string, next uint32, entries ...entry) {
			blocks[fmt.Sprint(name, " ", order)] = tiffBlock(order, entries, next)
		}
		add("alone", 0, at)
		add("next directory past the end", 0x7fffff00, at)
		add("next directory is itself", 8, at)
		add("gps past the end", 0, at, entry{34853, 4, 1, 0x7fffff00})
		add("gps cut short", 0, at, entry{34853, 4, 1, 36})
		add("exif past the end", 0, at, entry{34665, 4, 1, 0x7fffff00})
		add("type 13", 0, at, entry{34665, 13, 1, 8})
		add("length 0", 0, at, entry{305, 2, 0, 0})
		add("text past the end", 0, at, entry{305, 2, 100, 0x7fffff00})
		add("text past the end, before", 0, entry{270, 2, 100, 0x7fffff00}, at)
		add("type 0", 0, at, entry{305, 0, 1, 0})
		add("length 0, before", 0, entry{270, 2, 0, 0}, at)
	}
	return blocks
}

// orientedFiles returns files of all formats by name.
func orientedFiles(t testing.TB) map[string]oriented {
	files := make(map[string]oriented)
	add := func(name string, data []byte, want int) {
		if _, ok := files[name]; ok {
			t.Fatalf("two files %s", name)
		}
		files[name] = oriented{data, want}
	}
	plain := func(o int) []byte { return tiffBlock(binary.BigEndian, []entry{{tagOrientation, 3, 1, uint32(o)}}, 0) }
	exif := func(block []byte) []byte { return append([]byte(exifHeader), block...) }
	app1 := func(data []byte) []byte { return jpegSegment(jpegAPP1, data) }
	xmp := func(packet []byte) []byte { return app1(append([]byte(xmpHeader), packet...)) }
	sof1 := func(data []byte) []byte {
		i := bytes.Index(data, []byte{0xff, jpegSOF0, 0, 17, 8})
		if i < 0 {
			t.Fatal("no baseline frame")
		}
		data[i+1] = jpegSOF1
		return data
	}
	iTXt := func(packet []byte) []byte {
		return pngChunk("iTXt", append([]byte(xmpKeyword+"\x00\x00\x00\x00\x00"), packet...))
	}
	for o := 1; o <= 8; o++ {
		block := plain(o)
		add(fmt.Sprintf("exif-%d.jpg", o), jpegWithSegments(t, app1(exif(block))), o)
		add(fmt.Sprintf("sof1-%d.jpg", o), sof1(jpegWithSegments(t, app1(exif(block)))), o)
		add(fmt.Sprintf("two-%d.jpg", o), jpegWithSegments(t, app1(exif(block)), app1(exif(plain(9-o)))), o)
		add(fmt.Sprintf("exif-%d.png", o), pngWithChunks(t, pngChunk("eXIf", block)), o)
		add(fmt.Sprintf("exif-%d.webp", o), extendedWebP(t, 8, riffChunk("EXIF", block)), o)
		add(fmt.Sprintf("exif-%d.tif", o), tiffPicture(binary.LittleEndian, 3, 2, entry{tagOrientation, 3, 1, uint32(o)}), o)
		for _, kind := range []string{"exif", "APP1"} {
			keyword := rawProfileKeyword + kind
			add(fmt.Sprintf("raw-%s-%d.png", kind, o), pngWithChunks(t, pngChunk("tEXt", rawText(keyword, "exif", exif(block)))), o)
			add(fmt.Sprintf("raw-%s-packed-%d.png", kind, o), pngWithChunks(t, pngChunk("zTXt", rawPacked(keyword, "exif", exif(block)))), o)
		}
		for _, form := range []string{"attribute", "quote", "element"} {
			packet := xmpPacket(o, form)
			add(fmt.Sprintf("xmp-%s-%d.jpg", form, o), jpegWithSegments(t, xmp(packet)), o)
			add(fmt.Sprintf("xmp-%s-%d.png", form, o), pngWithChunks(t, iTXt(packet)), o)
			add(fmt.Sprintf("xmp-%s-%d.webp", form, o), extendedWebP(t, 4, riffChunk("XMP ", packet)), o)
		}
		other := xmpPacket(9-o, "attribute")
		add(fmt.Sprintf("exif-before-xmp-%d.jpg", o), jpegWithSegments(t, xmp(other), app1(exif(block))), o)
		add(fmt.Sprintf("exif-before-xmp-%d.png", o), pngWithChunks(t, iTXt(other), pngChunk("eXIf", block)), o)
		for name, block := range damagedBlocks(uint32(o)) {
			if o != 6 && o != 3 {
				continue
			}
			name = fmt.Sprint(strings.ReplaceAll(name, " ", "-"), "-", o)
			add(name+".jpg", jpegWithSegments(t, app1(exif(block))), o)
			add(name+".png", pngWithChunks(t, pngChunk("eXIf", block)), o)
			add(name+".webp", extendedWebP(t, 8, riffChunk("EXIF", block)), o)
		}
	}
	return files
}

// extendedWebP returns a WebP with the header that announces chunks by flags.
func extendedWebP(t testing.TB, flags byte, chunks ...[]byte) []byte {
	data := webpWithChunks(t, chunks...)
	head := []byte{flags, 0, 0, 0, 29, 0, 0, 20, 0, 0} // 30 x 21
	data = slices.Concat(data[:12], riffChunk("VP8X", head), data[12:])
	binary.LittleEndian.PutUint32(data[4:], uint32(len(data)-8))
	return data
}

func kindOf(name string) string {
	return map[string]string{".jpg": "jpeg", ".png": "png", ".webp": "webp", ".tif": "tiff"}[filepath.Ext(name)]
}

func TestOrientations(t *testing.T) {
	files := orientedFiles(t)
	for name, f := range files {
		if got := readMetadata(kindOf(name), f.data).orientation; got != f.want {
			t.Errorf("%s: orientation %d, want %d", name, got, f.want)
		}
	}
	t.Logf("%d files", len(files))
}

// TestOrientationsAgree compares with other programs, and has them write files.
func TestOrientationsAgree(t *testing.T) {
	programs := otherPrograms(t)
	dir := t.TempDir()
	files := orientedFiles(t)
	for name, f := range files {
		mustWriteFile(t, filepath.Join(dir, name), f.data)
	}
	for name, want := range writtenByTools(t, dir) {
		data := mustRead(t, filepath.Join(dir, name))
		files[name] = oriented{data, want}
		if got := readMetadata(kindOf(name), data).orientation; got != want {
			t.Errorf("%s: orientation %d, want %d", name, got, want)
		}
	}
	names := slices.Sorted(maps.Keys(files))
	for program, read := range programs {
		known := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return ignores(program, name) })
		said := make(map[string]int)
		for some := range slices.Chunk(known, 50) {
			maps.Copy(said, read(t, dir, some))
		}
		for _, name := range known {
			if got := max(said[name], 1); got != files[name].want {
				t.Errorf("%s: %s says %d, want %d", name, program, got, files[name].want)
			}
		}
		t.Logf("%s: %d files", program, len(known))
	}
}

// writtenByTools has exiftool and ImageMagick write orientations, and returns them by name.
func writtenByTools(t testing.TB, dir string) map[string]int {
	out := make(map[string]int)
	words := []string{"TopLeft", "TopRight", "BottomRight", "BottomLeft", "LeftTop", "RightTop", "RightBottom", "LeftBottom"}
	for o := 1; o <= 8; o++ {
		args := []string{"-q", "-overwrite_original", "-n", fmt.Sprint("-EXIF:Orientation=", o), "-EXIF:Artist=somebody",
			"-GPSLatitude=47.1", "-GPSLatitudeRef=N", fmt.Sprint("-XMP-tiff:Orientation=", 9-o)}
		for _, source := range []string{"colour.jpg", "rgb.want.png", "rgb.webp", "rgb.tiff"} {
			name := fmt.Sprintf("exiftool-%d%s", o, strings.Replace(filepath.Ext(source), "tiff", "tif", 1))
			mustWriteFile(t, filepath.Join(dir, name), mustRead(t, filepath.Join("testdata", source)))
			args = append(args, filepath.Join(dir, name))
			out[name] = o
		}
		runTool(t, "exiftool", args...)
		name := fmt.Sprintf("magick-%d.tif", o)
		runTool(t, "convert", "testdata/rgb.tiff", "-orient", words[o-1], filepath.Join(dir, name))
		out[name] = o
	}
	return out
}

func runTool(t testing.TB, name string, args ...string) string {
	t.Helper()
	var stderr bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil && len(out) == 0 {
		t.Fatalf("%s: %v: %s", name, err, stderr.String())
	}
	return string(out)
}

// otherPrograms returns the functions that have a program read the files of a folder, by
// the name of the program. Without them the test is skipped, and fails in CI.
func otherPrograms(t testing.TB) map[string]func(t testing.TB, dir string, names []string) map[string]int {
	need := func(what, name string, args ...string) {
		if err := exec.Command(name, args...).Run(); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatalf("%s is not installed: %v", what, err)
			}
			t.Skipf("%s is not installed: %v", what, err)
		}
	}
	need("exiftool (package libimage-exiftool-perl)", "exiftool", "-ver")
	need("ImageMagick (package imagemagick)", "identify", "-version")
	need("Pillow (package python3-pil)", "/usr/bin/python3", "-c", "import PIL.Image")
	paths := func(dir string, names []string) (out []string) {
		for _, n := range names {
			out = append(out, filepath.Join(dir, n))
		}
		return out
	}
	// parse reads lines of a name and numbers, of which the first that is one counts.
	parse := func(t testing.TB, lines string) map[string]int {
		out := make(map[string]int)
		for line := range strings.Lines(lines) {
			fields := strings.Fields(line)
			for _, value := range slices.Backward(fields[1:]) {
				if n, err := strconv.Atoi(value); err == nil {
					out[fields[0]] = n
				}
			}
		}
		return out
	}
	words := strings.NewReplacer("TopLeft", "1", "TopRight", "2", "BottomRight", "3", "BottomLeft", "4",
		"LeftTop", "5", "RightTop", "6", "RightBottom", "7", "LeftBottom", "8", "Undefined", "0")
	return map[string]func(t testing.TB, dir string, names []string) map[string]int{
		"exiftool": func(t testing.TB, dir string, names []string) map[string]int {
			return parse(t, runTool(t, "exiftool", append([]string{"-q", "-q", "-n", "-f", "-p", "$FileName ${EXIF:Orientation} ${XMP:Orientation}"}, paths(dir, names)...)...))
		},
		"ImageMagick": func(t testing.TB, dir string, names []string) map[string]int {
			return parse(t, words.Replace(runTool(t, "identify", append([]string{"-quiet", "-format", "%f %[orientation]\n"}, paths(dir, names)...)...)))
		},
		"Pillow": func(t testing.TB, dir string, names []string) map[string]int {
			const script = "import sys, os, warnings\nfrom PIL import Image\nwarnings.simplefilter('ignore')\n" +
				"for f in sys.argv[1:]:\n  try: o = Image.open(f).getexif().get(0x112) or 0\n  except Exception: o = -1\n  print(os.path.basename(f), o)"
			return parse(t, runTool(t, "/usr/bin/python3", append([]string{"-c", script}, paths(dir, names)...)...))
		},
	}
}

func mustWriteFile(t testing.TB, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
}
