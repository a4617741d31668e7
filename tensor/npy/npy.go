// Package npy reads and writes tensors in NumPy's file formats: .npy, one
// array with a small header, and .npz, a zip archive of such files.
//
// Reading accepts versions 1 to 3 of the format, floats of 2, 4 and 8 bytes,
// signed and unsigned integers of 1 to 8 bytes and booleans, in C or Fortran
// order and either byte order; all become row-major float32. Numbers are
// rounded to the nearest float32 (integers above 2^24 lose digits), but a
// float64 beyond the range of float32 is an error rather than an infinity.
// Everything else, such as structured types and Python objects, is refused.
//
// Files come from outside, so no claim of a header is believed before the data
// that would back it up has been seen. All data are copied: a file that changes
// while it is read is an error, and later changes have no effect. Errors say what
// is wrong and what would be right, are worded to follow the name of a file, and
// are one short line whatever the file holds.
//
// The format is described in numpy.lib.format and in NEP 1,
// https://numpy.org/neps/nep-0001-npy-format.html.
package npy
