package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"

	"golang.org/x/image/webp"
)

// A webpFrame is the first frame of an animated WebP (RFC 9649, section 2.7.1.1).
type webpFrame struct {
	at    image.Rectangle // on the canvas
	still []byte          // a WebP of the frame alone
}

// firstFrame returns the first frame of a WebP; ok is false if it is not animated.
func firstFrame(data []byte) (f webpFrame, ok bool) {
	for kind, chunk := range riffChunks(data) {
		if kind != "ANMF" || len(chunk) < 16 {
			continue
		}
		number := func(i int) int { return int(chunk[i]) | int(chunk[i+1])<<8 | int(chunk[i+2])<<16 }
		x, y, w, h := 2*number(0), 2*number(3), number(6)+1, number(9)+1
		f.at = image.Rect(x, y, x+w, y+h)
		body := []byte("WEBP")
		alpha := false
		for kind, part := range riffChunks(append(make([]byte, 12), chunk[16:]...)) {
			switch {
			case kind == "ALPH" && !alpha: // which only an extended WebP may have
				alpha = true
				extended := append([]byte{0x10, 0, 0, 0}, chunk[6:12]...)
				body = appendRIFF(appendRIFF(body, "VP8X", extended), kind, part)
			case kind == "VP8 " || kind == "VP8L":
				body = appendRIFF(body, kind, part)
				f.still = binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body)))
				f.still = append(f.still, body...)
				return f, true
			}
		}
		return f, true
	}
	return f, false
}

func appendRIFF(to []byte, kind string, data []byte) []byte {
	to = binary.LittleEndian.AppendUint32(append(to, kind...), uint32(len(data)))
	to = append(to, data...)
	return append(to, make([]byte, len(data)%2)...)
}

// decodeWebP returns the picture, of an animation the first frame on its canvas.
func decodeWebP(data []byte) (image.Image, error) {
	f, ok := firstFrame(data)
	if !ok {
		img, err := webp.Decode(bytes.NewReader(data))
		if err != nil {
			return nil, err
		}
		return fromStudioRange(img), nil
	}
	c, err := webp.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	canvas := image.Rect(0, 0, c.Width, c.Height)
	still, err := webp.DecodeConfig(bytes.NewReader(f.still))
	if err != nil {
		return nil, err
	}
	if !f.at.In(canvas) || f.at.Size() != image.Pt(still.Width, still.Height) {
		return nil, errors.New("the first frame does not fit on its canvas")
	}
	img, err := webp.Decode(bytes.NewReader(f.still))
	if err != nil {
		return nil, err
	}
	img = fromStudioRange(img)
	if f.at == canvas {
		return img, nil
	}
	return onCanvas{img, f.at, canvas}, nil
}
