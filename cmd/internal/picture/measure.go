package picture

// Header is what a file says of a picture before its pixels are decoded.
type Header struct {
	Width, Height int // upright

	head   header
	file   int64 // bytes of the file
	turned bool  // rows and columns change places
}

// DecodeHeader returns the header of the picture in the bytes of a file.
func DecodeHeader(data []byte) (h Header, err error) {
	head, err := readHeader(data)
	if err != nil {
		return h, err
	}
	defer recoverDecoder(&err)
	orientation := readMetadata(head.format, data).orientation
	h = Header{head: head, file: int64(len(data)), turned: orientation >= 5}
	h.Width, h.Height = turnedSize(head.w, head.h, orientation)
	return h, nil
}

// Fit returns the size that Decode gives the picture: see its longest.
func (h Header) Fit(longest int) (width, height int, err error) {
	return fit(h.Width, h.Height, longest)
}

// Memory returns how many bytes it takes at most to decode the picture to a size, with its
// file and the result: what a Limit limits.
func (h Header) Memory(width, height int) int64 {
	return h.file + max(h.head.decoding, h.head.image+h.head.result(width, height, h.turned))
}

// result returns the bytes that it takes to bring the decoded picture to w x h pixels,
// upright, the result included.
func (h header) result(w, ht int, turned bool) int64 {
	bytes := resultCost(int64(w)*int64(ht), h.alpha, turned)
	if turned {
		w, ht = ht, w
	}
	if w != h.w || ht != h.h {
		bytes += scaleCost(h.w, h.h, w, ht)
	}
	return bytes
}
