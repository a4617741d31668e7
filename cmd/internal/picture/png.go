package picture

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"iter"
	"math"
	"strings"
)

const (
	pngSignature = "\x89PNG\r\n\x1a\n"
	textKeyword  = "brushgrad"

	// maxText bounds a text in bytes, and what a compressed one may unpack to. The
	// record of a run has some thousand.
	maxText = 1 << 22
)

// pngChunks yields the type and the data of the chunks of a PNG, as far as they
// are whole. Checksums are not looked at.
func pngChunks(data []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		rest, ok := bytes.CutPrefix(data, []byte(pngSignature))
		for ok && len(rest) >= 12 {
			n := binary.BigEndian.Uint32(rest)
			if uint64(n) > uint64(len(rest)-12) || !yield(string(rest[4:8]), rest[8:8+n]) {
				return
			}
			rest = rest[12+n:]
		}
	}
}

// insertPNGChunks adds to an encoded PNG, behind its header, what the options
// say and that its colours are sRGB (ISO/IEC 15948, sections 11.3.2 and
// 11.3.4.3).
func insertPNGChunks(encoded []byte, opt Options) []byte {
	const header = len(pngSignature) + 12 + 13
	out := bytes.Clone(encoded[:header])
	add := func(kind string, data []byte) {
		out = binary.BigEndian.AppendUint32(out, uint32(len(data)))
		start := len(out)
		out = append(append(out, kind...), data...)
		out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[start:]))
	}
	add("sRGB", []byte{0}) // perceptual, the intent for pictures
	// For readers that do not know sRGB, the values that the standard gives.
	add("gAMA", binary.BigEndian.AppendUint32(nil, 45455))
	var primaries []byte
	for _, v := range []uint32{31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000} {
		primaries = binary.BigEndian.AppendUint32(primaries, v)
	}
	add("cHRM", primaries)
	if opt.DPI > 0 {
		perMetre := binary.BigEndian.AppendUint32(nil, uint32(math.Round(float64(opt.DPI)/0.0254)))
		add("pHYs", append(append(perMetre, perMetre...), 1))
	}
	switch beyondASCII := func(r rune) bool { return r >= 0x80 }; {
	case opt.Text == "":
	case !strings.ContainsFunc(opt.Text, beyondASCII):
		add("tEXt", []byte(textKeyword+"\x00"+opt.Text)) // which more programs keep
	default:
		// Keyword, not compressed, no language, no translated keyword.
		add("iTXt", []byte(textKeyword+"\x00\x00\x00\x00\x00"+opt.Text))
	}
	return append(out, encoded[header:]...)
}

// ReadText returns the text that SaveAs put into a PNG. Other programs that
// have rewritten the picture since may have kept it in another of the kinds of
// text that a PNG has. Errors name the file.
func ReadText(path string) (string, error) {
	data, err := readFile(path, maxFileBytes, func(start []byte) error {
		if !bytes.HasPrefix(start, []byte(pngSignature)) {
			return errNoPNG
		}
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("%s: %w", shown(path), bare(err))
	}
	text, err := decodeText(data)
	if err != nil {
		return "", fmt.Errorf("%s: %w", shown(path), err)
	}
	return text, nil
}

func decodeText(data []byte) (string, error) {
	if !bytes.HasPrefix(data, []byte(pngSignature)) {
		return "", errNoPNG
	}
	for kind, chunk := range pngChunks(data) {
		keyword, text, ok := bytes.Cut(chunk, []byte{0})
		if !ok || string(keyword) != textKeyword {
			continue
		}
		switch kind {
		case "tEXt":
			if len(text) > maxText {
				return "", errLongText
			}
			return fromLatin1(text), nil
		case "zTXt":
			if len(text) == 0 {
				return "", errDamagedText
			}
			unpacked, err := inflate(text[0], text[1:])
			return fromLatin1(unpacked), err
		case "iTXt":
			return internationalText(text)
		}
	}
	return "", errors.New("this PNG holds no text of this program")
}

// internationalText returns the text of an iTXt chunk behind its keyword:
// whether it is compressed, how, a language, a keyword in it, and the text.
func internationalText(chunk []byte) (string, error) {
	if len(chunk) < 2 {
		return "", errDamagedText
	}
	parts := bytes.SplitN(chunk[2:], []byte{0}, 3)
	if len(parts) < 3 {
		return "", errDamagedText
	}
	text := parts[2]
	if chunk[0] != 0 {
		var err error
		if text, err = inflate(chunk[1], text); err != nil {
			return "", err
		}
	}
	if len(text) > maxText {
		return "", errLongText
	}
	return strings.ToValidUTF8(string(text), "\ufffd"), nil
}

var (
	errNoPNG       = errors.New("not a PNG, the only picture that holds a text")
	errDamagedText = errors.New("the text in this PNG is damaged")
	errLongText    = fmt.Errorf("the text in this PNG is longer than %d MiB, the most that is read", maxText>>20)
)

// inflate unpacks a text that is packed by a method, of which there is one, 0.
func inflate(method byte, packed []byte) ([]byte, error) {
	if method != 0 {
		return nil, errDamagedText
	}
	z, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, errDamagedText
	}
	text, err := io.ReadAll(io.LimitReader(z, maxText+1))
	switch {
	case err != nil:
		return nil, errDamagedText
	case len(text) > maxText:
		return nil, errLongText
	}
	return text, nil
}

func fromLatin1(text []byte) string {
	runes := make([]rune, len(text))
	for i, b := range text {
		runes[i] = rune(b)
	}
	return string(runes)
}
